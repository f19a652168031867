// Removes what the scripts have built and written; with --all the installed environments too.
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { refuseUnknown } from './setup/arguments.mjs';
import { inCheckout } from './setup/checkout.mjs';
import { exitWith } from './setup/run.mjs';

const built = [
  ...['lib', 'dist', 'coverage', '.cache', 'ui-tests/results'],
  ...['labextension', 'daemon.cjs', 'cli.cjs'].map(name =>
    join('python-shim/jupyterlab_autoegg', name)
  ),
  ...['.pytest_cache', '.mypy_cache', '.ruff_cache', '.import_linter_cache']
];
const installed = ['node_modules', '.venvs'];

await exitWith(() => {
  const args = process.argv.slice(2);
  refuseUnknown(args, ['--all'], 'option');
  const buildInfo = readdirSync(inCheckout('src'), { recursive: true })
    .filter(name => name.endsWith('.tsbuildinfo'))
    .map(name => join('src', name));
  for (const path of [...built, ...buildInfo, ...(args.includes('--all') ? installed : [])])
    rmSync(inCheckout(path), { recursive: true, force: true });
});
