// Runs the benchmarks, all or those whose file name holds one of the arguments, one after the other, and writes their
// results into benchmarks/README.md.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { renewReadme } from './benchmarks-page.mjs';
import { inCheckout, root, venvPython } from './setup/checkout.mjs';
import { pythonEnvironment } from './setup/environment.mjs';
import { setUp } from './setup/index.mjs';
import { installPackages } from './setup/packages.mjs';
import { exitWith, SetupError } from './setup/run.mjs';

/** Measured with Spark 3.5 too; the others with 4.x alone. */
const onBothLines = ['first_job.py'];

await exitWith(async () => {
  const wanted = process.argv.slice(2);
  const all = readdirSync(inCheckout('benchmarks'))
    .filter(name => name.endsWith('.py'))
    .sort();
  const unknown = wanted.filter(part => !all.some(name => name.includes(part)));
  if (unknown.length) throw new SetupError(`No benchmark is named like ${unknown.join(' or ')}.`);
  const benchmarks = all.filter(name => !wanted.length || wanted.some(part => name.includes(part)));
  const { java, missing } = await setUp(['spark35']);
  for (const packages of ['peers', 'gateway']) await installPackages(packages);
  let failed = 0;
  for (const name of benchmarks)
    for (const environment of onBothLines.includes(name) ? ['lab', 'spark35'] : ['lab']) {
      if (missing[environment]) throw new SetupError(missing[environment]);
      console.log(`\n${name} (${environment})`);
      const { status } = spawnSync(venvPython(environment), [inCheckout('benchmarks', name)], {
        cwd: root,
        env: pythonEnvironment(environment, { java }),
        stdio: 'inherit'
      });
      if (status !== 0) failed += 1;
    }
  renewReadme(all.map(name => basename(name, '.py')));
  return failed ? 1 : 0;
});
