import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  statSync,
  type Stats
} from 'node:fs';
import { basename } from 'node:path';
import { errorCode, Moving, refusals } from './refusal';
import { HEAD, secretIn } from './secretContents';

/**
 * What one lstat said. Equal looks mean an untouched file, unless it was written within {@link RACY} of the look:
 * time stamps are as coarse as the kernel's tick (4 ms on Linux), so two writes may share one.
 *
 * Synchronous calls on purpose: `fs.promises` takes six times as long per call.
 */
export interface Look {
  mtime: number;
  ctime: number;
  size: number;
  ino: number;
  dev: number;
  links: number;
  /** Number of the user to whom it belongs. */
  uid: number;
  /** Type and permissions, as the system has them. */
  mode: number;
  type: 'file' | 'directory' | 'link' | 'other';
  /** Clock (ms) before the look. */
  at: number;
}

/** Milliseconds before a look in which a write makes the look worthless. */
export const RACY = 50;

/** No egg can hold more: jszip writes no zip64. */
export const LARGEST = 2 ** 31 - 1;

const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'ELOOP']);
const CHUNK = HEAD;

function toLook(stats: Stats, at: number): Look {
  const type = stats.isFile()
    ? 'file'
    : stats.isDirectory()
      ? 'directory'
      : stats.isSymbolicLink()
        ? 'link'
        : 'other';
  return {
    mtime: stats.mtimeMs,
    ctime: stats.ctimeMs,
    size: stats.size,
    ino: stats.ino,
    dev: stats.dev,
    links: stats.nlink,
    uid: stats.uid,
    mode: stats.mode,
    type,
    at
  };
}

/** Looks at `path` (with `follow`, at what a symbolic link leads to); null when there is nothing. */
export function look(path: string, follow = false): Look | null {
  const at = Date.now();
  try {
    const stats = (follow ? statSync : lstatSync)(path, { throwIfNoEntry: false });
    return stats ? toLook(stats, at) : null;
  } catch (error) {
    if (ABSENT.has(errorCode(error))) {
      return null;
    }
    throw refusals.unreadable(path, errorCode(error));
  }
}

/** Is it the same file with the same time stamps? mtimes may go backwards; ctimes cannot be set by a program. */
export function same(a: Look, b: Look): boolean {
  return (
    a.mtime === b.mtime &&
    a.ctime === b.ctime &&
    a.size === b.size &&
    a.ino === b.ino &&
    a.dev === b.dev &&
    a.type === b.type
  );
}

/** Was it written so shortly before the look that a later write may have left the same stamps? */
export function racy(seen: Look, window = RACY): boolean {
  return Math.max(seen.ctime, seen.mtime) >= seen.at - window;
}

/** Opens without ever waiting: a FIFO that takes a file's place must not hold the daemon. */
function withFile<T>(
  path: string,
  use: (descriptor: number, seen: Look) => T
): { seen: Look; value: T } {
  let descriptor: number | null = null;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const before = toLook(fstatSync(descriptor), Date.now());
    if (before.type !== 'file') {
      throw new Moving(path);
    }
    if (before.size > LARGEST) {
      throw refusals.fileTooLarge(path, before.size);
    }
    const value = use(descriptor, before);
    if (!same(before, toLook(fstatSync(descriptor), 0))) {
      throw new Moving(path);
    }
    return { seen: before, value };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (error instanceof Moving || typeof code !== 'string' || !/^E[A-Z0-9]+$/.test(code)) {
      throw error;
    }
    throw ABSENT.has(code) ? new Moving(path) : refusals.unreadable(path, code);
  } finally {
    if (descriptor !== null) {
      closeSync(descriptor);
    }
  }
}

let chunk: Buffer | null = null;

/** What one reading of a file has found. */
export interface Hashed {
  /** The look that belongs to exactly these bytes. */
  seen: Look;
  /** sha256 (hex). */
  digest: string;
  size: number;
  /** What secret is in it, if that was asked. */
  secret: string | null;
}

/**
 * Reads a file. Throws {@link Moving} if it is being written.
 *
 * @param forSecrets whether to look for secrets in it
 */
export function hashFile(path: string, forSecrets = false): Hashed {
  const { seen, value } = withFile(path, (descriptor, before) => {
    const hash = createHash('sha256');
    chunk ??= Buffer.allocUnsafeSlow(CHUNK);
    let size = 0;
    let secret: string | null = null;
    for (let read; (read = readSync(descriptor, chunk, 0, CHUNK, null)) > 0; size += read) {
      const part = read === CHUNK ? chunk : chunk.subarray(0, read);
      hash.update(part);
      if (forSecrets && size === 0) {
        secret = secretIn(basename(path), part, before.size);
      }
    }
    return { digest: hash.digest('hex'), size, secret };
  });
  return { seen, ...value };
}

/** What secret the beginning of a file holds; null if none is seen, or if it cannot be read: reading it later says why. */
export function secretAt(path: string): string | null {
  try {
    return withFile(path, (descriptor, { size }) => {
      chunk ??= Buffer.allocUnsafeSlow(CHUNK);
      const read = readSync(descriptor, chunk, 0, CHUNK, null);
      return secretIn(basename(path), chunk.subarray(0, read), size);
    }).value;
  } catch {
    return null;
  }
}

/** The bytes of a file, which must have the given digest; throws {@link Moving} if they have another. */
export function readExactly(path: string, digest: string): Buffer {
  const { value } = withFile(path, (descriptor, seen) => {
    const parts: Buffer[] = [];
    for (;;) {
      const part = Buffer.allocUnsafe(Math.max(seen.size + 1, 512));
      const read = readSync(descriptor, part, 0, part.length, null);
      if (read === 0) {
        break;
      }
      parts.push(part.subarray(0, read));
      if (read < part.length && parts.length === 1 && read === seen.size) {
        break;
      }
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  });
  if (sha256(value) !== digest) {
    throw new Moving(path);
  }
  return value;
}

export function sha256(data: Buffer | string): string {
  return createHash('sha256').update(data).digest('hex');
}
