// The formats of other tools, read by those tools: speedscope itself in the browser, its schema, the Firefox Profiler's
// command-line program, the parser of pprof's npm package and, where Go is installed, pprof.
import assert from 'node:assert/strict';
import {execFile, execFileSync, spawn} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {createRequire} from 'node:module';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {after, before, test} from 'node:test';
import {promisify} from 'node:util';
import {Ajv} from 'ajv';
import Ajv4 from 'ajv-draft-04';
import {Profile} from 'pprof-format';
import {samples, start, stop, withPage} from './browser.mjs';

const run = promisify(execFile);
const speedscope = join(dirname(createRequire(import.meta.url).resolve('speedscope/package.json')), 'dist/release');
const file = (name) => readFileSync(join(samples, name));

before(start);
after(stop);

// What speedscope's table of functions shows after it has read the file.
async function inSpeedscope(name, as) {
  return withPage(async (page) => {
    await page.goto(`file://${speedscope}/index.html#localProfilePath=none`);  // as its own command does; it then takes files
    await page.waitForFunction(() => window.speedscope);
    await page.evaluate(([title, content]) => window.speedscope.loadFileFromBase64(title, content), [as, file(name).toString('base64')]);
    await page.waitForFunction(() => document.title.includes(' - speedscope'), undefined, {timeout: 20000});
    await page.getByText('Sandwich').click();
    await page.waitForFunction(() => document.querySelectorAll('tr').length > 2);
    return page.locator('body').evaluate((body) => body.textContent);
  });
}

test('speedscope reads its own format, folded stacks and pprof', async () => {
  for (const [name, as] of [['server.speedscope', 'a.speedscope.json'], ['server.folded', 'a.folded.txt'], ['server.pprof', 'a.pb']]) {
    const shown = await inSpeedscope(name, as);
    assert.match(shown, /parse_header|retry_backoff/, name);
    assert.doesNotMatch(shown, /Something went wrong|Unrecognized/, name);
  }
});

test('speedscope reads hostile names', async () => {
  for (const [name, as] of [['hostile.speedscope', 'a.speedscope.json'], ['hostile.folded', 'a.folded.txt'], ['hostile.pprof', 'a.pb']])
    assert.match(await inSpeedscope(name, as), /window\.pwned/, name);
});

test('SARIF fits the schema of SARIF 2.1.0', () => {
  const schema = createRequire(import.meta.url).resolve('@microsoft/jest-sarif').replace(/lib[/]index[.]js$/, 'lib/schemas/sarif-2.1.0-rtm.5.json');
  const fits = new Ajv4.default({strict: false, validateFormats: false, unicodeRegExp: false}).compile(JSON.parse(readFileSync(schema, 'utf8')));
  for (const name of ['lint', 'hostile']) assert.ok(fits(JSON.parse(file(`${name}.sarif`))), `${name}: ${JSON.stringify(fits.errors?.slice(0, 3))}`);
  const broken = JSON.parse(file('lint.sarif'));
  broken.runs[0].results[0].locations[0].physicalLocation.region.startLine = 0;
  assert.ok(!fits(broken), 'the schema refuses nothing');
});

test('the speedscope file fits its schema', () => {
  const ajv = new Ajv({strict: false});
  const fits = ajv.compile(JSON.parse(readFileSync(join(speedscope, 'file-format-schema.json'), 'utf8')));
  for (const name of ['server', 'hostile']) {
    const content = JSON.parse(file(`${name}.speedscope`));
    assert.ok(fits(content), JSON.stringify(fits.errors?.slice(0, 3)));
    for (const profile of content.profiles) {
      assert.equal(profile.samples.length, profile.weights.length);
      for (const stack of profile.samples) for (const frame of stack) assert.ok(content.shared.frames[frame], `frame ${frame}`);
    }
  }
  assert.ok(!fits({shared: {}, profiles: 3}), 'the schema refuses nothing');
});

// The Firefox Profiler's own command-line program with that file loaded. Its server is started here, because its client waits
// half a second for it and then gives up, which a busy machine needs. Returns false when no server came up: now and then one
// never answers, whatever file it is given.
async function inFirefoxProfiler(name, use) {
  const cli = createRequire(import.meta.url).resolve('@firefox-devtools/profiler-cli/dist/profiler-cli.js');
  for (let attempt = 0; attempt < 3; attempt++) {
    const folder = mkdtempSync(join(tmpdir(), 'profiler-cli-'));
    const env = {...process.env, PROFILER_CLI_SESSION_DIR: folder};
    const server = spawn(process.execPath, [cli, '--daemon', join(samples, name), '--session', 'test'], {env, stdio: 'ignore'});
    const ask = async (...words) => (await run(process.execPath, [cli, ...words, '--session', 'test'], {env})).stdout;
    try {
      let answers = false;
      for (let patience = 40; patience > 0 && !answers && server.exitCode === null; patience--) {
        answers = await ask('profile', 'info').then(() => true, () => false);
        if (!answers) await new Promise((soon) => setTimeout(soon, 500));
      }
      if (!answers) continue;
      await use(ask);
      return true;
    } finally {
      server.kill();
      rmSync(folder, {recursive: true, force: true});
    }
  }
  return false;
}

test('the Firefox Profiler reads its format, with thread states as markers', async (t) => {
  const came_up = await inFirefoxProfiler('server.firefox', async (ask) => {
    const threads = await ask('thread', 'list');
    assert.match(threads, /All stacks on CPU/);
    assert.match(threads, /gateway/);
    assert.match(await ask('thread', 'samples', '--thread', 't-0'), /parse_header - total: 310\.?0*ms \(51\.7%\)/);
    const markers = await ask('thread', 'markers', '--thread', 't-2');
    assert.match(markers, /timer +\d+ markers/);
    assert.match(markers, /waiting for a CPU +\d+ markers/);
  });
  if (!came_up) return t.skip('the server of profiler-cli did not answer');
  await inFirefoxProfiler('hostile.firefox', async (ask) => assert.match(await ask('thread', 'list'), /All stacks on CPU/));
});

test('pprof\'s parser reads the profile', () => {
  const profile = Profile.decode(file('server.pprof'));
  const words = profile.stringTable.strings;
  assert.deepEqual(profile.sampleType.map((type) => `${words[Number(type.type)]}/${words[Number(type.unit)]}`), ['on_cpu/nanoseconds', 'waiting/nanoseconds']);
  const sums = [0, 1].map((i) => profile.sample.reduce((sum, sample) => sum + Number(sample.value[i]), 0) / 1e9);
  assert.ok(Math.abs(sums[0] - 0.6) < 1e-6 && Math.abs(sums[1] - 7.1) < 1e-6, String(sums));
  assert.ok(profile.function.some((f) => words[Number(f.name)] === 'retry_backoff' && words[Number(f.filename)] === 'src/upstream.cpp'));
  Profile.decode(file('hostile.pprof'));
});

test('pprof reads the profile', (t) => {
  try {
    execFileSync('go', ['version'], {stdio: 'ignore'});
  } catch {
    t.skip('no Go here (apt-get install golang-go)');
    return;
  }
  const top = (name, ...words) => execFileSync('go', ['tool', 'pprof', '-top', ...words, join(samples, name)], {encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe']});
  assert.match(top('server.pprof', '-sample_index=waiting'), /7\.10s +100%.*retry_backoff/);
  assert.match(top('server.pprof', '-sample_index=on_cpu'), /310ms .*parse_header/);
  assert.match(top('hostile.pprof', '-sample_index=waiting'), /window\.pwned/);
});
