/** Notebook 7: the same panel and button, without a status bar and with the panel folded away at first. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, panel, RESULTS, settings, test } from './support';

test.use({ mockSettings: settings('light'), appPath: '' });

test('Notebook 7 opens the panel from its View menu and lists the library', async ({
  page,
  baseURL,
  root
}) => {
  expect(readFileSync(join(root, 'demo', 'demo.ipynb'), 'utf8')).toContain('import tagscrape');
  // Galata's own `goto` waits for JupyterLab's launcher.
  const raw = page.locator('body').page();
  await raw.goto(`${baseURL}/notebooks/demo/demo.ipynb`);
  await expect(raw.locator('.jp-Notebook')).toBeVisible();
  const cell = raw.locator('.jp-Notebook .jp-Cell.jp-CodeCell').first();
  // A key that comes before the kernel is connected does nothing.
  await expect(async () => {
    await cell.click();
    await raw.keyboard.press('Control+Enter');
    await expect(cell.locator('.jp-InputPrompt').first()).toHaveText(/\[\d+\]:/, {
      timeout: 5_000
    });
  }).toPass({ timeout: 90_000 });
  await raw.getByRole('menuitem', { name: 'View' }).click();
  await raw.getByRole('menuitem', { name: 'Library Code' }).first().click();
  await expect(panel(page)).toBeVisible();
  await expect(panel(page).locator('[data-library="tagscrape"]')).toBeVisible();
  await expect(raw.getByRole('button', { name: /^Ship library/ }).first()).toBeEnabled();
  await raw.screenshot({ path: join(RESULTS, 'notebook7', 'panel.png') });
});

test('the file list of Notebook 7 is left alone', async ({ page, baseURL }) => {
  const raw = page.locator('body').page();
  await raw.goto(`${baseURL}/tree`);
  await expect(raw.locator('.jp-FileBrowser')).toBeVisible();
  await expect(panel(page)).toHaveCount(0);
});
