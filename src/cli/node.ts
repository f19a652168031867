import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fine, problem, type Check } from './check';

/** Node that the daemon's watcher needs (chokidar 5); `autoegg/daemon/node.py` has the same. */
const OLDEST = [20, 19] as const;

export function checkNode(): Check[] {
  const found = `${process.version} (${process.execPath})`;
  const [major, minor] = process.versions.node.split('.').map(Number) as [number, number];
  const isNew = major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
  const bundle = join(__dirname, 'daemon.cjs');
  return [
    isNew
      ? fine('Node.js', found)
      : problem(
          'Node.js',
          found,
          'the daemon needs Node.js 20.19 or newer: install it, or run `pip install "jupyterlab-autoegg[node]"`'
        ),
    existsSync(bundle)
      ? fine('daemon', bundle)
      : problem(
          'daemon',
          `${bundle} is not there`,
          'reinstall jupyterlab-autoegg, or run `npm run build:daemon` in a checkout'
        )
  ];
}
