// Builds eggs with the daemon's own code, bundled from its sources: JSON lines in, JSON lines out.
//
// {"root", "name", "what": "patch" | "whole" | "whole, deflated", "edited"} → {"seconds", "bytes"}
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const checkout = fileURLToPath(new URL('../..', import.meta.url));
const outfile = join(checkout, '.cache', 'bench', 'eggs.cjs');
await build({
  stdin: {
    contents: ['egg', 'digest', 'disk'].map(name => `export * from './${name}';`).join('\n'),
    resolveDir: join(checkout, 'src', 'daemon'),
    loader: 'ts'
  },
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  logLevel: 'warning'
});
const { buildEgg, difference, hashFile, readExactly, versionOf } = createRequire(import.meta.url)(
  outfile
);

/** What the daemon knew before the save: every file's digest. */
const known = new Map();

function filesOf(root, name) {
  if (!known.has(root)) {
    const paths = readdirSync(join(root, name), { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile() && !entry.parentPath.includes('__pycache__'))
      .map(entry => join(entry.parentPath, entry.name));
    const files = new Map(
      paths.map(path => {
        const { digest, size } = hashFile(path);
        return [relative(root, path), { digest, size }];
      })
    );
    known.set(root, { files, version: versionOf(files) });
  }
  return known.get(root);
}

async function egg({ root, name, what, edited }) {
  const before = filesOf(root, name);
  const read = (path, digest) => readExactly(join(root, path), digest);
  const started = performance.now();
  const { digest, size } = hashFile(join(root, edited));
  const files = new Map(before.files).set(edited, { digest, size });
  const label = { name, kind: 'package', version: versionOf(files) };
  let data;
  if (what === 'patch') {
    const { changed, removed } = difference(before.files, files);
    const patch = { base: before.version, deleted: removed };
    data = await buildEgg(
      label,
      new Map(changed.map(path => [path, files.get(path)])),
      patch,
      read
    );
  } else {
    data = await buildEgg(label, files, null, read, what !== 'whole');
  }
  return { seconds: (performance.now() - started) / 1000, bytes: data.length };
}

for await (const line of createInterface({ input: process.stdin }))
  console.log(JSON.stringify(await egg(JSON.parse(line))));
