/** Many libraries and many cells: what a piece of news costs, and that nothing is drawn where nobody looks. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { KernelState } from '../src/protocol';
import { script, show } from './script';
import { kernel, library, NEW, OLD, server, status } from './states';
import {
  endKernels,
  expect,
  openNotebook,
  openPanel,
  panel,
  RESULTS,
  settings,
  test
} from './support';

const LIBRARIES = 50;
const CELLS = 500;
const EVENTS = 20;

test.use({
  expected: /Failed to load resource/,
  mockSettings: settings('light', { recordVersions: 'no', showHint: false }),
  autoGoto: false
});
test.afterEach(({ page, baseURL }) => endKernels(page, baseURL!));

const names = Array.from({ length: LIBRARIES }, (_, index) => `library${index}`);

/** Every other event has other versions, so that each of them changes every row and every mark. */
function state(event: number): KernelState {
  const version = event % 2 ? NEW : OLD;
  return kernel({
    generation: event,
    libraries: names.map(name =>
      library({ name, library: name, path: `/home/ada/src/${name}`, version })
    ),
    runs: {
      session: 's1',
      codes: names.map(name => ({ [name]: OLD })),
      cells: Object.fromEntries(
        Array.from({ length: CELLS }, (_, index) => [
          `cell${index}`,
          { code: index % LIBRARIES, count: index + 1, refused: false }
        ])
      )
    }
  });
}

test('news of 50 libraries and 500 cells is drawn, and costs nothing while the panel is hidden', async ({
  page
}) => {
  test.slow();
  await script(page, {
    state: state(0),
    daemon: server({ libraries: names.map(name => status({ library: name, name, version: null })) })
  });
  await page.goto();
  await openNotebook(page, 'notebook.ipynb');
  await page.evaluate(count => {
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    const { sharedModel } = (window as any).jupyterapp.shell.currentWidget.content.model;
    sharedModel.insertCells(
      0,
      Array.from({ length: count }, (_, index) => ({
        cell_type: 'code',
        id: `cell${index}`,
        source: `print(${index})`,
        execution_count: index + 1,
        outputs: [],
        metadata: {}
      }))
    );
  }, CELLS);
  await openPanel(page);
  await expect(panel(page).locator('.jp-Autoegg-library')).toHaveCount(LIBRARIES);

  const session = await page.context().newCDPSession(page.locator('body').page());
  await session.send('Performance.enable');
  const spent = async (): Promise<number> =>
    (await session.send('Performance.getMetrics')).metrics.find(
      ({ name }) => name === 'ScriptDuration'
    )!.value;
  const drawings = () => page.evaluate(() => (window as unknown as { drawings: number }).drawings);
  await page.evaluate(() => {
    const seen = window as unknown as { drawings: number };
    seen.drawings = 0;
    new MutationObserver(() => seen.drawings++).observe(
      document.querySelector('#autoegg-sidebar')!,
      { subtree: true, childList: true, characterData: true, attributes: true }
    );
  });
  const before = await spent();
  for (let event = 1; event <= EVENTS; event++) {
    await show(page, state(event));
  }
  await expect(panel(page).locator('.jp-Autoegg-version').first()).toHaveText(OLD.slice(0, 4));
  const perEvent = ((await spent()) - before) / EVENTS;
  const drawn = await drawings();
  expect(drawn).toBeGreaterThan(0);
  expect(drawn).toBeLessThanOrEqual(4 * EVENTS);
  // A figure to look at, not one to fail by.
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(
    join(RESULTS, 'performance.json'),
    JSON.stringify({
      libraries: LIBRARIES,
      cells: CELLS,
      scriptMillisecondsPerEvent: perEvent * 1e3
    })
  );

  await page.sidebar.openTab('filebrowser');
  await expect(panel(page)).toBeHidden();
  const hidden = await drawings();
  for (let event = 1; event <= 3; event++) {
    await show(page, state(event));
  }
  expect(await drawings()).toBe(hidden);
  await openPanel(page);
  await expect(panel(page).locator('.jp-Autoegg-version').first()).toHaveText(NEW.slice(0, 4));
});
