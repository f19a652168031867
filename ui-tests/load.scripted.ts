/** 50 libraries and 500 cells: a piece of news changes what it is about and nothing else. What it costs: benchmarks. */
import type { IJupyterLabPageFixture } from '@jupyterlab/galata';

import { allDrawn, CELLS, LIBRARIES, manyCells, manyLibraries, quietServer } from './load';
import { script, show } from './script';
import { NEW, OLD } from './states';
import { expect, openNotebook, openPanel, panel, settings, test } from './support';

test.use({
  expected: /Failed to load resource/,
  mockSettings: {
    ...settings('light', { recordVersions: 'no', showHint: false }),
    // Cells out of sight are not drawn: that is JupyterLab's work, and much of it.
    '@jupyterlab/notebook-extension:tracker': { windowingMode: 'full' }
  }
});

const version = (page: IJupyterLabPageFixture, name: string) =>
  panel(page).locator(`[data-library="${name}"] .jp-Autoegg-version`);

/** A notebook of many cells beside the panel with many libraries. */
async function openMany(page: IJupyterLabPageFixture, root: string): Promise<void> {
  await script(page, { state: manyLibraries(0, () => false), daemon: quietServer() });
  await page.goto();
  await openNotebook(page, manyCells(root));
  await openPanel(page);
}

interface ITouched {
  rows: string[];
  /** Parts of the panel outside of the rows. */
  panel: string[];
  /** Indices of the cells whose mark has changed. */
  cells: number[];
}

/** Notes from now on what of the panel and of the cells' marks is changed. */
const watch = (page: IJupyterLabPageFixture): Promise<void> =>
  page.evaluate(() => {
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    const seen = ((window as any).touched = {
      rows: new Set<string>(),
      panel: new Set<string>(),
      cells: new Set<number>()
    });
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    const { content } = (window as any).jupyterapp.shell.currentWidget;
    const isMark = (node: Node): boolean =>
      node instanceof Element && node.classList.contains('jp-Autoegg-cellMark');
    const elementOf = (node: Node): Element =>
      node instanceof Element ? node : node.parentElement!;
    const note = (records: MutationRecord[]): void => {
      for (const { target, addedNodes, removedNodes } of records) {
        const element = elementOf(target);
        const row = element.closest<HTMLElement>('[data-library]');
        if (row) {
          seen.rows.add(row.dataset.library!);
        } else if (element.closest('#autoegg-sidebar')) {
          seen.panel.add(element.className);
        } else if (
          element.closest('.jp-Autoegg-cellMark') ||
          [...addedNodes, ...removedNodes].some(isMark)
        ) {
          seen.cells.add(
            content.widgets.findIndex(({ node }: { node: Element }) => node.contains(element))
          );
        }
      }
    };
    const observer = new MutationObserver(note);
    // Cells that are scrolled out of sight are not in the document.
    const cells = content.widgets.map(({ node }: { node: Element }) => node);
    for (const root of [document.querySelector('#autoegg-sidebar')!, ...cells]) {
      observer.observe(root, {
        subtree: true,
        childList: true,
        characterData: true,
        attributes: true
      });
    }
  });

/** What has been changed since the last time, once all that is due has been drawn. */
const touched = (page: IJupyterLabPageFixture): Promise<ITouched> =>
  page.evaluate(async () => {
    for (let frame = 0; frame < 3; frame++) {
      await new Promise(resolve => requestAnimationFrame(resolve));
    }
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    const seen = (window as any).touched;
    const result = {
      rows: [...seen.rows].sort(),
      panel: [...seen.panel].sort(),
      cells: [...seen.cells].sort((a, b) => a - b)
    };
    Object.values(seen).forEach(set => (set as Set<unknown>).clear());
    return result;
  });

const NOTHING: ITouched = { rows: [], panel: [], cells: [] };

test('news of one library of 50 changes its row and the marks of its cells, and news that is none nothing', async ({
  page,
  root
}) => {
  await openMany(page, root);
  await expect(panel(page).locator('.jp-Autoegg-library')).toHaveCount(LIBRARIES);
  await expect(version(page, 'library49')).toHaveText(OLD.slice(0, 4));
  await watch(page);
  await touched(page);

  await test.step('one library', async () => {
    await show(
      page,
      manyLibraries(1, index => index === 7)
    );
    await expect(version(page, 'library7')).toHaveText(NEW.slice(0, 4));
    await expect(panel(page)).toContainText('10 cells are out of date');
    expect(await touched(page)).toEqual({
      rows: ['library7'],
      panel: expect.not.arrayContaining(['jp-Autoegg-list']),
      cells: Array.from({ length: CELLS / LIBRARIES }, (_, index) => index * LIBRARIES + 7)
    });
  });

  await test.step('the same again', async () => {
    await show(
      page,
      manyLibraries(1, index => index === 7)
    );
    expect(await touched(page)).toEqual(NOTHING);
  });

  await test.step('what nobody sees', async () => {
    await show(
      page,
      manyLibraries(2, index => index === 7)
    );
    expect(await touched(page)).toEqual(NOTHING);
  });

  await test.step('while the panel is hidden: the marks alone', async () => {
    await page.sidebar.openTab('filebrowser');
    await expect(panel(page)).toBeHidden();
    await touched(page);
    await show(
      page,
      manyLibraries(3, index => index === 8)
    );
    await expect(async () => {
      const { cells, ...rest } = await touched(page);
      expect(rest).toEqual({ rows: [], panel: [] });
      expect(cells).toHaveLength((2 * CELLS) / LIBRARIES);
    }).toPass();
    await openPanel(page);
    await expect(version(page, 'library8')).toHaveText(NEW.slice(0, 4));
    await expect(version(page, 'library7')).toHaveText(OLD.slice(0, 4));
  });
});

test.describe('in JupyterLab’s own windowing', () => {
  test.use({ mockSettings: settings('light', { recordVersions: 'no', showHint: false }) });

  test('cells far from what is seen count as stale, and show their mark when they come near', async ({
    page,
    root
  }) => {
    await openMany(page, root);
    await allDrawn(page);
    await show(
      page,
      manyLibraries(1, index => index === 7)
    );
    const cell = (index: number) => page.locator('.jp-Notebook .jp-CodeCell').nth(index);
    const mark = (index: number) => cell(index).locator('.jp-Autoegg-cellMark');
    await expect(panel(page)).toContainText('10 cells are out of date');
    await expect(mark(7)).toBeVisible();
    await expect(mark(457)).toHaveCount(0);
    await expect(async () => {
      // Where it stands is known only once what is above it has been shown.
      await cell(457).scrollIntoViewIfNeeded();
      await expect(mark(457)).toBeInViewport({ timeout: 1000 });
    }).toPass();
    await show(
      page,
      manyLibraries(2, () => false)
    );
    await expect(mark(457)).toHaveCount(0);
    await cell(7).scrollIntoViewIfNeeded();
    await expect(mark(7)).toHaveCount(0);
  });
});
