/** Where the page leads: marks, versions, files, menus and the palette. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import type { IJupyterLabPageFixture } from '@jupyterlab/galata';

import { script, show } from './script';
import { failure, kernel, library, NEW, OLD, server, status } from './states';
import {
  addCell,
  evaluate,
  expect,
  openNotebook,
  openPanel,
  panel,
  RESULTS,
  seriousIn,
  settings,
  test
} from './support';

const before = 'def scrape(url):\n    return fetch(url)\n';
const after = 'def scrape(url):\n    return fetch(url, retries=3)\n';

/** A notebook in front, the panel beside it, and a server that has two versions of `scrape.py`. */
async function begin(page: IJupyterLabPageFixture): Promise<void> {
  await script(page, {
    state: kernel(),
    daemon: server({ libraries: [status({ version: NEW })] })
  });
  await page.route(/\/autoegg\/changes/, route =>
    route.fulfill({ json: { changed: ['tagscrape/scrape.py'], added: [], removed: [] } })
  );
  await page.route(/\/autoegg\/file/, route => {
    const version = new URL(route.request().url()).searchParams.get('version');
    const text = version === OLD ? before : after;
    return route.fulfill({ json: { path: 'tagscrape/scrape.py', version, text } });
  });
  await page.goto();
  await openNotebook(page, 'notebook.ipynb');
  await openPanel(page);
  await expect(panel(page)).toContainText('The next cell switches to 7a21');
}

const shot = (page: IJupyterLabPageFixture, name: string) =>
  page.screenshot({ path: join(RESULTS, 'leads', `${name}.png`) });

/** Ids and prompt numbers of the notebook's code cells that have run. */
const ran = (page: IJupyterLabPageFixture): Promise<Record<string, number>> =>
  page.evaluate(() => {
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    const { widgets } = (window as any).jupyterapp.shell.currentWidget.content;
    const cells: Record<string, number> = {};
    for (const { model } of widgets) {
      if (model.type === 'code' && model.executionCount) {
        cells[model.id] = model.executionCount;
      }
    }
    return cells;
  });

/** Has the kernel say that these cells ran on the old version, or were refused. */
async function say(page: IJupyterLabPageFixture, refused: boolean): Promise<void> {
  const cells = Object.entries(await ran(page)).map(([id, count]) => [
    id,
    { code: refused ? null : 0, count, refused }
  ]);
  const runs = {
    session: refused ? 's2' : 's1',
    codes: [{ tagscrape: OLD }],
    cells: Object.fromEntries(cells)
  };
  await show(
    page,
    kernel(
      refused
        ? { runs, refusal: failure, libraries: [library({ condition: 'broken', failure })] }
        : { runs }
    )
  );
}

const marks = (page: IJupyterLabPageFixture) => page.locator('.jp-Autoegg-cellMark');

for (const theme of ['light', 'dark'] as const) {
  test.describe(`in the ${theme} theme`, () => {
    test.use({
      mockSettings: settings(theme, { showHint: false, recordVersions: 'no' }),
      expected: /Failed to load resource/
    });

    test('a mark stands below the output, and leads to what changed, side by side', async ({
      page
    }) => {
      await begin(page);
      await addCell(page, 'print("a line that reaches far to the right. " * 4)');
      await say(page, false);
      await expect(marks(page)).toHaveText(['ran on 3f9c, now 7a21']);
      const output = await page.locator('.jp-OutputArea-output').last().boundingBox();
      const mark = await marks(page).boundingBox();
      const cell = await page.locator('.jp-Notebook .jp-CodeCell').last().boundingBox();
      expect(mark!.y).toBeGreaterThanOrEqual(output!.y + output!.height);
      expect(mark!.y + mark!.height).toBeLessThanOrEqual(cell!.y + cell!.height);
      await shot(page, `mark-${theme}`);
      await marks(page).getByRole('button').click();
      await expect(page.getByRole('tab', { name: 'tagscrape 3f9c → 7a21' })).toBeVisible();
      const sides = page.locator('.jp-Autoegg-compareHost .cm-content');
      await expect(sides.first()).toContainText('return fetch(url)');
      await expect(sides.last()).toContainText('return fetch(url, retries=3)');
      expect(await seriousIn(page, '.jp-Autoegg-compare')).toEqual([]);
      await shot(page, `diff-${theme}`);
    });

    test('a cell that was refused leads to the line that is to blame', async ({ page }) => {
      await begin(page);
      await addCell(page, '1');
      await say(page, true);
      await expect(marks(page)).toHaveText(['did not run · open at line 12']);
      await expect(panel(page)).toContainText('1 cell did not run');
      await shot(page, `refused-${theme}`);
      await marks(page).getByRole('button').click();
      await expect(page.getByRole('tab', { name: 'scrape.py (read only)' })).toBeVisible();
    });
  });
}

test.describe('the page', () => {
  test.use({ mockSettings: settings('light', { showHint: false, recordVersions: 'no' }) });
  test.beforeEach(async ({ page }) => begin(page));

  test('counts cells until they have run, and leads from the count to the next one', async ({
    page
  }) => {
    for (const source of ['pause = 0', 'import time; time.sleep(pause)', '2']) {
      await addCell(page, source);
    }
    await say(page, false);
    const count = panel(page).getByRole('button', { name: '3 cells are out of date' });
    await count.click();
    await expect(page.locator('.jp-Notebook .jp-CodeCell.jp-mod-active')).toHaveCount(1);
    await evaluate(page, 'pause = 3600');
    await page.evaluate(() => {
      // eslint-disable-next-line @typescript-eslint/no-explicit-any
      const app = (window as any).jupyterapp;
      const { content } = app.shell.currentWidget;
      content.activeCellIndex = content.widgets.length - 2;
      void app.commands.execute('notebook:run-cell');
      content.activeCellIndex = content.widgets.length - 1;
      void app.commands.execute('notebook:run-cell');
    });
    await expect(page.locator('.jp-InputPrompt', { hasText: '[*]' })).toHaveCount(2);
    await expect(count).toBeVisible();
  });

  test('removes a library from the list and brings it back', async ({ page }) => {
    await panel(page).getByRole('button', { name: 'tagscrape: details' }).click();
    await panel(page).getByRole('button', { name: 'Remove tagscrape from the list' }).click();
    await expect(panel(page)).toContainText('tagscrape: not kept up to date');
    await shot(page, 'removed');
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(panel(page)).toContainText('The next cell switches to 7a21');
  });

  test('has menus on rows and on folders, and a tour', async ({ page, root }) => {
    await panel(page).locator('.jp-Autoegg-name').first().click({ button: 'right' });
    for (const item of ['Open Library', 'Show Changes', 'Copy Version', 'Remove tagscrape']) {
      await expect(page.getByRole('menuitem', { name: item })).toBeVisible();
    }
    await shot(page, 'menu');
    await page.keyboard.press('Escape');
    await panel(page).getByRole('button', { name: 'Help' }).click();
    await expect(page.locator('.jp-Autoegg-tour')).toContainText('Where It Runs');
    await shot(page, 'tour');
    mkdirSync(join(root, 'helpers'), { recursive: true });
    await page.sidebar.openTab('filebrowser');
    await page.filebrowser.refresh();
    await page.notebook.activate('notebook.ipynb');
    await page.locator('.jp-DirListing-item', { hasText: 'helpers' }).click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Keep Up to Date in This Notebook' }).click();
    await expect(page.getByText('helpers: kept up to date from now on')).toBeVisible();
  });

  test('lists its commands in the palette under autoegg, spark and library', async ({ page }) => {
    await page.keyboard.press('Control+Shift+c');
    for (const word of ['autoegg', 'spark', 'library']) {
      await page.locator('.lm-CommandPalette-input').fill(word);
      for (const label of ['Ship Library', 'Tour of Library Code']) {
        await expect(
          page.locator('.lm-CommandPalette-itemLabel').getByText(label, { exact: true })
        ).toBeVisible();
      }
    }
    const item = page.locator('.lm-CommandPalette-item', { hasText: 'Ship Library' });
    await expect(item.locator('.lm-CommandPalette-itemShortcut')).toContainText('Ctrl');
    await shot(page, 'palette');
  });
});
