// The browser of the tests: Debian's Chromium, offline. Any request that is not the page itself, and any complaint of the
// page, fails the test that opened it.
import assert from 'node:assert/strict';
import {existsSync} from 'node:fs';
import {chromium} from 'playwright-core';

const path = process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((p) => existsSync(p));
export const samples = process.env.SAMPLES;

let browser;
export async function start() {
  browser = await chromium.launch({executablePath: path, args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync']});
}
export const stop = () => browser.close();

/** A page of another program's, from files only. */
export async function withPage(use) {
  const context = await browser.newContext({offline: true});
  try {
    return await use(await context.newPage());
  } finally {
    await context.close();
  }
}

export async function open(name, {width = 1280, height = 900, dark = false, scripts = true, fragment = ''} = {}, check = async () => {}) {
  const context = await browser.newContext({viewport: {width, height}, colorScheme: dark ? 'dark' : 'light', javaScriptEnabled: scripts, offline: true});
  const complaints = [];
  const page = await context.newPage();
  page.on('request', (request) => {
    if (!request.url().startsWith('file://') || request.resourceType() !== 'document') complaints.push(`request for ${request.url().slice(0, 200)}`);
  });
  page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) complaints.push(message.text().slice(0, 300)); });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('dialog', (dialog) => complaints.push(`dialog ${dialog.message()}`));
  try {
    await page.goto(`file://${samples}/${name}.html${fragment}`);
    await check(page);
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
  }
}
