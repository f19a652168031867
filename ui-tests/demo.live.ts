/** The demo notebook in a real browser, with the real server, daemon, kernel shim and Spark. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { IJupyterLabPageFixture } from '@jupyterlab/galata';

import {
  expect,
  openNotebook,
  openPanel,
  panel,
  RESULTS,
  runCell,
  settings,
  test
} from './support';

interface ICell {
  metadata: { 'autoegg-demo'?: { step: string } };
}

/** Index of the demo's cell whose metadata says that it is this step. */
function cellOf(root: string, step: string): number {
  const { cells } = JSON.parse(readFileSync(join(root, 'demo', 'demo.ipynb'), 'utf8')) as {
    cells: ICell[];
  };
  const index = cells.findIndex(({ metadata }) => metadata['autoegg-demo']?.step === step);
  expect(index, `a cell for the step "${step}"`).toBeGreaterThan(-1);
  return index;
}

const row = (page: IJupyterLabPageFixture) => panel(page).locator('[data-library="tagscrape"]');
const condition = (page: IJupyterLabPageFixture) => row(page).locator('.jp-Autoegg-condition');
const version = (page: IJupyterLabPageFixture) => row(page).locator('.jp-Autoegg-version');

/** An edit that is made outside JupyterLab, as an editor would. */
const edit = (root: string, name: string): void => {
  execFileSync('python3', ['edit.py', name], { cwd: join(root, 'demo') });
};

test.use({ mockSettings: settings('light') });

test('a save reaches driver and workers with the next cell, and the sidebar shows it', async ({
  page,
  root
}) => {
  // The whole demo: on a machine that has other work to do it comes near the limit.
  test.slow();
  const image = join(root, 'demo', 'src', 'tagscrape', 'image.py');
  const original = readFileSync(image, 'utf8');
  const shot = (name: string) => page.screenshot({ path: join(RESULTS, 'demo', `${name}.png`) });
  const run = (step: string) => runCell(page, cellOf(root, step));
  try {
    await page.goto();
    await openNotebook(page, 'demo/demo.ipynb');
    await openPanel(page);
    await expect(panel(page)).toContainText('None of your libraries is imported yet');

    await test.step('import: the library is listed', async () => {
      await run('import the library');
      await expect(row(page)).toBeVisible();
      await run('serve the pages');
      await run('test it on the driver');
      await expect(condition(page)).toHaveText('up to date');
      await expect(panel(page)).toContainText('No Spark session yet');
      await shot('1-driver');
    });

    await test.step('Spark: its workers get the library', async () => {
      await run('start Spark');
      expect(await run('where workers import from')).toContain('every worker imports from an egg');
      await expect(panel(page)).toContainText('Spark local');
      await run('scrape with flatMap');
      await expect(row(page)).toContainText(/sent to Spark .* in /);
      await shot('2-spark');
    });

    await test.step('an edit on disk: seen at once, run by the next cell', async () => {
      const before = await version(page).textContent();
      edit(root, 'domain');
      await expect(condition(page)).toHaveText('changed');
      await shot('3-changed');
      expect(await run('the old RDD, new code')).toContain('rows, with a domain');
      await expect(condition(page)).toHaveText('up to date');
      expect(await version(page).textContent()).not.toBe(before);
      await shot('4-new-code');
    });

    await test.step('a broken edit: refused, by file and line', async () => {
      edit(root, 'break');
      const output = await run('refused, by name');
      expect(output).toMatch(/tagscrape\/image\.py, line \d+/);
      await expect(condition(page)).toHaveText('broken');
      await expect(row(page)).toContainText(/tagscrape\/image\.py, line \d+/);
      await shot('5-broken');
      edit(root, 'repair');
      expect(await run('runs again')).toContain('rows, with a domain');
      await expect(condition(page)).toHaveText('up to date');
    });

    await test.step('the toolbar button: shipped without a cell', async () => {
      writeFileSync(image, `${readFileSync(image, 'utf8')}\nSHIPPED = True\n`);
      await expect(condition(page)).toHaveText('changed');
      const button = page
        .locator('.jp-NotebookPanel-toolbar')
        .getByRole('button', { name: /^Ship library/ });
      await button.click();
      await expect(page.locator('.Toastify__toast--success')).toBeInViewport({ ratio: 1 });
      await expect(page.locator('.Toastify__toast--success')).toContainText(
        /tagscrape [0-9a-f]{4,} \(.+ m?s\)/
      );
      await expect(condition(page)).toHaveText('up to date');
      await shot('6-shipped');
    });

    await test.step('the switch: paused, an edit is ignored; resumed, it is not', async () => {
      const before = await version(page).textContent();
      const own = panel(page).getByRole('switch', { name: 'Keep tagscrape up to date' });
      await own.click();
      await expect(condition(page)).toHaveText('paused');
      writeFileSync(image, `${readFileSync(image, 'utf8')}\nPAUSED = True\n`);
      await run('runs again');
      await expect(version(page)).toHaveText(before!);
      await shot('7-paused');
      await own.click();
      await run('runs again');
      await expect(condition(page)).toHaveText('up to date');
      expect(await version(page).textContent()).not.toBe(before);
    });
  } finally {
    writeFileSync(image, original);
  }
});

test('a restarted kernel is followed again, and the master switch leaves it alone', async ({
  page,
  root
}) => {
  await page.goto();
  await openNotebook(page, 'demo/demo.ipynb');
  await openPanel(page);
  await runCell(page, cellOf(root, 'import the library'));
  await expect(row(page)).toBeVisible();
  await page.evaluate(async () => {
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    await (window as any).jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart();
  });
  await expect(panel(page)).toContainText('None of your libraries is imported yet');
  await runCell(page, cellOf(root, 'import the library'));
  await expect(row(page)).toBeVisible();
  const all = panel(page).getByRole('switch', {
    name: 'Keep the libraries of this notebook up to date'
  });
  await all.click();
  await expect(panel(page)).toContainText('Switched off for this notebook');
  await expect(page.locator('#jp-main-statusbar')).toContainText('autoegg · off');
});
