/** A notebook of 500 cells that use 50 libraries, for the test and the benchmark of what a piece of news costs. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { IJupyterLabPageFixture } from '@jupyterlab/galata';

import type { KernelState, ServerState } from '../src/protocol';
import { kernel, library, NEW, OLD, server, status } from './states';

export const LIBRARIES = 50;
export const CELLS = 500;

const names = Array.from({ length: LIBRARIES }, (_, index) => `library${index}`);

/** Every cell has run the old version of one library, each library in ten cells; `changed` has moved on. */
export function manyLibraries(
  generation: number,
  changed: (index: number) => boolean
): KernelState {
  return kernel({
    generation,
    libraries: names.map((name, index) =>
      library({
        name,
        library: name,
        path: `/home/ada/src/${name}`,
        version: changed(index) ? NEW : OLD
      })
    ),
    runs: {
      session: 's1',
      codes: names.map(name => ({ [name]: OLD })),
      cells: Object.fromEntries(
        Array.from({ length: CELLS }, (_, index) => [
          `cell${index}`,
          { code: index % LIBRARIES, count: index + 1, refused: false }
        ])
      )
    }
  });
}

/** A daemon that has nothing to add. */
export const quietServer = (): ServerState =>
  server({ libraries: names.map(name => status({ library: name, name, version: null })) });

/** A notebook with the cells, in a folder that the server serves. Returns its path there. */
export function manyCells(root: string): string {
  const path = 'many-cells.ipynb';
  const cells = Array.from({ length: CELLS }, (_, index) => ({
    cell_type: 'code',
    id: `cell${index}`,
    source: `print(${index})`,
    execution_count: index + 1,
    outputs: [],
    metadata: {}
  }));
  const kernelspec = { name: 'python3', display_name: 'Python 3', language: 'python' };
  writeFileSync(
    join(root, path),
    JSON.stringify({ cells, metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 })
  );
  return path;
}

/** JupyterLab draws cells that are out of sight little by little. */
export const allDrawn = (page: IJupyterLabPageFixture) =>
  page.waitForFunction(
    () =>
      // eslint-disable-next-line @typescript-eslint/no-explicit-any
      (window as any).jupyterapp.shell.currentWidget.content.widgets.every(
        (cell: { isPlaceholder: () => boolean }) => !cell.isPlaceholder()
      ),
    undefined,
    { timeout: 300_000 }
  );
