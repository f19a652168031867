// Runs the benchmarks, all or those whose file name holds one of the arguments, one after the other, and writes their
// results into benchmarks/README.md.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { installPeers } from './benchmarks/peers.mjs';
import { renewReadme } from './benchmarks/readme.mjs';
import { inCheckout, root, venvPython } from './setup/checkout.mjs';
import { pythonEnvironment } from './setup/environment.mjs';
import { setUp } from './setup/index.mjs';
import { exitWith, SetupError } from './setup/run.mjs';

await exitWith(async () => {
  const { java } = await setUp();
  await installPeers();
  const wanted = process.argv.slice(2);
  const all = readdirSync(inCheckout('benchmarks'))
    .filter(name => name.endsWith('.py'))
    .sort();
  const benchmarks = all.filter(name => !wanted.length || wanted.some(part => name.includes(part)));
  if (!benchmarks.length) throw new SetupError(`No benchmark is named like ${wanted.join(', ')}.`);
  let failed = 0;
  for (const name of benchmarks) {
    console.log(`\n${name}`);
    const { status } = spawnSync(venvPython('lab'), [inCheckout('benchmarks', name)], {
      cwd: root,
      env: pythonEnvironment('lab', { java }),
      stdio: 'inherit'
    });
    if (status !== 0) failed += 1;
  }
  renewReadme(all.map(name => basename(name, '.py')));
  return failed ? 1 : 0;
});
