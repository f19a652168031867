// Runs the benchmarks, all or those whose file name holds one of the arguments, one after the other.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { inCheckout, root, venvPython } from './setup/checkout.mjs';
import { pythonEnvironment } from './setup/environment.mjs';
import { setUp } from './setup/index.mjs';
import { exitWith, SetupError } from './setup/run.mjs';

await exitWith(async () => {
  const { java } = await setUp();
  const wanted = process.argv.slice(2);
  const benchmarks = readdirSync(inCheckout('benchmarks'))
    .filter(name => /\.(py|mjs)$/.test(name) && !name.startsWith('_'))
    .filter(name => !wanted.length || wanted.some(part => name.includes(part)));
  if (!benchmarks.length) throw new SetupError(`No benchmark is named like ${wanted.join(', ')}.`);
  let failed = 0;
  for (const name of benchmarks) {
    console.log(`\n${name}`);
    const program = name.endsWith('.py') ? venvPython('lab') : process.execPath;
    const { status } = spawnSync(program, [inCheckout('benchmarks', name)], {
      cwd: root,
      env: pythonEnvironment('lab', { java }),
      stdio: 'inherit'
    });
    if (status !== 0) failed += 1;
  }
  return failed ? 1 : 0;
});
