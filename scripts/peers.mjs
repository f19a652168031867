// Runs the reload's scenario suite with other reloaders too, and writes the table into docs/reload.md.
import { spawnSync } from 'node:child_process';
import { inCheckout, root, venvPython } from './setup/checkout.mjs';
import { pythonEnvironment } from './setup/environment.mjs';
import { setUp } from './setup/index.mjs';
import { installPackages } from './setup/packages.mjs';
import { exitWith } from './setup/run.mjs';

await exitWith(async () => {
  const { java } = await setUp([]);
  const peers = await installPackages('peers');
  const { status } = spawnSync(
    venvPython('lab'),
    [
      inCheckout('tests', 'reload', 'peers.py'),
      peers,
      inCheckout('docs', 'reload.md'),
      ...process.argv.slice(2)
    ],
    { cwd: root, env: pythonEnvironment('lab', { java }), stdio: 'inherit' }
  );
  return status;
});
