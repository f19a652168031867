import { relative } from 'node:path';
import type { LibraryContents } from '../protocol';
import { contentsOf } from '../daemon/listing';
import { librariesAt } from '../daemon/project';
import { amount } from '../daemon/refusal';
import type { Outcome } from './outcome';

/** What of the libraries at a path is shipped, and by which rule. */
export async function list(path: string): Promise<Outcome> {
  const libraries = await Promise.all(librariesAt(path).map(contentsOf));
  return {
    text: libraries.map(show).join('\n'),
    remarks: libraries.flatMap(library => library.warnings),
    data: { libraries },
    failed: false
  };
}

function show({ spec, files, leftOut }: LibraryContents): string {
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  const count = files.length === 1 ? '1 file' : `${files.length} files`;
  const shipped = files.map(({ path, size, rule }) => [path, amount(size), rule]);
  const others = leftOut.map(({ path, rule }) => [relative(process.cwd(), path), '', rule]);
  const lines = [`${spec.name} (${spec.kind}): ${count}, ${amount(bytes)}, from ${spec.path}`];
  lines.push(...columns(shipped));
  if (others.length > 0) {
    lines.push('not shipped:', ...columns(others));
  }
  return `${lines.join('\n')}\n`;
}

function columns(rows: string[][]): string[] {
  const widths = [0, 1].map(column => Math.max(...rows.map(row => row[column]!.length)));
  return rows.map(
    ([name, size, rule]) => `  ${name!.padEnd(widths[0]!)}  ${size!.padStart(widths[1]!)}  ${rule}`
  );
}
