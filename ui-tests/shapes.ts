/** The project that the live tests work on: a small library of the user's own, and a notebook beside it. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { IJupyterLabPageFixture } from '@jupyterlab/galata';

import { evaluate, panel } from './support';

/** A project with a small library in `src/shapes` and a notebook that has a title, created in `parent`. */
export function project(parent: string, name: string, kernel = 'python3'): string {
  const folder = join(parent, name);
  const library = join(folder, 'src', 'shapes');
  mkdirSync(library, { recursive: true });
  writeFileSync(join(library, '__init__.py'), 'from shapes.flat import area\n');
  writeFileSync(
    join(library, 'flat.py'),
    'def area(side):\n    """The area of a square."""\n    return side * side\n'
  );
  writeFileSync(join(library, 'words.txt'), 'square\n');
  writeFileSync(
    join(folder, 'notebook.ipynb'),
    JSON.stringify({
      cells: [{ id: 'title', cell_type: 'markdown', metadata: {}, source: '# Shapes' }],
      metadata: { kernelspec: { name: kernel, display_name: kernel, language: 'python' } },
      nbformat: 4,
      nbformat_minor: 5
    })
  );
  return folder;
}

/** The project's one module with code in it. */
export const flat = (folder: string): string => join(folder, 'src', 'shapes', 'flat.py');

/** A save of it: the area of a square, and something more. A slip, if that is no Python. */
export const edit = (file: string, more: string): void =>
  writeFileSync(file, readFileSync(file, 'utf8').replace(/side \* side.*/, `side * side${more}`));

/** Its row in the panel. */
export const row = (page: IJupyterLabPageFixture) => panel(page).locator('[data-library="shapes"]');

/** A cell that imports it, and gives Spark a job with it. */
export const START = `import sys
sys.path.insert(0, "src")

import shapes
from pyspark.sql import SparkSession

sc = SparkSession.builder.getOrCreate().sparkContext

def areas():
    numbers = sc.parallelize(range(3), 2)
    return numbers.map(lambda side: shapes.area(side)).collect()

print(areas())`;

/** Java warns of what Spark loads; said beside the cells, it is in no picture. */
export const startSpark = (page: IJupyterLabPageFixture): Promise<void> =>
  evaluate(page, 'from pyspark.sql import SparkSession; SparkSession.builder.getOrCreate()');
