import { mkdtempSync, rmdirSync, statfsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { look } from '../daemon/disk';
import { amount, errorCode } from '../daemon/refusal';
import { defaultStore } from '../daemon/store';
import { fine, problem, warning, type Check } from './check';

/** Below this much free space (bytes) eggs of a large library may not fit. */
const ROOM = 1_000_000_000;

/** May we write where we have to, and is there room? */
export function checkFolders(): Check[] {
  const store = defaultStore();
  return [
    store === null
      ? warning(
          'store of eggs',
          'no home directory',
          'set HOME or XDG_CACHE_HOME to a folder of yours'
        )
      : check('store of eggs', store, 'or set XDG_CACHE_HOME to a folder of yours'),
    check('temporary files', tmpdir(), 'or set TMPDIR to a folder of yours')
  ];
}

function check(name: string, folder: string, or: string): Check {
  const there = existing(folder);
  const stats = statSync(there);
  if (!stats.isDirectory()) {
    return problem(name, `${there} is not a directory`, `remove it, ${or}`);
  }
  try {
    // Checking permissions is not enough: root has them even where no file can be written.
    rmdirSync(mkdtempSync(join(there, '.autoegg-doctor-')));
  } catch (error) {
    const found = `${there} cannot be written to (${errorCode(error)})`;
    return problem(name, found, `\`chmod u+rwx ${there}\`, ${or}`);
  }
  const shared = (stats.mode & 0o022) !== 0 && (stats.mode & 0o1000) === 0;
  if (shared) {
    return warning(name, `others may write into ${there}`, `\`chmod go-w ${there}\`, ${or}`);
  }
  const space = statfsSync(there);
  const free = space.bavail * space.bsize;
  const found = `${folder}, ${amount(free)} free`;
  return free < ROOM ? warning(name, found, `make room, ${or}`) : fine(name, found);
}

/** The folder itself, or the nearest above it that is there. */
function existing(folder: string): string {
  return look(folder, true) ? folder : existing(dirname(folder));
}
