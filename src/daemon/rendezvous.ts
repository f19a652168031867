import { mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROTOCOL, type Rendezvous } from '../protocol';
import { claim } from './leftovers';

/** What a Unix socket's path may have at most on macOS; Linux allows 107. */
const LONGEST_PATH = 103;

/** Where daemons and kernels make their folders, best first. */
export function temporaryPlaces(): string[] {
  const runtime = process.env['XDG_RUNTIME_DIR'];
  return [...(runtime ? [runtime] : []), tmpdir(), '/tmp'];
}

/** Makes the daemon's own folder (0700), whose path leaves room for a socket's name, in the first place that has room for it. */
export function privateFolder(): string {
  const uid = process.getuid?.();
  const fitting = temporaryPlaces().filter(place => {
    const stats = statSync(place, { throwIfNoEntry: false });
    const ours = stats?.isDirectory() && (stats.uid === uid || (stats.mode & 0o1000) !== 0);
    return ours && join(place, 'autoegg-XXXXXX', 'socket').length <= LONGEST_PATH;
  });
  let problem: unknown = null;
  for (const place of fitting.length ? fitting : ['/tmp']) {
    try {
      return claimed(mkdtempSync(join(place, 'autoegg-')));
    } catch (error) {
      problem ??= error;
    }
  }
  throw problem;
}

/** A folder that cannot be claimed (a full disk) goes at once, because nobody else would remove it. */
function claimed(folder: string): string {
  try {
    claim(folder);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return folder;
}

/** Says in a file (0600, replaced whole) where this daemon listens; returns what takes that back. */
export function publish(path: string, socket: string): () => void {
  const rendezvous: Rendezvous = { protocol: PROTOCOL, pid: process.pid, host: hostname(), socket };
  const temporary = `${path}.${process.pid}`;
  try {
    writeFileSync(temporary, JSON.stringify(rendezvous), { mode: 0o600 });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  return () => {
    // Another daemon may have taken over.
    try {
      if ((JSON.parse(readFileSync(path, 'utf8')) as Rendezvous).socket === socket) {
        rmSync(path, { force: true });
      }
    } catch {
      // Gone already.
    }
  };
}
