/** Marks on cells, with a real kernel and a real library: stale, refused, run again, and right after every edit. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { IJupyterLabPageFixture } from '@jupyterlab/galata';

import { edit, flat, project } from './shapes';
import {
  addCell,
  expect,
  openNotebook,
  openPanel,
  panel,
  runCell,
  settings,
  shots,
  test,
  typeInto,
  unsavedTab
} from './support';

test.use({ mockSettings: settings('light', { recordVersions: 'no' }) });

const shot = shots('cells');
const marks = (page: IJupyterLabPageFixture) => page.locator('.jp-Autoegg-cellMark');
const cell = (page: IJupyterLabPageFixture, source: string) =>
  page.locator('.jp-Notebook .jp-CodeCell', { hasText: source });
const command = (page: IJupyterLabPageFixture, id: string, args = {}) =>
  page.evaluate(
    async ([id, args]) => {
      // eslint-disable-next-line @typescript-eslint/no-explicit-any
      await (window as any).jupyterapp.commands.execute(id, args);
    },
    [id, args] as const
  );
/** A person's actions are not so close together that one undo takes them all back. */
const act = async (page: IJupyterLabPageFixture, id: string): Promise<void> => {
  await page.evaluate(() => {
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    const { content } = (window as any).jupyterapp.shell.currentWidget;
    content.model.sharedModel.undoManager.stopCapturing();
  });
  await command(page, id);
};
const select = (page: IJupyterLabPageFixture, index: number) => page.notebook.selectCells(index);

/** A notebook whose cells import the library, use it, use what was made with it, and do neither. */
async function prepare(page: IJupyterLabPageFixture, root: string, name: string): Promise<string> {
  const folder = project(root, name);
  await openNotebook(page, `${name}/notebook.ipynb`);
  await openPanel(page);
  await addCell(page, 'import sys\nsys.path.insert(0, "src")');
  await addCell(page, 'from shapes import area');
  await addCell(page, 'squares = [area(i) for i in range(3)]');
  await addCell(page, 'print(squares)');
  await addCell(page, 'print("nothing of it")');
  await expect(panel(page)).toContainText('up to date');
  return flat(folder);
}

test('cells that ran on other code are marked, also after a reload, and run again with one command', async ({
  page,
  root
}) => {
  await page.goto();
  const file = await prepare(page, root, 'stale-project');
  await expect(marks(page)).toHaveCount(0);
  edit(file, ' + 10');
  await expect(marks(page)).toHaveCount(3);
  await expect(cell(page, 'nothing of it').locator('.jp-Autoegg-cellMark')).toHaveCount(0);
  await expect(cell(page, 'print(squares)').locator('.jp-Autoegg-cellMark')).toHaveText(
    /^ran on [0-9a-f]{4}, now [0-9a-f]{4}$/
  );
  await expect(panel(page)).toContainText('3 cells are out of date');
  await shot(page, 'stale');

  await command(page, 'docmanager:save');
  // The workspace brings the notebook back, so that no launcher is to be waited for.
  await page.locator('body').page().reload();
  await expect(page.locator('.jp-Notebook')).toBeVisible();
  await openPanel(page);
  await expect(marks(page)).toHaveCount(3);

  await panel(page).getByRole('button', { name: 'Run Stale Cells' }).click();
  await expect(marks(page)).toHaveCount(0);
  await expect(cell(page, 'print(squares)')).toContainText('[10, 11, 14]');
  expect(readFileSync(join(root, 'stale-project', 'notebook.ipynb'), 'utf8')).not.toContain(
    'autoegg'
  );
});

test('a library that is removed from the list and brought back has its marks and its history', async ({
  page,
  root
}) => {
  await page.goto();
  const file = await prepare(page, root, 'removed-project');
  edit(file, ' + 10');
  await expect(marks(page)).toHaveCount(3);
  await panel(page).getByRole('button', { name: 'shapes: details' }).click();
  await panel(page).getByRole('button', { name: 'Timeline' }).click();
  const history = panel(page).locator('.jp-Autoegg-timeline svg');
  await expect(history).toHaveAttribute('aria-label', /saves: 1, .*runs: [1-9]/);
  await panel(page).getByRole('button', { name: 'Remove shapes from the list' }).click();
  await expect(panel(page)).toContainText('shapes: not kept up to date');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(panel(page).getByRole('button', { name: 'shapes: details' })).toBeVisible();
  await expect(marks(page)).toHaveCount(3);
  await expect(panel(page).getByRole('button', { name: 'Versions 1' })).toBeVisible();
  await expect(history).toHaveAttribute('aria-label', /saves: 1, .*runs: [1-9]/);
  await panel(page).getByRole('button', { name: 'Run Stale Cells' }).click();
  await expect(marks(page)).toHaveCount(0);
  await expect(cell(page, 'print(squares)')).toContainText('[10, 11, 14]');
});

test('marks are right with Run All, copy, split, merge, delete and undo', async ({
  page,
  root
}) => {
  await page.goto();
  const file = await prepare(page, root, 'edited-project');
  edit(file, ' + 10');
  await expect(marks(page)).toHaveCount(3);
  await test.step('a copy shows the same results, so it has the same mark', async () => {
    await select(page, 4);
    await act(page, 'notebook:duplicate-below');
    await expect(marks(page)).toHaveCount(4);
  });
  await test.step('what is deleted comes back with its mark', async () => {
    await act(page, 'notebook:delete-cell');
    await expect(marks(page)).toHaveCount(3);
    await act(page, 'notebook:undo-cell-action');
    await expect(marks(page)).toHaveCount(4);
    await select(page, 5);
    await act(page, 'notebook:delete-cell');
    await expect(marks(page)).toHaveCount(3);
  });
  await test.step('a merged cell shows no results, so it has no mark', async () => {
    await select(page, 3);
    await act(page, 'notebook:merge-cell-below');
    await expect(marks(page)).toHaveCount(1);
    await act(page, 'notebook:undo-cell-action');
    await expect(marks(page)).toHaveCount(3);
  });
  await test.step('of a split cell, the part with the results has the mark', async () => {
    await select(page, 4);
    await page.notebook.enterCellEditingMode(4);
    await page.keyboard.press('Control+Home');
    await page.keyboard.press('ArrowRight');
    await act(page, 'notebook:split-cell-at-cursor');
    await expect(marks(page)).toHaveCount(3);
    await act(page, 'notebook:undo-cell-action');
  });
  await test.step('Run All leaves none', async () => {
    await page.notebook.run();
    await expect(marks(page)).toHaveCount(0);
  });
});

test('a notebook behind another tab has its marks when it is turned to', async ({ page, root }) => {
  await page.goto();
  const file = await prepare(page, root, 'behind-project');
  await command(page, 'docmanager:open', {
    path: 'behind-project/src/shapes/flat.py',
    factory: 'Editor'
  });
  await expect(page.locator('.jp-FileEditor')).toBeVisible();
  edit(file, ' + 10');
  await expect(panel(page)).toContainText('changed');
  await page.notebook.activate('notebook.ipynb');
  await expect(marks(page)).toHaveCount(3);
});

test('results of an earlier kernel keep their marks, also when the notebook has got another name', async ({
  page,
  root
}) => {
  await page.goto();
  const file = await prepare(page, root, 'named-project');
  await command(page, 'docmanager:save');
  await page.evaluate(async () => {
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    await (window as any).jupyterapp.shell.currentWidget.context.rename('renamed.ipynb');
  });
  await command(page, 'docmanager:save');
  edit(file, ' + 10');
  await page.evaluate(async () => {
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    await (window as any).jupyterapp.shell.currentWidget.sessionContext.shutdown();
  });
  // JupyterLab keeps a workspace some moments after the last change of it.
  await expect
    .poll(() =>
      page.evaluate(async () => {
        // eslint-disable-next-line @typescript-eslint/no-explicit-any
        const { workspaces } = (window as any).jupyterapp.serviceManager;
        return Object.keys((await workspaces.fetch('default')).data).join();
      })
    )
    .toContain('cells:named-project/renamed.ipynb');
  await page.locator('body').page().reload();
  await expect(page.locator('.jp-Notebook')).toBeVisible();
  await openPanel(page);
  await expect(panel(page)).toContainText('None of your libraries is imported yet');
  await runCell(page, 1);
  await runCell(page, 2);
  await expect(marks(page)).toHaveCount(2);
});

test('results of a run without a browser are marked by what the kernel recorded', async ({
  page,
  root
}) => {
  const path = join(project(root, 'headless-project'), 'notebook.ipynb');
  const notebook = JSON.parse(readFileSync(path, 'utf8')) as { cells: object[] };
  const code = (id: string, source: string, ran = {}) => ({
    ...{ id, cell_type: 'code', source, metadata: {}, outputs: [], execution_count: null },
    ...ran
  });
  const recorded = (own = {}) => {
    const libraries = { shapes: { version: 'a1'.repeat(32), commit: null, clean: false } };
    const autoegg = { schema: 1, libraries, python: '3.12.1', spark: null, packages: {}, ...own };
    const data = { 'text/plain': 'autoegg: ran on shapes a1a1' };
    const output = { output_type: 'display_data', data, metadata: { autoegg } };
    return { outputs: [output], execution_count: 7 };
  };
  notebook.cells.push(
    code('path', 'import sys\nsys.path.insert(0, "src")\nimport shapes'),
    code('old', 'shapes.area(2)', recorded()),
    code('at', '%%autoegg at a1a1\nshapes.area(2)', recorded({ at: true }))
  );
  writeFileSync(path, JSON.stringify(notebook));
  await page.goto();
  await openNotebook(page, 'headless-project/notebook.ipynb');
  await openPanel(page);
  await runCell(page, 1);
  await expect(panel(page)).toContainText('up to date');
  await expect(marks(page)).toHaveCount(1);
  await expect(cell(page, 'ran on shapes').first().locator('.jp-Autoegg-cellMark')).toContainText(
    'ran on a1a1, now'
  );
  await runCell(page, 2);
  await expect(marks(page)).toHaveCount(0);
});

test('a cell that the gate refused looks refused, not failed', async ({ page, root }) => {
  await page.goto();
  const file = await prepare(page, root, 'refused-project');
  writeFileSync(file, 'def area(side):\n    return side *\n');
  expect(await addCell(page, 'area(5)')).toContain('flat.py, line 2');
  const refused = cell(page, 'area(5)');
  await expect(refused).toHaveClass(/jp-Autoegg-refused/);
  await expect(refused.locator('.jp-Autoegg-cellMark')).toHaveText(/^did not run/);
  await shot(page, 'refused');
  writeFileSync(file, 'def area(side):\n    return side\n');
  await expect(panel(page)).toContainText('Repaired: run the cell again.');
  await panel(page).getByRole('button', { name: 'Run Stale Cells' }).last().click();
  await expect(refused.locator('.jp-OutputArea-output')).toHaveText('5');
  await expect(refused).not.toHaveClass(/jp-Autoegg-refused/);
  expect(await addCell(page, '1 / 0')).toContain('ZeroDivisionError');
  await expect(cell(page, '1 / 0')).not.toHaveClass(/jp-Autoegg-refused/);
});

test.describe('if the user wants it', () => {
  test.use({ mockSettings: settings('light', { recordVersions: 'yes' }) });

  test('the notebook’s file records which versions produced its results', async ({
    page,
    root
  }) => {
    await page.goto();
    const file = await prepare(page, root, 'recorded-project');
    await command(page, 'docmanager:save');
    const recorded = () =>
      (
        JSON.parse(readFileSync(join(root, 'recorded-project', 'notebook.ipynb'), 'utf8')) as {
          cells: { metadata: { autoegg?: { libraries: { shapes: { version: string } } } } }[];
        }
      ).cells.map(({ metadata }) => metadata.autoegg?.libraries.shapes.version.length ?? 0);
    expect(recorded()).toEqual([0, 0, 64, 64, 64, 0]);
    edit(file, ' + 10');
    await expect(marks(page)).toHaveCount(3);
  });
});

test.describe('unless the user has answered', () => {
  test.use({ mockSettings: settings('light') });

  test('whether files record versions is asked once', async ({ page, root }) => {
    await page.goto();
    const file = await prepare(page, root, 'asked-project');
    const question = page.getByText('Record in the notebook file');
    await expect(question).toHaveCount(0);
    edit(file, ' + 10');
    await expect(question).toBeVisible();
    await page.getByRole('button', { name: 'Never' }).click();
    await expect(question).toHaveCount(0);
    await addCell(page, 'area(1)');
    edit(file, ' + 20');
    await expect(marks(page)).toHaveCount(4);
    await expect(question).toHaveCount(0);
  });
});

test('unsaved changes of a library file are pointed out when a cell runs, and saved from there', async ({
  page,
  root
}) => {
  await page.goto();
  await prepare(page, root, 'unsaved-project');
  await typeInto(page, 'unsaved-project/src/shapes/flat.py', ' + 7');
  await expect(unsavedTab(page, 'flat.py')).toBeVisible();
  await page.notebook.activate('notebook.ipynb');
  expect(await addCell(page, 'print(area(0))')).toContain('0');
  await expect(page.getByText('flat.py has unsaved changes')).toBeVisible();
  await shot(page, 'unsaved');
  await page.getByRole('button', { name: 'Save and Run Again' }).click();
  await expect(cell(page, 'print(area(0))').locator('.jp-OutputArea-output')).toHaveText('7');
});

test.describe('with the setting that saves first', () => {
  test.use({ mockSettings: settings('light', { recordVersions: 'no', saveFirst: true }) });

  test('turning to the notebook saves the library, and the cell runs it', async ({
    page,
    root
  }) => {
    await page.goto();
    await prepare(page, root, 'saved-project');
    await typeInto(page, 'saved-project/src/shapes/flat.py', ' + 7');
    await expect(unsavedTab(page, 'flat.py')).toBeVisible();
    await page.notebook.activate('notebook.ipynb');
    await expect(unsavedTab(page, 'flat.py')).toHaveCount(0);
    expect(await addCell(page, 'print(area(0))')).toContain('7');
  });
});
