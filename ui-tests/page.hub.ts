/** A user's server below /user/NAME/, behind JupyterHub and its proxy: page, gate and panel. Galata knows no such address. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import { expect, test } from '@playwright/test';

import { edit, flat, project, row } from './shapes';
import { addCell, panel, shots } from './support';

const shot = shots('hub');

test('page, gate and panel work below the address of a user', async ({ page, baseURL }) => {
  const root = join(tmpdir(), `autoegg-ui-${new URL(baseURL!).port}`, 'files');
  const file = flat(project(root, 'hub-project'));
  const lab = page as unknown as IJupyterLabPageFixture;

  await page.goto(`${baseURL}/hub/login`);
  await page.getByLabel('Username').fill('ada');
  await page.getByLabel('Password').fill('any');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL('**/user/ada/lab/**', { timeout: 180_000 });
  await expect(page.locator('.jp-Notebook')).toBeVisible();
  await page.evaluate(async () => {
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    const { commands, restored, shell } = (window as any).jupyterapp;
    await restored;
    await commands.execute('autoegg:open-sidebar');
    await shell.currentWidget.sessionContext.ready;
  });
  await expect(panel(page)).toContainText('None of your libraries is imported yet');

  const start = 'import sys\nsys.path.insert(0, "src")\nimport shapes\nshapes.area(3)';
  expect(await addCell(lab, start)).toBe('9');
  await expect(row(lab).locator('.jp-Autoegg-condition')).toHaveText('up to date');
  edit(file, ' + 10');
  await expect(row(lab).locator('.jp-Autoegg-condition')).toHaveText('changed');
  await expect(page.locator('.jp-Autoegg-cellMark')).toHaveText(/^ran on [0-9a-f]{4}, now/);
  await panel(page).getByRole('button', { name: 'shapes: details' }).click();
  await panel(page).getByRole('button', { name: 'Changed Files' }).click();
  await panel(page)
    .getByRole('button', { name: /^~ shapes\/flat\.py/ })
    .click();
  await expect(row(lab).locator('.jp-Autoegg-diff [data-kind="added"]')).toHaveText(
    '+    return side * side + 10'
  );
  await shot(page, 'changed');
  expect(await addCell(lab, 'shapes.area(3)')).toBe('19');
  edit(file, ' +');
  expect(await addCell(lab, 'shapes.area(3)')).toContain('flat.py, line 3');
  await panel(page).getByRole('button', { name: 'Open at Line 3' }).first().click();
  await expect(page.getByRole('tab', { name: 'flat.py' })).toBeVisible();
});
