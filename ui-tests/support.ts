/** What all UI tests share: a page that must stay free of errors of ours, screenshots, and the notebook's kernel. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import { expect, galata, test as base } from '@jupyterlab/galata';
import * as utils from '@jupyterlab/galata/lib/utils';
import type { Locator, Page } from '@playwright/test';

export { expect };

export const RESULTS = join(__dirname, 'results');

export const THEMES = { light: 'JupyterLab Light', dark: 'JupyterLab Dark' } as const;

/** Settings of the page, on top of those that keep screenshots alike. */
export function settings(theme: keyof typeof THEMES, own: object = {}): Record<string, unknown> {
  const { DEFAULT_SETTINGS } = galata;
  const themes = '@jupyterlab/apputils-extension:themes';
  return {
    ...DEFAULT_SETTINGS,
    [themes]: { ...DEFAULT_SETTINGS[themes], theme: THEMES[theme] },
    'jupyterlab-autoegg:plugin': own
  };
}

// Galata gives up after 15 s, for which a page may have to start on a machine that has other work to do.
const { waitForCondition } = utils;
Object.assign(utils, {
  waitForCondition: (condition: () => boolean | Promise<boolean>, timeout = 60_000) =>
    waitForCondition(condition, timeout)
});

export const test = base.extend<{
  root: string;
  expected: RegExp;
  noErrors: void;
  noKernels: void;
}>({
  /** Directory that the server serves. */
  root: ['', { option: true }],

  /** Messages that a test provokes. */
  expected: [/^$/, { option: true }],

  /**
   * A message of ours on the page's console, or an exception of ours that nobody caught, fails the test. (JupyterLab
   * itself leaves a rejected `kernel_info_request` behind when a kernel restarts while it starts.)
   */
  noErrors: [
    async ({ page, expected }, use) => {
      const errors: string[] = [];
      page.on('pageerror', error => {
        if (/autoegg/i.test(String(error.stack))) {
          errors.push(String(error.stack));
        }
      });
      page.on('console', message => {
        const text = `${message.text()} ${message.location().url}`;
        if (message.type() === 'error' && /autoegg/i.test(text) && !expected.test(text)) {
          errors.push(text);
        }
      });
      await use();
      expect(errors).toEqual([]);
    },
    { auto: true }
  ],

  /** No JVM of one test lives on in the next. */
  noKernels: [
    async ({ page, baseURL }, use) => {
      await use();
      const sessions = await (await page.request.get(`${baseURL}/api/sessions`)).json();
      for (const { id } of sessions as { id: string }[]) {
        await page.request.delete(`${baseURL}/api/sessions/${id}`);
      }
    },
    { auto: true }
  ],

  // A test makes its files first, and what its server says.
  autoGoto: false,

  /** A page that asks nothing. */
  mockSettings: settings('light', { recordVersions: 'no', showHint: false }),

  // Without the launcher, which some tests do not have.
  waitForApplication: async ({ baseURL: _ }, use) => {
    await use(async page => {
      await page.locator('#jupyterlab-splash').waitFor({ state: 'detached' });
      // eslint-disable-next-line @typescript-eslint/no-explicit-any
      await page.evaluate(() => (window as any).jupyterapp.restored.then(() => undefined));
    });
  },

  // Galata's own lists of kernels and sessions make restarts hang.
  kernels: null,
  sessions: null
});

/** Not through the file browser: what it lists depends on the folders that other tests made. */
export async function openNotebook(page: IJupyterLabPageFixture, path: string): Promise<void> {
  await page.evaluate(async path => {
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    const widget = await (window as any).jupyterapp.commands.execute('docmanager:open', { path });
    await widget.context.ready;
    await widget.sessionContext.ready;
  }, path);
  await page.notebook.activate(path.split('/').pop()!);
}

export const panel = (page: Page | IJupyterLabPageFixture): Locator =>
  (page as Page).getByRole('region', { name: 'Library code of the current notebook' });

/** A notebook in a second browser window, with the panel beside it. */
export async function secondBrowser(page: IJupyterLabPageFixture, address: string): Promise<Page> {
  const other = await page.context().newPage();
  await other.goto(address);
  await expect(other.locator('.jp-Notebook .jp-CodeCell').first()).toBeVisible();
  await other.evaluate(() =>
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    (window as any).jupyterapp.commands.execute('autoegg:open-sidebar')
  );
  return other;
}

export async function openPanel(page: IJupyterLabPageFixture): Promise<void> {
  await page.sidebar.openTab('autoegg-sidebar');
  await expect(panel(page)).toBeVisible();
}

/**
 * Runs one cell with the notebook's command and gives the text that it printed or failed with. (Galata's
 * own way clicks a dozen times and takes the status bar's word for the end.)
 */
export async function runCell(page: Page | IJupyterLabPageFixture, index: number): Promise<string> {
  const text = await (page as Page).evaluate(async index => {
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    const { commands, shell } = (window as any).jupyterapp;
    const { content, sessionContext } = shell.currentWidget;
    await sessionContext.ready;
    content.deselectAll();
    content.activeCellIndex = index;
    content.mode = 'command';
    const { model } = content.widgets[index];
    await commands.execute('notebook:run-cell');
    interface IOutput {
      text?: string | string[];
      data?: Record<string, string | string[]>;
      ename?: string;
      evalue?: string;
      traceback?: string[];
    }
    return (model.outputs.toJSON() as IOutput[])
      .map(({ text, data, ename, evalue, traceback }) =>
        ename ? [`${ename}: ${evalue}`, ...traceback!].join('\n') : (text ?? data?.['text/plain'])
      )
      .flat()
      .join('');
  }, index);
  return stripVTControlCharacters(text);
}

/** Evaluates Python in the kernel of the notebook in front, beside its cells. */
export async function evaluate(page: IJupyterLabPageFixture, code: string): Promise<void> {
  await page.evaluate(async source => {
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    const { currentWidget } = (window as any).jupyterapp.shell;
    const { kernel } = currentWidget.sessionContext.session;
    const { content } = await kernel.requestExecute({ code: source, silent: true }).done;
    if (content.status !== 'ok') {
      throw new Error(content.evalue);
    }
  }, code);
}

export async function restartKernel(page: IJupyterLabPageFixture): Promise<void> {
  await page.evaluate(async () => {
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    await (window as any).jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart();
  });
}

/** Pictures for people, in a folder of their own. */
export const shots = (folder: string) => (page: Page | IJupyterLabPageFixture, name: string) =>
  page.screenshot({ path: join(RESULTS, folder, `${name}.png`) });

/** Adds a cell at the end, runs it and gives the text that it printed or failed with. */
export async function addCell(page: IJupyterLabPageFixture, source: string): Promise<string> {
  const index = await page.evaluate(source => {
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    const { content } = (window as any).jupyterapp.shell.currentWidget;
    const { sharedModel } = content.model;
    sharedModel.addCell({ cell_type: 'code', source, metadata: { trusted: true } });
    return content.widgets.length - 1;
  }, source);
  return runCell(page, index);
}

/** What axe finds in a part of the page that keeps somebody from using it. */
export async function seriousIn(page: IJupyterLabPageFixture, selector: string): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) {
    // JupyterLab defines `define`, which axe would hand itself to.
    const source = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
    await page.evaluate(`(() => { const define = undefined, module = undefined; ${source} })()`);
  }
  return page.evaluate(async selector => {
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    const { violations } = await (window as any).axe.run(selector, { resultTypes: ['violations'] });
    return violations
      .filter(({ impact }: { impact: string }) => impact === 'serious' || impact === 'critical')
      .map(
        ({ id, nodes }: { id: string; nodes: { html: string; failureSummary: string }[] }) =>
          `${id}: ${nodes[0].html.slice(0, 200)} ${nodes[0].failureSummary}`
      );
  }, selector);
}

/** The tab of a file that is open in an editor with unsaved changes. */
export const unsavedTab = (page: IJupyterLabPageFixture, name: string): Locator =>
  page.locator('#jp-main-dock-panel .lm-TabBar-tab.jp-mod-dirty', { hasText: name });

/** Types at the end of a file's third line in JupyterLab's own editor, and saves nothing. */
export async function typeInto(
  page: IJupyterLabPageFixture,
  path: string,
  text: string
): Promise<void> {
  await page.evaluate(async path => {
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    const { commands } = (window as any).jupyterapp;
    const widget = await commands.execute('docmanager:open', { path, factory: 'Editor' });
    await widget.context.ready;
    const { editor } = widget.content;
    editor.setCursorPosition({ line: 2, column: editor.getLine(2).length });
    editor.focus();
  }, path);
  await expect(page.locator('.jp-FileEditor .cm-content')).toBeFocused();
  await page.keyboard.type(text);
}
