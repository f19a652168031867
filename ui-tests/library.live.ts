/** What the panel tells of one library, and does with it: real server, daemon, kernel and Spark. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { IJupyterLabPageFixture } from '@jupyterlab/galata';

import { edit, flat, project, row, START, startSpark } from './shapes';
import { addCell, expect, openNotebook, openPanel, panel, shots, test } from './support';

const shot = shots('library');

/** Unfolds a part of the panel by its title. */
async function unfold(page: IJupyterLabPageFixture, title: string | RegExp): Promise<void> {
  const button = panel(page).getByRole('button', { name: title });
  if ((await button.getAttribute('aria-expanded')) !== 'true') {
    await button.click();
  }
}

/** A notebook with its panel beside it. Returns the library's file. */
async function begin(
  page: IJupyterLabPageFixture,
  root: string,
  name: string,
  withSpark = true
): Promise<string> {
  const file = flat(project(root, name));
  await page.goto();
  await openNotebook(page, `${name}/notebook.ipynb`);
  await openPanel(page);
  await page.sidebar.setWidth(360, 'left');
  if (withSpark) {
    await startSpark(page);
  }
  return file;
}

const condition = (page: IJupyterLabPageFixture) => row(page).locator('.jp-Autoegg-condition');

test('one library, unfolded: what ships, where it runs, what has changed', async ({
  page,
  root
}) => {
  const file = await begin(page, root, 'shapes-project');
  expect(await addCell(page, START)).toContain('[0, 1, 4]');
  expect(await addCell(page, 'shapes.area(12)')).toBe('144');
  await expect(condition(page)).toHaveText('up to date');
  await expect(row(page)).toContainText('3 files');
  await shot(page, 'overview');
  const first = await row(page).locator('.jp-Autoegg-version').first().textContent();
  await unfold(page, 'shapes: details');

  await test.step('what ships, and why', async () => {
    writeFileSync(join(file, '..', 'credentials.json'), '{}');
    await unfold(page, 'What Ships, and Why');
    const contents = row(page).getByRole('table').first();
    await expect(contents).toContainText('shapes/flat.py');
    await expect(contents).toContainText('3 files in all');
    await unfold(page, '1 left out');
    await expect(row(page).getByRole('table').nth(1)).toContainText('shapes/credentials.json');
    await shot(page, 'contents');
    await panel(page).getByRole('button', { name: 'What Ships, and Why' }).click();
  });

  await test.step('where it runs: the driver first, all equal at a glance', async () => {
    await expect(panel(page).getByRole('button', { name: /^Where It Runs/ })).toContainText(
      'driver and 1 executor: equal'
    );
    await unfold(page, /^Where It Runs/);
    await panel(page).getByRole('button', { name: 'Ask All Executors' }).click();
    await expect(page.getByText('driver and executors agree')).toBeInViewport({ ratio: 1 });
    await expect(row(page).getByRole('row', { name: /workers on/ })).toContainText(first!);
    await shot(page, 'executors');
    await panel(page)
      .getByRole('button', { name: /^Where It Runs/ })
      .click();
  });

  await test.step('what has changed since the last ship, line by line', async () => {
    await unfold(page, 'Changed Files');
    await expect(row(page)).toContainText('Nothing has changed since');
    edit(file, ' + 10');
    await expect(condition(page)).toHaveText('changed');
    await unfold(page, /^~ shapes\/flat\.py/);
    const lines = row(page).locator('.jp-Autoegg-diff');
    await expect(lines.locator('[data-kind="removed"]')).toHaveText('-    return side * side');
    await expect(lines.locator('[data-kind="added"]')).toHaveText('+    return side * side + 10');
    await shot(page, 'changes');
  });
});

test('an older version is run by driver and workers, survives a save, and is released', async ({
  page,
  root
}) => {
  const file = await begin(page, root, 'pinned-project');
  const ask = 'print(areas(), shapes.area(1))';
  expect(await addCell(page, START)).toContain('[0, 1, 4]');
  const first = await row(page).locator('.jp-Autoegg-version').first().textContent();
  edit(file, ' + 10');
  expect(await addCell(page, ask)).toContain('[10, 11, 14] 11');
  await unfold(page, 'shapes: details');
  await unfold(page, /^Versions/);
  const versions = row(page).locator('.jp-Autoegg-versions > li');
  await expect(versions).toHaveCount(2);
  await expect(versions.first()).toContainText('flat.py');
  await panel(page)
    .getByRole('button', { name: `Use version ${first}` })
    .click();
  await expect(condition(page)).toHaveText('pinned');
  expect(await addCell(page, ask)).toContain('[0, 1, 4] 1');
  edit(file, ' + 20');
  await expect(row(page)).toContainText('on disk does not run');
  expect(await addCell(page, ask)).toContain('[0, 1, 4] 1');
  await shot(page, 'pinned');
  await panel(page).getByRole('button', { name: 'Use Newest Version' }).click();
  await expect(condition(page)).not.toHaveText('pinned');
  expect(await addCell(page, ask)).toContain('[20, 21, 24] 21');
  await expect(condition(page)).toHaveText('up to date');
});

test('cached data of older code is pointed out, recomputed and unpersisted', async ({
  page,
  root
}) => {
  const file = await begin(page, root, 'cached-project');
  expect(await addCell(page, START)).toContain('[0, 1, 4]');
  await addCell(
    page,
    'kept = sc.parallelize(range(3), 2).map(lambda side: shapes.area(side)).cache()\nkept.count()'
  );
  edit(file, ' + 30');
  expect(await addCell(page, 'print(sorted(kept.collect()))')).toContain('[0, 1, 4]');
  await unfold(page, /^Cached Data/);
  const list = panel(page).getByRole('list', { name: 'Cached Data' });
  await expect(list).toContainText('computed with shapes');
  await unfold(page, 'Timeline');
  await shot(page, 'cached');
  await panel(page).getByRole('button', { name: 'Recompute kept' }).click();
  await expect(list).not.toContainText('computed with shapes');
  expect(await addCell(page, 'print(sorted(kept.collect()))')).toContain('[30, 31, 34]');
  await panel(page).getByRole('button', { name: 'Unpersist kept' }).click();
  await expect(list).toHaveCount(0);
});

test('a syntax error opens at its line in the editor', async ({ page, root }) => {
  const file = await begin(page, root, 'slip-project', false);
  await addCell(page, 'import sys\nsys.path.insert(0, "src")\nimport shapes');
  await expect(row(page)).toBeVisible();
  edit(file, ' +');
  expect(await addCell(page, 'shapes.area(1)')).toContain('flat.py, line 3');
  await shot(page, 'broken');
  await panel(page).getByRole('button', { name: 'Open at Line 3' }).first().click();
  await expect(page.getByRole('tab', { name: 'flat.py' })).toBeVisible();
  await expect(page.locator('#jp-main-statusbar')).toContainText('Ln 3');
});

test('a library is added from a folder and removed again', async ({ page, root }) => {
  project(root, 'added-project');
  await page.goto();
  await openNotebook(page, 'added-project/notebook.ipynb');
  await openPanel(page);
  await addCell(page, '1');
  await expect(panel(page)).toContainText('None of your libraries is imported yet');
  await panel(page).getByRole('button', { name: 'Add library' }).click();
  const dialog = page.locator('.jp-Dialog');
  await expect(dialog).toContainText('The folder of a package');
  await expect(dialog.getByText('src', { exact: true })).toBeVisible();
  await dialog.getByText('src', { exact: true }).dblclick();
  await dialog.getByText('shapes', { exact: true }).click();
  await dialog.getByRole('button', { name: 'Select' }).click();
  await expect(row(page)).toContainText('not imported');
  await unfold(page, 'shapes: details');
  await panel(page).getByRole('button', { name: 'Remove shapes from the list' }).click();
  await expect(row(page)).toHaveCount(0);
});

test('a syntax error in a library outside the server’s root opens read-only at its line', async ({
  page,
  root
}) => {
  project(root, 'outside-project');
  const outside = project(join(root, '..'), 'outside');
  const file = flat(outside);
  await page.goto();
  await openNotebook(page, 'outside-project/notebook.ipynb');
  await openPanel(page);
  await addCell(
    page,
    `import sys\nsys.path.insert(0, ${JSON.stringify(join(outside, 'src'))})\nimport shapes`
  );
  edit(file, ' +');
  expect(await addCell(page, 'shapes.area(1)')).toContain('flat.py, line 3');
  await panel(page).getByRole('button', { name: 'Open at Line 3' }).first().click();
  await expect(page.getByRole('tab', { name: 'flat.py (read only)' })).toBeVisible();
  const editor = page.locator('.jp-Autoegg-file .cm-content');
  await expect(editor).toContainText('return side * side +');
  await expect(editor).toHaveAttribute('aria-readonly', 'true');
  await shot(page, 'outside');
  execFileSync('rm', ['-r', outside]);
});
