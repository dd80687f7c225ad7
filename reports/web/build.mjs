// Bundles the page's scripts and styles into dist/, which is committed: `node build.mjs`. With --check nothing is written;
// the exit status says whether dist/ is what the sources give, byte for byte.
import {readFile, writeFile, mkdir} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {build} from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const limitBytes = 150 * 1024;

const options = {bundle: true, minify: true, write: false, charset: 'ascii', legalComments: 'none', logLevel: 'warning'};
const script = await build({...options, entryPoints: [join(here, 'src/main.ts')], format: 'iife', target: ['es2022']});
const style = await build({...options, entryPoints: [join(here, 'report.css')], target: ['chrome123', 'firefox120', 'safari17.5']});
const outputs = new Map([['report.js', script.outputFiles[0].text], ['report.css', style.outputFiles[0].text]]);

let size = 0;
for (const text of outputs.values()) size += Buffer.byteLength(text);
if (size > limitBytes) throw new Error(`the bundle has ${size} bytes, at most ${limitBytes} are allowed`);
for (const [name, text] of outputs)
  if (/<\/(script|style)/i.test(text)) throw new Error(`${name} would end the element that it is embedded in`);

for (const [name, text] of outputs) {
  const path = join(here, 'dist', name);
  if (process.argv.includes('--check')) {
    const committed = await readFile(path, 'utf8').catch(() => '');
    if (committed !== text) throw new Error(`${path} is not what its sources give; run: npm run build`);
  } else {
    await mkdir(dirname(path), {recursive: true});
    await writeFile(path, text);
  }
}
console.log(`${size} bytes of scripts and styles`);
