// shoot.mjs REPORTS PICTURES [WIDTH...]: the first screens of each report, light, and one of them dark.
import {existsSync, mkdirSync, readdirSync} from 'node:fs';
import {basename, join, resolve} from 'node:path';

const {chromium} = await import(process.env.PLAYWRIGHT);
const [reports, pictures, ...widths] = process.argv.slice(2);
const browser = await chromium.launch({executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu']});
mkdirSync(pictures, {recursive: true});
const shoot = async (file, {width, dark = false, whole = false}) => {
  const context = await browser.newContext({viewport: {width, height: 1200}, colorScheme: dark ? 'dark' : 'light', offline: true});
  const page = await context.newPage();
  await page.goto(`file://${resolve(reports, file)}`);
  const name = `${basename(file, '.html')}${widths.length ? `-${width}` : ''}${dark ? '-dark' : ''}.png`;
  await page.screenshot({path: join(pictures, name), fullPage: whole});
  await context.close();
};
for (const file of readdirSync(reports).filter((name) => name.endsWith('.html')))
  for (const width of widths.length ? widths.map(Number) : [1280]) await shoot(file, {width, whole: widths.length > 0});
if (!widths.length && existsSync(join(reports, 'cpp-server.html'))) await shoot('cpp-server.html', {width: 1280, dark: true});
await browser.close();
