/** A library of the server's side in a kernel behind a gateway, which does not see the server's files. */
import { writeFileSync } from 'node:fs';

import type { IJupyterLabPageFixture } from '@jupyterlab/galata';

import { edit, flat, project, row } from './shapes';
import {
  addCell,
  expect,
  openNotebook,
  openPanel,
  panel,
  restartKernel,
  shots,
  test
} from './support';

const shot = shots('gateway');
const condition = (page: IJupyterLabPageFixture) => row(page).locator('.jp-Autoegg-condition');

test('a folder of the file browser is run by a kernel elsewhere, and the panel shows it like any other', async ({
  page,
  root
}) => {
  const file = flat(project(root, 'far-project', 'far'));
  await page.goto();
  await openNotebook(page, 'far-project/notebook.ipynb');
  await openPanel(page);
  await page.sidebar.setWidth(360, 'left');
  expect(await addCell(page, 'import shapes')).toContain('ModuleNotFoundError');

  await test.step('added in the file browser', async () => {
    await page.sidebar.openTab('filebrowser');
    await page.filebrowser.openDirectory('far-project/src');
    await page.notebook.activate('notebook.ipynb');
    await page.locator('.jp-DirListing-item', { hasText: 'shapes' }).click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Keep Up to Date in This Notebook' }).click();
    await expect(page.getByText('The kernel can import shapes from now on.')).toBeVisible();
    await openPanel(page);
  });

  await test.step('each cell runs what is on the disk of the server', async () => {
    expect(await addCell(page, 'import shapes\nshapes.area(3)')).toBe('9');
    await expect(condition(page)).toHaveText('up to date');
    await expect(row(page)).toContainText('3 files');
    edit(file, ' + 10');
    await expect(condition(page)).toHaveText('changed');
    await shot(page, 'changed');
  });

  await test.step('contents and changes are those of the server’s files', async () => {
    await panel(page).getByRole('button', { name: 'shapes: details' }).click();
    await panel(page).getByRole('button', { name: 'What Ships, and Why' }).click();
    await expect(row(page).getByRole('table').first()).toContainText('shapes/flat.py');
    await panel(page).getByRole('button', { name: 'What Ships, and Why' }).click();
    await panel(page).getByRole('button', { name: 'Changed Files' }).click();
    await panel(page)
      .getByRole('button', { name: /^~ shapes\/flat\.py/ })
      .click();
    await expect(row(page).locator('.jp-Autoegg-diff [data-kind="added"]')).toHaveText(
      '+    return side * side + 10'
    );
    await shot(page, 'changes');
    expect(await addCell(page, 'shapes.area(3)')).toBe('19');
    await expect(condition(page)).toHaveText('up to date');
  });

  await test.step('a failure opens at its line in the user’s own file', async () => {
    writeFileSync(file, 'def area(side):\n    return side *\n');
    expect(await addCell(page, 'shapes.area(3)')).toContain('flat.py, line 2');
    await panel(page).getByRole('button', { name: 'Open at Line 2' }).first().click();
    await expect(page.getByRole('tab', { name: 'flat.py' })).toBeVisible();
    await page.notebook.activate('notebook.ipynb');
    writeFileSync(file, 'def area(side):\n    return side\n');
  });

  await test.step('a kernel that was restarted has it in the cell that runs at once', async () => {
    await restartKernel(page);
    expect(await addCell(page, 'import shapes\nshapes.area(3)')).toBe('3');
    await expect(condition(page)).toHaveText('up to date');
  });
});
