import { lstatSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { OWNER_FILE, type Owner } from '../protocol';
import { errorCode } from './refusal';

/**
 * Where process numbers mean the same: one boot of one kernel and one of its pid namespaces. A folder for temporary
 * files may be shared between containers, or machines of one name.
 */
export function machine(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}

/** Does a process of that number run on this machine? */
export function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
  return !isZombie(pid);
}

/** Has it ended without being reaped? In a container this may never happen. */
function isZombie(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The state follows the program's name, which may hold anything.
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
  } catch {
    return false;
  }
}

/** Says that a folder goes with this process. A folder without that file is left alone by {@link sweep}. */
export function claim(folder: string): void {
  const owner: Owner = { pid: process.pid, machine: machine() };
  writeFileSync(join(folder, OWNER_FILE), JSON.stringify(owner), { mode: 0o600 });
}

/**
 * Removes folders `autoegg-*` in the given places that this user's killed processes left behind. Only what names a
 * dead owner goes: a folder that is being made names none yet, and no living process takes over another's folder.
 */
export function sweep(places: readonly string[]): void {
  const here = machine();
  for (const place of new Set(places)) {
    for (const name of namesIn(place)) {
      const folder = join(place, name);
      if (name.startsWith('autoegg-') && isLeftBehind(folder, here)) {
        rmSync(folder, { recursive: true, force: true });
      }
    }
  }
}

function namesIn(place: string): string[] {
  try {
    return readdirSync(place);
  } catch {
    return [];
  }
}

function isLeftBehind(folder: string, here: string): boolean {
  try {
    const stats = lstatSync(folder);
    if (!stats.isDirectory() || stats.uid !== process.getuid?.()) {
      return false;
    }
    const owner = JSON.parse(readFileSync(join(folder, OWNER_FILE), 'utf8')) as Partial<Owner>;
    return (
      owner.machine === here &&
      Number.isSafeInteger(owner.pid) &&
      owner.pid! > 0 &&
      !lives(owner.pid!)
    );
  } catch {
    return false;
  }
}
