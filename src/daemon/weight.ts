import { LARGEST, look } from './disk';
import { refusals, warnings } from './refusal';
import type { Tree } from './tree';

/** Bytes of a library from which on a person should know what makes it so large. */
const LARGE = 10_000_000;
/** How many of the largest files are named. */
const NAMED = 3;

/** Refuses a library that has too many bytes, by their names, before any of them is read. */
export function weigh(tree: Tree): void {
  const { bytes } = tree.leaves;
  if (bytes <= tree.rules.settings.most && bytes <= LARGEST) {
    return;
  }
  const largest = tree.leaves.largest(NAMED);
  if (largest[0]!.size > LARGEST) {
    throw refusals.fileTooLarge(largest[0]!.path, largest[0]!.size);
  }
  throw refusals.tooLarge(tree.root, bytes, Math.min(tree.rules.settings.most, LARGEST), largest);
}

/** What a person should know of the contents of a tree that is shipped: secrets left out, and large files. */
export function warningsOf(tree: Tree): string[] {
  const found = [...tree.rules.secrets]
    .filter(([path]) => look(path) !== null)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, why]) => warnings.secret(path, why));
  found.push(...[...tree.rules.unfollowed].sort().map(warnings.unfollowed));
  if (tree.leaves.bytes > LARGE) {
    found.push(warnings.large(tree.root, tree.leaves.bytes, tree.leaves.largest(NAMED)));
  }
  return found;
}
