/** Real-time collaboration: the notebook is one document for all browsers, its library's files too, and no save is asked for. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { Page } from '@playwright/test';

import { edit, flat, project, START, startSpark } from './shapes';
import {
  addCell,
  expect,
  openNotebook,
  openPanel,
  panel,
  runCell,
  secondBrowser,
  settings,
  shots,
  test,
  typeInto
} from './support';

test.use({ mockSettings: settings('light', { recordVersions: 'yes', showHint: false }) });

const shot = shots('together');
const marks = (page: Page) => page.locator('.jp-Autoegg-cellMark');
const condition = (page: Page) => panel(page).locator('.jp-Autoegg-condition');

/** A notebook, with the panel beside it, that has imported the library. */
async function prepare(page: IJupyterLabPageFixture, root: string, name: string): Promise<void> {
  project(root, name);
  await page.goto();
  await openNotebook(page, `${name}/notebook.ipynb`);
  await openPanel(page);
  await addCell(page, 'import sys\nsys.path.insert(0, "src")');
  await addCell(page, 'from shapes import area');
}

test('two people on one shared notebook with Spark: rows, marks, results and recorded versions are the same', async ({
  page,
  root,
  baseURL
}) => {
  const folder = project(root, 'shared-project');
  const file = flat(folder);
  await page.goto();
  await openNotebook(page, 'shared-project/notebook.ipynb');
  await openPanel(page);
  const here = page.locator('body').page();
  await startSpark(page);
  expect(await addCell(page, START)).toContain('[0, 1, 4]');
  const there = await secondBrowser(
    page,
    `${baseURL}/lab/workspaces/shared/tree/shared-project/notebook.ipynb`
  );
  await addCell(page, 'print(shapes.area(3))');
  await expect(there.locator('.jp-Notebook .jp-CodeCell')).toHaveCount(2);
  for (const one of [here, there]) {
    await expect(condition(one)).toHaveText('up to date');
    await expect(marks(one)).toHaveCount(0);
  }
  await test.step('a save', async () => {
    edit(file, ' + 10');
    for (const one of [here, there]) {
      await expect(condition(one)).toHaveText('changed');
      await expect(marks(one)).toHaveCount(2);
    }
    await shot(there, 'changed');
  });
  await test.step('a run there', async () => {
    await panel(there).getByRole('button', { name: 'Run Stale Cells' }).click();
    for (const one of [here, there]) {
      await expect(marks(one)).toHaveCount(0);
      await expect(one.locator('.jp-Notebook')).toContainText('[10, 11, 14]');
      await expect(condition(one)).toHaveText('up to date');
    }
  });
  await test.step('the file', async () => {
    const recorded = () =>
      (
        JSON.parse(readFileSync(join(folder, 'notebook.ipynb'), 'utf8')) as {
          cells: { metadata: { autoegg?: { libraries: { shapes: { version: string } } } } }[];
        }
      ).cells.map(({ metadata }) => metadata.autoegg?.libraries.shapes.version);
    await expect(async () => {
      const [heading, ...cells] = recorded();
      expect(heading).toBeUndefined();
      const title = await panel(here).locator('.jp-Autoegg-version').getAttribute('title');
      const [now] = title!.split(' ');
      expect(cells).toEqual([now, now]);
    }).toPass();
  });
});

test('what one person types in a library file is on disk without a save, and the other one’s next cell runs it', async ({
  page,
  root,
  baseURL
}) => {
  await prepare(page, root, 'typed-project');
  const here = page.locator('body').page();
  await addCell(page, 'print(area(3))');
  const there = await secondBrowser(
    page,
    `${baseURL}/lab/workspaces/typed/tree/typed-project/notebook.ipynb`
  );
  await expect(condition(there)).toHaveText('up to date');
  await typeInto(page, 'typed-project/src/shapes/flat.py', ' + 7');
  for (const one of [here, there]) {
    await expect(condition(one)).toHaveText('changed');
  }
  await expect(marks(there)).toHaveCount(2);
  expect(await runCell(there, 3)).toContain('16');
  await expect(marks(there)).toHaveCount(1);
  await page.notebook.activate('notebook.ipynb');
  await expect(marks(here)).toHaveCount(1);
  await expect(here.locator('.jp-Notebook')).toContainText('16');
  await expect(here.getByText('unsaved changes')).toHaveCount(0);
});

test('a cell that is run right after typing has what was typed, by itself or with the button that is offered', async ({
  page,
  root
}) => {
  await prepare(page, root, 'early-project');
  await typeInto(page, 'early-project/src/shapes/flat.py', ' + 7');
  await page.notebook.activate('notebook.ipynb');
  const first = await addCell(page, 'print(area(0))');
  const here = page.locator('body').page();
  if (!first.includes('7')) {
    await expect(here.getByText('flat.py has unsaved changes')).toBeVisible();
    await here.getByRole('button', { name: 'Save and Run Again' }).click();
  }
  await expect(
    here.locator('.jp-CodeCell', { hasText: 'print(area(0))' }).locator('.jp-OutputArea-output')
  ).toHaveText('7');
});
