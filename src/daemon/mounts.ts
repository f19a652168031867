import { readFileSync } from 'node:fs';
import type { LibraryKind } from '../protocol';

const TABLE = '/proc/self/mountinfo';

/** Of the whole process: libraries ask one after the other, and the table seldom differs. */
let table: { text: string; mounts: { point: string; line: string }[] } = { text: '', mounts: [] };

/**
 * The mounts in a library, as lines of the system's table; empty if there are none.
 *
 * A watch follows a folder, and what is mounted lies in another one: a single file that is mounted (`docker -v
 * ./settings.py:/app/lib/settings.py`) is changed at its source, and inotify reports nothing here. Nor does it report
 * that something was mounted over a folder, or that it is gone again. No device number shows a bind mount. A library that
 * is a mount as a whole is none of this: its watches are in what is mounted, and its root is looked at each time.
 *
 * Where the table cannot be read, anything may be mounted. Elsewhere than on Linux no event is relied upon anyway.
 */
export function mountsIn(root: string, kind: LibraryKind): string {
  if (process.platform !== 'linux') {
    return '';
  }
  let text: string;
  try {
    text = readFileSync(TABLE, 'utf8');
  } catch {
    return TABLE;
  }
  if (text !== table.text) {
    const lines = text.split('\n').filter(line => line !== '');
    table = { text, mounts: lines.map(line => ({ point: pointOf(line), line })) };
  }
  return table.mounts
    .filter(({ point }) => (kind === 'module' ? point === root : point.startsWith(`${root}/`)))
    .map(({ line }) => line)
    .join('\n');
}

/** The fifth field; blanks, line breaks and backslashes in it are octal (proc_pid_mountinfo(5)). */
function pointOf(line: string): string {
  const point = line.split(' ', 5)[4] ?? '';
  return point.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(parseInt(octal, 8))
  );
}
