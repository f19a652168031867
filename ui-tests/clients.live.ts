/** More than one page on a notebook, and more than one notebook on a page: real kernels and a real library. */
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Locator, Page } from '@playwright/test';

import { edit, flat, project, START, startSpark } from './shapes';
import {
  addCell,
  expect,
  openNotebook,
  openPanel,
  panel,
  runCell,
  secondBrowser,
  shots,
  test
} from './support';

const shot = shots('clients');

/** What one of two browsers shows. */
const view = (page: Page) => {
  const library = panel(page);
  return {
    panel: library,
    row: library.locator('[data-library="shapes"]'),
    condition: library.locator('.jp-Autoegg-condition'),
    version: library.locator('.jp-Autoegg-version'),
    own: library.getByRole('switch', { name: 'Keep shapes up to date' }),
    marks: page.locator('.jp-Autoegg-cellMark')
  };
};

/** What stands on each of a notebook's code cells. */
const marked = (page: Page): Promise<(string | null)[]> =>
  page
    .locator('.jp-Notebook .jp-CodeCell')
    .evaluateAll(cells =>
      cells.map(cell => cell.querySelector('.jp-Autoegg-cellMark')?.textContent ?? null)
    );

test('two browsers on one notebook show the same rows, marks and refusals, and what is done in the other', async ({
  page,
  root,
  baseURL
}) => {
  const file = flat(project(root, 'clients-project'));
  await page.goto();
  await openNotebook(page, 'clients-project/notebook.ipynb');
  await openPanel(page);
  await addCell(page, 'import sys\nsys.path.insert(0, "src")\nfrom shapes import area');
  await addCell(page, 'print(area(3))');
  await page.notebook.save();
  const other = await secondBrowser(
    page,
    `${baseURL}/lab/workspaces/other/tree/clients-project/notebook.ipynb`
  );
  const both = [view(page.locator('body').page()), view(other)];
  const [here, there] = both;

  await test.step('the same row', async () => {
    for (const { condition } of both) {
      await expect(condition).toHaveText('up to date');
    }
    await expect(there.row).toContainText('3 files');
    await expect(there.version).toHaveText((await here.version.textContent())!);
  });

  await test.step('the same marks', async () => {
    edit(file, ' + 10');
    for (const { condition, marks } of both) {
      await expect(condition).toHaveText('changed');
      await expect(marks).toHaveCount(2);
    }
    await expect(there.marks.last()).toHaveText((await here.marks.last().textContent())!);
    await shot(other, 'other');
  });

  await test.step('the same refusal', async () => {
    edit(file, ' +');
    expect(await addCell(page, 'area(4)')).toContain('flat.py, line 3');
    for (const { row, condition } of both) {
      await expect(condition).toHaveText('broken');
      await expect(row).toContainText('flat.py, line 3');
    }
    edit(file, ' + 20');
    expect(await addCell(page, 'print(area(4))')).toContain('36');
    for (const { condition } of both) {
      await expect(condition).toHaveText('up to date');
    }
  });

  await test.step('what the other does', async () => {
    await there.own.click();
    await expect(here.condition).toHaveText('paused');
    await expect(here.own).toHaveAttribute('aria-checked', 'false');
    await here.own.click();
    await expect(there.condition).toHaveText('up to date');
    await there.panel
      .getByRole('switch', { name: 'Keep the libraries of this notebook up to date' })
      .click();
    await expect(here.panel).toContainText('Switched off for this notebook');
  });

  await test.step('a browser that goes leaves the other as it is', async () => {
    await other.close();
    await here.panel
      .getByRole('switch', { name: 'Keep the libraries of this notebook up to date' })
      .click();
    await expect(here.condition).toHaveText('up to date');
    edit(file, ' + 30');
    expect(await addCell(page, 'print(area(4))')).toContain('46');
  });
});

test('two browsers on one notebook with Spark agree in rows, marks and where it runs, after a save and a run in either', async ({
  page,
  root,
  baseURL
}) => {
  const file = flat(project(root, 'spark-clients'));
  await page.goto();
  await openNotebook(page, 'spark-clients/notebook.ipynb');
  await openPanel(page);
  await startSpark(page);
  expect(await addCell(page, START)).toContain('[0, 1, 4]');
  await addCell(page, 'print(shapes.area(3))');
  await page.notebook.save();
  const first = page.locator('body').page();
  const other = await secondBrowser(
    page,
    `${baseURL}/lab/workspaces/spark/tree/spark-clients/notebook.ipynb`
  );
  const [here, there] = [view(first), view(other)];
  for (const { panel } of [here, there]) {
    await panel.getByRole('button', { name: 'shapes: details' }).click();
    await panel.getByRole('button', { name: /^Where It Runs/ }).click();
  }
  /** Whatever one of them says of the library the other says too, and the same marks stand on the same cells. */
  const agree = async (condition: string, marks: number): Promise<void> => {
    for (const one of [here, there]) {
      await expect(one.condition).toHaveText(condition);
      await expect(one.marks).toHaveCount(marks);
    }
    await expect(async () => {
      expect(await there.row.innerText()).toBe(await here.row.innerText());
      expect(await marked(other)).toEqual(await marked(first));
    }).toPass();
  };

  await agree('up to date', 0);
  await expect(there.panel).toContainText('driver and 1 executor: equal');
  await expect(there.panel.locator('.jp-Autoegg-footer')).toContainText('Spark local');

  await test.step('a save', async () => {
    edit(file, ' + 10');
    await agree('changed', 2);
  });

  await test.step('a run here', async () => {
    const before = await here.version.textContent();
    expect(await runCell(first, 1)).toContain('[10, 11, 14]');
    await agree('up to date', 1);
    await expect(there.version).not.toHaveText(before!);
    await expect(there.panel).toContainText('driver and 1 executor: equal');
    await shot(other, 'spark');
  });

  await test.step('a save and a run there', async () => {
    edit(file, ' + 20');
    await agree('changed', 2);
    expect(await runCell(other, 2)).toContain('29');
    await agree('up to date', 1);
    expect(await runCell(other, 1)).toContain('[20, 21, 24]');
    await agree('up to date', 0);
  });
});

test('notebooks side by side: the panel is about the one in front, and each keeps its own marks', async ({
  page,
  root
}) => {
  const folder = project(root, 'side-project');
  const file = flat(folder);
  copyFileSync(join(folder, 'notebook.ipynb'), join(folder, 'second.ipynb'));
  const path = 'import sys\nsys.path.insert(0, "src")';
  await page.goto();
  await openNotebook(page, 'side-project/notebook.ipynb');
  await openPanel(page);
  await addCell(page, path);
  await addCell(page, 'from shapes import area');
  await addCell(page, 'print(area(3))');
  await page.evaluate(async () => {
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    const widget = await (window as any).jupyterapp.commands.execute('docmanager:open', {
      path: 'side-project/second.ipynb',
      options: { mode: 'split-right' }
    });
    await widget.context.ready;
    await widget.sessionContext.ready;
  });
  await page.notebook.activate('second.ipynb');
  await addCell(page, path);
  await addCell(page, 'import shapes');
  const notebook = (source: string): Locator =>
    page.locator('.jp-NotebookPanel', { hasText: source });
  const [first, second] = [notebook('print(area(3))'), notebook('import shapes')];
  const name = panel(page).locator('.jp-Autoegg-notebook');
  const condition = panel(page).locator('.jp-Autoegg-condition');

  await expect(first).toBeVisible();
  await expect(name).toHaveText('second.ipynb');
  await expect(condition).toHaveText('up to date');
  edit(file, ' + 10');
  await expect(first.locator('.jp-Autoegg-cellMark')).toHaveCount(2);
  await expect(second.locator('.jp-Autoegg-cellMark')).toHaveCount(1);
  await expect(panel(page)).toContainText('1 cell is out of date');

  await addCell(page, 'print(shapes.area(3))');
  await expect(condition).toHaveText('up to date');
  await expect(first.locator('.jp-Autoegg-cellMark')).toHaveCount(2);
  await panel(page).getByRole('switch', { name: 'Keep shapes up to date' }).click();
  await expect(condition).toHaveText('paused');

  await page.notebook.activate('notebook.ipynb');
  await expect(name).toHaveText('notebook.ipynb');
  await expect(condition).toHaveText('changed');
  await expect(panel(page)).toContainText('2 cells are out of date');
  await panel(page).getByRole('button', { name: 'Run Stale Cells' }).click();
  await expect(first.locator('.jp-Autoegg-cellMark')).toHaveCount(0);
  await expect(condition).toHaveText('up to date');
  await shot(page, 'side-by-side');

  await page.notebook.activate('second.ipynb');
  await expect(name).toHaveText('second.ipynb');
  await expect(condition).toHaveText('paused');
});
