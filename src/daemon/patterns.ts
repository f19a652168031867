import { relative } from 'node:path';
import ignore, { type Ignore } from 'ignore';

/** One .gitignore file, or a list of patterns, and the folder that its patterns are relative to. */
export interface Patterns {
  folder: string;
  rules: Ignore;
  /** The file that they are written in. */
  file: string;
}

export const patternsOf = (file: string, folder: string, patterns: string | readonly string[]) => ({
  file,
  folder,
  rules: ignore().add(patterns)
});

/** The patterns by which a path is ignored; null if it is not. git's own order: the deepest file that has an opinion decides. */
export function ignoredBy(
  patterns: readonly Patterns[],
  path: string,
  folder: boolean
): Patterns | null {
  for (let index = patterns.length - 1; index >= 0; index--) {
    const { folder: base, rules } = patterns[index]!;
    const inside = relative(base, path);
    if (inside === '' || inside.startsWith('..')) {
      continue;
    }
    const verdict = rules.test(folder ? `${inside}/` : inside);
    if (verdict.ignored || verdict.unignored) {
      return verdict.ignored ? patterns[index]! : null;
    }
  }
  return null;
}
