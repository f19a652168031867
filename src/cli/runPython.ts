import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { resolve } from 'node:path';

/**
 * Runs a Python, which must not execute what lies in the current folder: with `-c` and `-m` that comes first on its path, so
 * that a `json.py` in a folder received from others would be run. `-I` would also ignore PYTHONPATH, where Spark may be.
 */
export function runPython(python: string, ...args: string[]): SpawnSyncReturns<string> {
  const program = python.includes('/') ? resolve(python) : python;
  return spawnSync(program, args, { cwd: '/', encoding: 'utf8', timeout: 60_000 });
}
