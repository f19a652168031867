/** Each state of the panel, in both themes and at its narrowest, as a person sees it. */
import { join } from 'node:path';

import type { IJupyterLabPageFixture } from '@jupyterlab/galata';

import type { IScript } from './script';
import { script, show } from './script';
import { failure, kernel, library, NEW, noNode, OLD, server, status } from './states';
import {
  evaluate,
  expect,
  openNotebook,
  openPanel,
  panel,
  RESULTS,
  restartKernel,
  seriousIn,
  settings,
  test
} from './support';

// The server that these tests play refuses on purpose.
test.use({ expected: /Failed to load resource/ });

interface IScene extends IScript {
  name: string;
  sentence: string;
  statusBar?: string;
  /** Whether its picture is compared with the one in `snapshots`. */
  pictured?: boolean;
}

const scenes: IScene[] = [
  {
    name: 'current',
    sentence: 'up to date · 12 files, 35 kB',
    state: kernel(),
    statusBar: 'tagscrape 3f9c · up to date'
  },
  {
    name: 'changed',
    sentence: 'The next cell switches to 7a21.',
    state: kernel({ libraries: [library({ condition: 'waiting' })] }),
    daemon: server({ libraries: [status({ version: NEW })] }),
    statusBar: 'tagscrape 3f9c · changed'
  },
  {
    name: 'building',
    sentence: 'Packing its files: 41 % done.',
    state: kernel(),
    daemon: server({
      libraries: [status({ condition: 'building', progress: { done: 999, total: 2400 } })]
    }),
    statusBar: 'tagscrape 3f9c · building'
  },
  {
    name: 'shipping',
    sentence: 'The change is being sent to Spark.',
    state: kernel({ libraries: [library({ condition: 'shipping' })] })
  },
  {
    name: 'broken',
    pictured: true,
    sentence: 'tagscrape/scrape.py, line 12: invalid syntax',
    state: kernel({ libraries: [library({ condition: 'broken', failure })], refusal: failure }),
    statusBar: 'tagscrape 3f9c · broken'
  },
  {
    name: 'several',
    pictured: true,
    sentence: 'Switched off: changes on disk are ignored.',
    state: kernel({
      libraries: [
        library(),
        library({
          name: 'a_library_with_a_long_name',
          library: 'k2',
          path: '/home/ada/projects/elsewhere/src/a_library_with_a_long_name',
          condition: 'paused',
          enabled: false
        }),
        library({
          name: 'helpers',
          library: 'k3',
          kind: 'module',
          path: '/home/ada/helpers.py',
          files: 1,
          bytes: 812,
          version: null,
          shipped: null
        })
      ]
    }),
    statusBar: '3 libraries · loaded'
  },
  {
    name: 'pinned',
    pictured: true,
    sentence: '7a21 on disk does not run',
    state: kernel({ libraries: [library({ condition: 'pinned', pinned: OLD })] }),
    daemon: server({ libraries: [status({ version: NEW })] }),
    statusBar: 'tagscrape 3f9c · pinned'
  },
  {
    name: 'off',
    sentence: 'Switched off for this notebook; its libraries stay as they are.',
    state: kernel({ enabled: false }),
    statusBar: 'autoegg · off'
  },
  {
    name: 'no-libraries',
    sentence: 'None of your libraries is imported yet',
    state: kernel({ libraries: [] })
  },
  {
    name: 'no-spark',
    sentence: 'No Spark session yet: only the driver is kept up to date.',
    state: kernel({
      spark: { kind: 'none', application: null, master: null, web: null },
      libraries: [library({ shipped: null })]
    })
  },
  {
    name: 'no-node',
    sentence: noNode,
    state: kernel({ daemon: { condition: 'fallback', message: noNode } }),
    daemon: server({
      daemon: { condition: 'unavailable', message: noNode, pid: null },
      libraries: []
    })
  },
  {
    name: 'no-shim',
    sentence: 'autoegg is not loaded in this kernel',
    state: null,
    statusBar: 'autoegg · not loaded'
  }
];

/**
 * Looks at the libraries of the panel only. The part of the page is as large however the lines break; what it may differ in
 * is less than a button is.
 */
async function compare(page: IJupyterLabPageFixture, name: string): Promise<void> {
  const box = (await panel(page).locator('.jp-Autoegg-list').boundingBox())!;
  await expect(page.locator('body').page()).toHaveScreenshot(`${name}.png`, {
    clip: { x: box.x, y: box.y, width: 240, height: 250 },
    mask: [panel(page).getByText(/^sent to Spark /)]
  });
}

for (const theme of ['light', 'dark'] as const) {
  test.describe(`the ${theme} theme`, () => {
    test.use({ mockSettings: settings(theme) });

    test('shows each state in words', async ({ page }) => {
      const current: IScript = { state: kernel() };
      await script(page, current);
      await page.goto();
      // Narrower than JupyterLab's own panels go.
      await page.addStyleTag({ content: ':root { --jp-sidebar-min-width: 240px !important; }' });
      await openNotebook(page, 'notebook.ipynb');
      await openPanel(page);
      await page.sidebar.setWidth(240, 'left');
      // A kernel that is restarted while it starts may never answer the page again: a weakness of Jupyter's own.
      await expect(panel(page)).toContainText('tagscrape');
      for (const { name, sentence, statusBar, pictured, ...scene } of scenes) {
        await test.step(name, async () => {
          Object.assign(current, { daemon: undefined }, scene);
          await restartKernel(page);
          await expect(panel(page)).toContainText(sentence);
          if (statusBar) {
            await expect(page.locator('#jp-main-statusbar')).toContainText(statusBar);
          }
          const overflow = await panel(page)
            .locator('.jp-Autoegg-body')
            .evaluate(node => node.scrollWidth - node.clientWidth);
          expect(overflow).toBe(0);
          expect(await seriousIn(page, '#autoegg-sidebar')).toEqual([]);
          if (pictured) {
            await compare(page, `${name}-${theme}`);
          }
          await page.screenshot({ path: join(RESULTS, 'states', `${name}-${theme}.png`) });
        });
      }
    });
  });
}

test.describe('the panel', () => {
  test.use({ mockSettings: settings('light') });

  test.beforeEach(async ({ page }) => {
    await script(page, { state: kernel() });
    await page.goto();
  });

  test('says what to do while no notebook is open', async ({ page }) => {
    await openPanel(page);
    await expect(panel(page)).toContainText('Open a notebook');
    await page.screenshot({ path: join(RESULTS, 'states', 'no-notebook.png') });
  });

  test('names the cure while the server extension is not enabled', async ({ page }) => {
    await script(page, { state: null, daemon: null });
    await page.reload();
    await openNotebook(page, 'notebook.ipynb');
    await openPanel(page);
    await expect(panel(page)).toContainText('jupyter server extension enable jupyterlab_autoegg');
    await page.screenshot({ path: join(RESULTS, 'states', 'no-server-extension.png') });
  });

  test('follows the kernel without a reload, and connects again after a restart', async ({
    page
  }) => {
    await openNotebook(page, 'notebook.ipynb');
    await openPanel(page);
    await expect(panel(page).getByText('up to date', { exact: true })).toBeVisible();
    await show(page, kernel({ libraries: [library({ condition: 'broken', failure })] }));
    await expect(panel(page).getByText('broken', { exact: true })).toBeVisible();
    await restartKernel(page);
    await expect(panel(page).getByText('up to date', { exact: true })).toBeVisible();
  });

  test('needs no thread of its own in the kernel', async ({ page }) => {
    await openNotebook(page, 'notebook.ipynb');
    await openPanel(page);
    await expect(panel(page).getByText('up to date', { exact: true })).toBeVisible();
    // JupyterLab gives a comm a subshell once the kernel has said that it can have some.
    await page.evaluate(async () => {
      // eslint-disable-next-line @typescript-eslint/no-explicit-any
      const { currentWidget } = (window as any).jupyterapp.shell;
      const { kernel } = currentWidget.sessionContext.session;
      await kernel.info;
      await kernel.requestListSubshell({}).done;
    });
    await evaluate(
      page,
      'shells = get_ipython().kernel.shell_channel_thread.manager.list_subshell(); assert not shells, shells'
    );
  });

  test('ships from the toolbar and says how it went', async ({ page }) => {
    await openNotebook(page, 'notebook.ipynb');
    await openPanel(page);
    const button = page
      .locator('.jp-NotebookPanel-toolbar')
      .getByRole('button', { name: /^Ship library/ });
    await expect(button).toBeEnabled();
    await button.click();
    await expect(page.getByText('shipped tagscrape 3f9c (38 ms)')).toBeInViewport({ ratio: 1 });
    await page.screenshot({ path: join(RESULTS, 'states', 'shipped.png') });
    await show(page, kernel({ libraries: [library({ condition: 'broken', failure })] }));
    await expect(panel(page).getByText('broken', { exact: true })).toBeVisible();
    await button.click();
    await expect(page.getByText('tagscrape was not shipped')).toBeVisible();
  });

  test('switches by keyboard: all libraries, and one', async ({ page }) => {
    await openNotebook(page, 'notebook.ipynb');
    await openPanel(page);
    const one = panel(page).getByRole('switch', { name: 'Keep tagscrape up to date' });
    await one.focus();
    await page.keyboard.press('Space');
    await expect(one).toHaveAttribute('aria-checked', 'false');
    await expect(panel(page).getByText('paused', { exact: true })).toBeVisible();
    await page.keyboard.press('Enter');
    await expect(one).toHaveAttribute('aria-checked', 'true');
    const all = panel(page).getByRole('switch', {
      name: 'Keep the libraries of this notebook up to date'
    });
    await all.focus();
    await page.keyboard.press('Space');
    await expect(panel(page)).toContainText('Switched off for this notebook');
    // What cannot be used looks like it.
    await expect(one).toBeDisabled();
    await expect(one).toHaveCSS('opacity', '0.5');
  });

  test('opens from the View menu and is in the palette', async ({ page }) => {
    await openNotebook(page, 'notebook.ipynb');
    await page.menu.clickMenuItem('View>Library Code');
    await expect(panel(page)).toBeVisible();
    await expect(panel(page).getByText('up to date', { exact: true })).toBeVisible();
    await page.keyboard.press('Control+Shift+c');
    await page.locator('.lm-CommandPalette-input').fill('ship library');
    await expect(
      page.locator('.lm-CommandPalette-itemLabel', { hasText: 'Ship Library' })
    ).toBeVisible();
  });
});

test.describe('the settings', () => {
  test.use({ mockSettings: settings('light', { reshipOnSave: false }) });

  test('reach a kernel as soon as it answers', async ({ page }) => {
    await script(page, { state: kernel() });
    await page.goto();
    await openNotebook(page, 'notebook.ipynb');
    await openPanel(page);
    await expect(panel(page).getByText('up to date', { exact: true })).toBeVisible();
    await expect(async () => {
      await evaluate(
        page,
        'import autoegg; assert autoegg.calls == ["configure(False, True)"], autoegg.calls'
      );
    }).toPass();
  });
});
