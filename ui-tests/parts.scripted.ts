/** Everything that can be unfolded, in both themes, at the panel's narrowest and at 200 % zoom. */
import { join } from 'node:path';

import type { IJupyterLabPageFixture } from '@jupyterlab/galata';

import type { Changes, Difference } from '../src/protocol';
import { script } from './script';
import { contents, kernel, library, NEW, OLD, server, status } from './states';
import {
  expect,
  openNotebook,
  openPanel,
  panel,
  RESULTS,
  seriousIn,
  settings,
  test
} from './support';

const AT = '2026-05-04T15:04:33Z';

const changes: Changes = {
  changed: ['tagscrape/scrape.py', 'tagscrape/a_package_with_a_long_name/a_module_with_one.py'],
  added: ['tagscrape/retry.py'],
  removed: ['tagscrape/old.py']
};

const difference: Difference = {
  lines: [
    '@@ -12,3 +12,4 @@',
    ' def scrape_page(url):',
    '-    page = fetch(url)',
    '+    page = fetch(url, retries=3, timeout_seconds=20, headers={"User-Agent": "tagscrape"})',
    '+    check(page)',
    '     return list(images_of(page))'
  ],
  reason: null,
  cut: false
};

/** A kernel of which there is much to tell: changed code, executors that differ, versions, cached data of older code. */
const much = kernel({
  spark: {
    kind: 'classic',
    application: 'app-20260504150312-0007',
    master: 'spark://spark:7077',
    web: 'http://spark:4040'
  },
  libraries: [
    library({
      history: [
        {
          version: OLD,
          at: AT,
          cell: 14,
          files: ['tagscrape/scrape.py', 'tagscrape/image.py'],
          changes: 2,
          git: { commit: '0d5b8f2'.padEnd(40, '1'), dirty: true }
        },
        { version: NEW, at: AT, cell: null, files: ['tagscrape/scrape.py'], changes: 1, git: null },
        {
          version: OLD,
          at: AT,
          cell: 3,
          files: [],
          changes: 0,
          git: { commit: 'c24e9a1'.padEnd(40, '2'), dirty: false }
        }
      ]
    })
  ],
  workers: [
    {
      executor: '0',
      host: 'worker-1',
      processes: 2,
      versions: { tagscrape: OLD.slice(0, 16) },
      at: AT
    },
    {
      executor: '1',
      host: 'worker-2',
      processes: 4,
      versions: { tagscrape: NEW.slice(0, 16) },
      at: AT
    }
  ],
  cached: [
    {
      id: 7,
      kind: 'dataframe',
      name: 'images_with_their_annotations',
      named: true,
      memoryBytes: 48_200_000,
      diskBytes: 1_200_000,
      partitions: 16,
      versions: { tagscrape: NEW }
    },
    {
      id: 9,
      kind: 'rdd',
      name: 'pages',
      named: false,
      memoryBytes: 812,
      diskBytes: 0,
      partitions: 1,
      versions: { tagscrape: OLD }
    }
  ]
});

async function openEverything(page: IJupyterLabPageFixture): Promise<void> {
  await script(page, { state: much, daemon: server({ libraries: [status({ version: NEW })] }) });
  await page.route(/\/autoegg\/contents/, route => route.fulfill({ json: contents }));
  await page.route(/\/autoegg\/changes/, route => route.fulfill({ json: changes }));
  await page.route(/\/autoegg\/diff/, route => route.fulfill({ json: difference }));
  await page.goto();
  // Narrower than JupyterLab's own panels go.
  await page.addStyleTag({ content: ':root { --jp-sidebar-min-width: 240px !important; }' });
  await openNotebook(page, 'notebook.ipynb');
  await openPanel(page);
  await page.sidebar.setWidth(240, 'left');
  for (const title of [
    'tagscrape: details',
    'Changed Files',
    /scrape\.py/,
    'What Ships, and Why',
    'Show All',
    '2 left out',
    /^Where It Runs/,
    /^Versions/,
    /^Cached Data/,
    'Timeline'
  ]) {
    await panel(page).getByRole('button', { name: title }).first().click();
  }
  await expect(panel(page)).toContainText('12 files in all');
  await expect(panel(page).locator('.jp-Autoegg-diff')).toBeVisible();
}

/** What of the panel is cut off at its side, and what is shortened without its whole text at hand. */
const cutOff = (page: IJupyterLabPageFixture, selector: string): Promise<string[]> =>
  page.evaluate(selector => {
    const root = document.querySelector(selector)!;
    const { left, right } = root.getBoundingClientRect();
    const found: string[] = [];
    for (const node of root.querySelectorAll<HTMLElement>('*')) {
      if (node.closest('.jp-Autoegg-diff, .jp-Autoegg-live, svg')) {
        continue;
      }
      const box = node.getBoundingClientRect();
      const text = node.textContent!.slice(0, 60);
      const isClipped = node.parentElement!.closest('.jp-Autoegg-path, .jp-Autoegg-glance');
      if (!isClipped && (box.right > right + 0.5 || box.left < left - 0.5)) {
        found.push(`outside: <${node.tagName} ${node.className}> ${text}`);
      }
      const { overflowX, textOverflow } = getComputedStyle(node);
      if (node.scrollWidth > node.clientWidth && node.clientWidth > 0 && overflowX !== 'visible') {
        if (textOverflow !== 'ellipsis' || !node.closest('[title]')) {
          found.push(`shortened: <${node.tagName} ${node.className}> ${text}`);
        }
      }
    }
    return found;
  }, selector);

for (const theme of ['light', 'dark'] as const) {
  test.describe(`unfolded in the ${theme} theme`, () => {
    test.use({
      mockSettings: settings(theme, { showHint: false, recordVersions: 'no' }),
      viewport: { width: 1280, height: 1700 }
    });

    test('the panel has all its parts in 240 px, and nothing that keeps somebody from using it', async ({
      page
    }) => {
      await openEverything(page);
      await expect(panel(page)).toContainText(
        /(?<!\/)tagscrape\/credentials\.json looks like a secret and is not shipped/
      );
      const leftOut = panel(page).getByRole('table').nth(1);
      await expect(leftOut).toContainText('tagscrape/credentials.json');
      await expect(leftOut).toContainText('secret');
      const shot = (name: string) =>
        page.screenshot({ path: join(RESULTS, 'parts', `${name}-${theme}.png`) });
      await shot('narrow');
      expect(await cutOff(page, '#autoegg-sidebar')).toEqual([]);
      expect(await seriousIn(page, '#autoegg-sidebar')).toEqual([]);
      await page.sidebar.setWidth(420, 'left');
      await shot('wide');
      expect(await cutOff(page, '#autoegg-sidebar')).toEqual([]);

      await page.locator('#jp-main-statusbar').getByText('tagscrape 3f9c · changed').click();
      const popup = page.locator('.jp-Autoegg-popup');
      await expect(popup.getByRole('button', { name: 'Open the Panel' })).toBeFocused();
      await shot('popup');
      expect(await cutOff(page, '.jp-Autoegg-popup')).toEqual([]);
      expect(await seriousIn(page, '.jp-Autoegg-popup')).toEqual([]);
    });
  });
}

test.describe('at 200 % zoom', () => {
  // To a page, a browser's zoom is half of the pixels, each of them twice as large.
  test.use({
    mockSettings: settings('light', { showHint: false, recordVersions: 'no' }),
    viewport: { width: 640, height: 400 },
    deviceScaleFactor: 2
  });

  test('every part of the panel can be reached and read', async ({ page }) => {
    await openEverything(page);
    expect(await cutOff(page, '#autoegg-sidebar')).toEqual([]);
    const controls = await panel(page)
      .getByRole('button')
      .or(panel(page).getByRole('switch'))
      .all();
    expect(controls.length).toBeGreaterThan(15);
    for (const control of controls) {
      await control.focus();
      await expect(control).toBeInViewport({ ratio: 1 });
    }
    await page.screenshot({ path: join(RESULTS, 'parts', 'zoom.png') });
  });
});
