import { mkdtempSync, readFileSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorCode } from '../daemon/refusal';
import { fine, problem, warning, type Check } from './check';

const LIMITS = '/proc/sys/fs/inotify';
/** Below these a library of 10,000 files, with an editor's own watches, exhausts the system. */
const ENOUGH = { max_user_watches: 65_536, max_user_instances: 128, max_queued_events: 16_384 };

/** Can folders be watched, and enough of them? */
export async function checkWatching(): Promise<Check[]> {
  const limits = process.platform === 'linux' ? Object.entries(ENOUGH).flatMap(limit) : [];
  return [...limits, await tryOut()];
}

function limit([name, enough]: [string, number]): Check[] {
  let value: number;
  try {
    value = Number(readFileSync(join(LIMITS, name), 'utf8'));
  } catch {
    return [];
  }
  const title = `fs.inotify.${name}`;
  return [
    value >= enough
      ? fine(title, String(value))
      : warning(
          title,
          `${value}: when none are left, all files are checked before each cell`,
          `\`sudo sysctl ${title}=${8 * enough}\`, and the same line in /etc/sysctl.d to keep it`
        )
  ];
}

function tryOut(): Promise<Check> {
  const folder = mkdtempSync(join(tmpdir(), 'autoegg-doctor-'));
  const done = (check: Check) => {
    rmSync(folder, { recursive: true, force: true });
    return check;
  };
  return new Promise(resolve => {
    try {
      const watcher = watch(folder);
      watcher.close();
      resolve(done(fine('watching', 'a folder can be watched')));
    } catch (error) {
      const cure =
        process.platform === 'linux'
          ? '`sudo sysctl fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=1024`, or end programs that watch many files'
          : 'end programs that watch many files';
      resolve(done(problem('watching', `a folder cannot be watched (${errorCode(error)})`, cure)));
    }
  });
}
