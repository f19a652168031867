// Removes what the scripts have built and written; with --all the installed environments too.
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { inCheckout } from './setup/checkout.mjs';

const built = [
  ...['lib', 'dist', 'coverage', '.cache', 'ui-tests/results'],
  ...['labextension', 'daemon.cjs', 'cli.cjs'].map(name =>
    join('python-shim/jupyterlab_autoegg', name)
  ),
  ...['.pytest_cache', '.mypy_cache', '.ruff_cache', '.import_linter_cache']
];
const installed = ['node_modules', '.venvs'];
const buildInfo = readdirSync(inCheckout('src'), { recursive: true })
  .filter(name => name.endsWith('.tsbuildinfo'))
  .map(name => join('src', name));

const all = process.argv.includes('--all');
for (const path of [...built, ...buildInfo, ...(all ? installed : [])])
  rmSync(inCheckout(path), { recursive: true, force: true });
