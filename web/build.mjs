// Builds the page into dist/, which the program embeds. The same sources make the same bytes, wherever they lie.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const folder = import.meta.dirname;
const dist = join(folder, 'dist');

// A file that needs itself, by way of others, cannot be understood or tested alone; imports of types count.
const imports = new Map(readdirSync(join(folder, 'src')).filter((name) => /\.tsx?$/.test(name)).map((name) =>
  [name, [...readFileSync(join(folder, 'src', name), 'utf8').matchAll(/from "\.\/([^"]+)"/g)].map(([, file]) => file)]));
const done = new Set();
function follow(name, path) {
  if (path.includes(name)) throw new Error(`src/ has a cycle: ${[...path.slice(path.indexOf(name)), name].join(' → ')}`);
  if (done.has(name)) return;
  for (const next of imports.get(name) ?? []) follow(next, [...path, name]);
  done.add(name);
}
for (const name of imports.keys()) follow(name, []);

rmSync(dist, { recursive: true, force: true });

const { metafile } = await build({
  absWorkingDir: folder,
  entryPoints: ['src/main.tsx', 'src/icon.svg'],
  outdir: dist,
  outbase: 'src',
  entryNames: 'assets/[name]-[hash]', // what a name stands for never changes: browsers may keep it
  bundle: true,
  minify: true,
  format: 'esm',
  target: ['es2022', 'chrome105', 'firefox110', 'safari16'],
  charset: 'utf8',
  loader: { '.svg': 'copy' },
  legalComments: 'none',
  metafile: true,
});

let html = readFileSync(join(folder, 'src/index.html'), 'utf8');
for (const path of Object.keys(metafile.outputs)) {
  const [, name, extension] = /^dist\/assets\/(\w+)-\w+\.(\w+)$/.exec(path);
  const reference = `"/${name}.${extension}"`;
  if (!html.includes(reference)) throw new Error(`index.html does not name ${reference}`);
  html = html.replace(reference, `"${path.slice('dist'.length)}"`);
}
mkdirSync(dist, { recursive: true });
writeFileSync(join(dist, 'index.html'), html);
