import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** The user's home directory; null where nothing says which it is (in a container: a number without a name, and no HOME). */
export function home(): string | null {
  try {
    return absolute(homedir());
  } catch {
    return null;
  }
}

/** Where this user's programs keep what can be rebuilt; null without a home. */
export function caches(): string | null {
  // A relative path is invalid there (XDG Base Directory Specification); it would lead into the user's own files.
  const named = absolute(process.env['XDG_CACHE_HOME'] ?? '');
  const own = home();
  return named ?? (own === null ? null : join(own, '.cache'));
}

const absolute = (path: string) => (isAbsolute(path) ? path : null);
