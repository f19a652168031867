import type { LibraryContents, LibrarySpec } from '../protocol';
import { admit } from './admission';
import type { Cover } from './branch';
import { sortPaths } from './digest';
import { Tree } from './tree';
import { warningsOf, weigh } from './weight';

/** A look at a tree that is not continued. */
const unwatched: Cover = { cover: () => undefined, uncover: () => undefined };

/** A library's tree as it is at this moment. Throws what it is refused with. */
export async function treeOf(
  spec: LibrarySpec,
  leftOut: LibraryContents['leftOut'] = []
): Promise<Tree> {
  const root = admit(spec);
  const tree = await Tree.open(root, spec.name, spec.kind, unwatched, null, (path, rule) =>
    leftOut.push({ path, rule })
  );
  tree.rules.agree();
  weigh(tree);
  tree.leaves.findSecrets();
  tree.leaveOutSecrets();
  return tree;
}

/** What of a library is shipped, and what is not, by which rule. Throws what it is refused with. */
export async function contentsOf(spec: LibrarySpec): Promise<LibraryContents> {
  const leftOut: LibraryContents['leftOut'] = [];
  const tree = await treeOf(spec, leftOut);
  const leaves = new Map([...tree.leaves.all()].map(leaf => [leaf.name, leaf]));
  return {
    spec,
    files: sortPaths([...leaves.keys()]).map(path => {
      const { size, rule } = leaves.get(path)!;
      return { path, size, rule };
    }),
    leftOut: leftOut.sort((a, b) => (a.path < b.path ? -1 : 1)),
    warnings: warningsOf(tree)
  };
}
