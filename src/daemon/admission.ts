import { realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, isAbsolute, join } from 'node:path';
import type { LibrarySpec } from '../protocol';
import { look } from './disk';
import { home } from './home';
import { refusals } from './refusal';

/**
 * Checks that a path may be a library and returns its real path. Throws a refusal that names the path; what is wrong
 * with the path is reported before what is wrong with its name, because renaming `site-packages` does not help.
 */
export function admit({ name, kind, path }: LibrarySpec): string {
  if (!isAbsolute(path)) {
    throw refusals.notAbsolute(path);
  }
  if (!['package', 'module', 'namespace'].includes(kind)) {
    throw refusals.badKind(path, kind);
  }
  let real: string;
  try {
    real = realpathSync.native(path);
  } catch {
    throw refusals.missing(path);
  }
  if (kind === 'module') {
    if (look(real)?.type !== 'file' || !path.endsWith('.py')) {
      throw refusals.notModule(path);
    }
  } else {
    if (look(real)?.type !== 'directory') {
      throw refusals.notDirectory(path);
    }
    const what = tooWide(real);
    if (what) {
      throw refusals.tooWide(path, what);
    }
  }
  // Dotted where a part of a namespace lies in a folder of its own, as `package_dir` of setuptools can say.
  if (!name.split('.').every(part => /^[\p{ID_Start}_][\p{ID_Continue}]*$/u.test(part))) {
    throw refusals.badName(path, name);
  }
  return real;
}

/** What a folder is that must never be shipped as one library; null if it may be. */
export function tooWide(real: string): string | null {
  const own = home();
  const realHome = own === null ? null : realOr(own);
  if (real === '/') {
    return 'the root of the file system';
  }
  if (real === realHome) {
    return 'the home directory';
  }
  if (realHome?.startsWith(`${real}/`)) {
    return 'a folder above the home directory';
  }
  if (real === realOr(tmpdir()) || real === realOr('/tmp')) {
    return 'the folder for temporary files';
  }
  if (look(join(real, 'pyvenv.cfg'))) {
    return 'a virtual environment';
  }
  if (/^(site|dist)-packages$/.test(basename(real))) {
    return `the ${basename(real)} folder of installed packages`;
  }
  return null;
}

function realOr(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}
