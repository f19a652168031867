import { sha256 } from './disk';

/** The files of one version: POSIX path relative to the directory that goes on `sys.path`, and content. */
export type Files = Map<string, { digest: string; size: number }>;

const SURROGATE = /[\ud800-\udfff]/;

/** Sorts paths as their UTF-8 bytes sort, which is also how Python sorts strings; JavaScript sorts UTF-16 units. */
export function sortPaths(paths: string[]): string[] {
  return paths.some(path => SURROGATE.test(path))
    ? paths.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    : paths.sort();
}

/** The version of a library: sha256 over its sorted lines `path NUL digest LF`, so of names and contents and nothing else. */
export function versionOf(files: ReadonlyMap<string, { digest: string }>): string {
  let lines = '';
  for (const path of sortPaths([...files.keys()])) {
    lines += `${path}\0${files.get(path)!.digest}\n`;
  }
  return sha256(lines);
}

/** What differs between two versions, both lists sorted. */
export function difference(from: Files, to: Files): { changed: string[]; removed: string[] } {
  const changed: string[] = [];
  for (const [path, file] of to) {
    if (from.get(path)?.digest !== file.digest) {
      changed.push(path);
    }
  }
  const removed = [...from.keys()].filter(path => !to.has(path));
  return { changed: sortPaths(changed), removed: sortPaths(removed) };
}

export function bytesOf(files: Files): number {
  let bytes = 0;
  for (const file of files.values()) {
    bytes += file.size;
  }
  return bytes;
}
