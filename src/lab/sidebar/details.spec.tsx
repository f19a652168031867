import { CommandRegistry } from '@lumino/commands';
import { Widget } from '@lumino/widgets';

import type { KernelState } from '../../protocol';
import { CommandIDs } from '../commandIds';
import { Autoegg } from '../service';
import { drawn, fakeLink, fakeServer, trans } from '../testing/fakes';
import { kernelState, library, NEW, OLD, serverState, status } from '../testing/states';
import { Timeline } from '../timeline';
import type { IServerMonitor } from '../tokens';
import { Opened } from './opened';
import { LibraryPanel } from './panel';

const ROOT = '/home/ada/src/tagscrape';
const EARLIER = '1b2c'.padEnd(64, '0');
const past = (own = {}) => ({
  version: OLD,
  at: '2026-05-04T15:04:33Z',
  cell: 3,
  files: ['tagscrape/scrape.py'],
  changes: 1,
  git: { commit: 'c0ffee1234', dirty: true },
  ...own
});

let panel: LibraryPanel;
afterEach(() => panel.dispose());

async function show(
  state: KernelState,
  server: Partial<IServerMonitor>,
  ...parts: string[]
): Promise<[string, object][]> {
  const model = new Autoegg(fakeServer(server));
  model.setCurrent({ name: 'demo.ipynb', path: 'demo.ipynb', link: fakeLink({ state }) });
  const commands = new CommandRegistry();
  const executed: [string, object][] = [];
  for (const id of Object.values(CommandIDs)) {
    commands.addCommand(id, { execute: args => void executed.push([id, { ...args }]) });
  }
  const opened = new Opened();
  [ROOT, ...parts.map(part => (part === 'cached' ? part : `${ROOT} ${part}`))].forEach(part =>
    opened.toggle(part)
  );
  panel = new LibraryPanel({ model, commands, opened, timeline: new Timeline(model), trans });
  Widget.attach(panel, document.body);
  await panel.renderPromise;
  await drawn();
  return executed;
}

const text = () => panel.node.querySelector('.jp-Autoegg-body')!.textContent;
const button = (name: string) =>
  [...panel.node.querySelectorAll('button')].find(
    node => node.textContent === name || node.getAttribute('aria-label') === name
  )!;

describe('an unfolded library shows', () => {
  it('which files differ between what runs and the disk, with their lines on demand', async () => {
    const difference = jest.fn(async () => ({
      lines: ['@@ -1 +1 @@', '-a', '+b'],
      reason: null,
      cut: false
    }));
    const changes = jest.fn(async () => ({
      changed: ['tagscrape/scrape.py'],
      added: ['tagscrape/new.py'],
      removed: []
    }));
    await show(
      kernelState(),
      { state: serverState({ libraries: [status({ version: NEW })] }), changes, difference },
      'changes'
    );
    expect(changes).toHaveBeenCalledWith('k1', OLD, NEW);
    expect(text()).toContain('From 3f9c, which is running, to 7a21 on disk:');
    expect(difference).not.toHaveBeenCalled();
    button('~tagscrape/scrape.py').click();
    await drawn();
    expect(difference).toHaveBeenCalledWith('k1', 'tagscrape/scrape.py', OLD, NEW);
    expect(panel.node.querySelector('.jp-Autoegg-diff')!.textContent).toContain('+b');
  });

  it('that the lines of a long difference are only its beginning, and which one took too long', async () => {
    const changes = async () => ({ changed: ['a.csv', 'b.csv'], added: [], removed: [] });
    const difference = async (_: string, path: string) =>
      path === 'a.csv'
        ? { lines: ['@@ -1 +1 @@', '-a', '+b'], reason: null, cut: true }
        : { lines: null, reason: 'slow' as const, cut: false };
    const state = serverState({ libraries: [status({ version: NEW })] });
    await show(kernelState(), { state, changes, difference }, 'changes');
    button('~a.csv').click();
    await drawn();
    expect(text()).toContain('only the beginning');
    button('~b.csv').click();
    await drawn();
    expect(text()).toContain('It took too long to compare');
  });

  it('what the last ship brought, when all runs', async () => {
    const changes = jest.fn(async () => ({ changed: ['tagscrape/a.py'], added: [], removed: [] }));
    const history = [past({ version: NEW }), past()];
    const libraries = [library({ version: NEW, history })];
    await show(
      kernelState({ libraries }),
      { state: serverState({ libraries: [status({ version: NEW })] }), changes },
      'changes'
    );
    expect(text()).toContain('Changed in the last update, from 3f9c to 7a21:');
  });

  it('in one sentence why the changes are not known', async () => {
    const changes = () => Promise.reject(new Error('Version 3f9c is no longer kept.'));
    const state = serverState({ libraries: [status({ version: NEW })] });
    await show(kernelState(), { state, changes }, 'changes');
    expect(text()).toContain('Version 3f9c is no longer kept.');
  });

  it('what ships and by which rule, and, when asked, what is left out', async () => {
    const contents = jest.fn(async () => ({
      spec: { name: 'tagscrape', kind: 'package' as const, path: ROOT },
      files: [{ path: 'tagscrape/scrape.py', size: 900, rule: 'code' as const }],
      leftOut: [{ path: `${ROOT}/credentials.json`, rule: 'secret' as const }],
      warnings: [`${ROOT}/credentials.json looks like a secret.`]
    }));
    const executed = await show(kernelState(), { state: serverState(), contents }, 'contents');
    expect(contents).toHaveBeenCalledWith('k1');
    button('tagscrape/scrape.py').click();
    expect(executed).toEqual([
      [
        CommandIDs.openFile,
        {
          library: { key: 'k1', name: 'tagscrape', path: ROOT },
          file: `${ROOT}/scrape.py`
        }
      ]
    ]);
    const rows = () => [...panel.node.querySelectorAll('tbody tr')].map(row => row.textContent);
    // Named as in the table: the root stands above it.
    expect(text()).toMatch(/(?<!\/)tagscrape\/credentials\.json looks like a secret\./);
    expect(rows()).toEqual(['tagscrape/scrape.pycode900 B']);
    button('1 left out').click();
    await drawn();
    expect(rows()).toEqual(['tagscrape/scrape.pycode900 B', 'tagscrape/credentials.jsonsecret']);
  });

  it.each([
    ['driver only', []],
    ['driver and 2 executors: equal', ['0', '1'].map(executor => [executor, OLD])],
    [
      '1 of 2 executors ran another version',
      [
        ['0', OLD],
        ['1', NEW]
      ]
    ],
    [
      '1 of 2 executors idle since the change',
      [
        ['0', OLD],
        ['1', EARLIER]
      ]
    ],
    [
      'driver and 1 executor: equal',
      [
        ['0', EARLIER],
        ['0', OLD]
      ]
    ]
  ])('where it runs: %s', async (words, ran) => {
    const workers = (ran as string[][]).map(([executor, version]) => ({
      executor,
      host: 'node',
      processes: 1,
      versions: { tagscrape: version.slice(0, 16) },
      at: '2026-05-04T15:04:33Z'
    }));
    const libraries = [library({ history: [past(), past({ version: EARLIER })] })];
    const executed = await show(kernelState({ libraries, workers }), {}, 'workers');
    expect(text()).toContain(words);
    expect(
      [...panel.node.querySelectorAll('tbody tr td:first-child')].map(td => td.textContent)
    ).toEqual(['driver', ...workers.map(({ executor }) => `executor ${executor} on node`)]);
    button('Ask All Executors').click();
    expect(executed).toEqual([[CommandIDs.verify, { library: 'tagscrape' }]]);
  });

  it('its versions with cell, files and commit, and runs an older one', async () => {
    const history = [past({ version: NEW, cell: null }), past(), past({ version: NEW })];
    const executed = await show(
      kernelState({ libraries: [library({ version: NEW, history })] }),
      {},
      'versions'
    );
    for (const words of [
      'from the panel',
      'by cell [3]',
      'scrape.py',
      'git c0ffee1 with changes'
    ]) {
      expect(text()).toContain(words);
    }
    // Of a version that came twice, only the later stands for what runs; neither can be run again.
    expect(
      [...panel.node.querySelectorAll('.jp-Autoegg-versions > li')].map(
        li => li.querySelector('.jp-Autoegg-badge, .jp-Autoegg-more')?.textContent ?? ''
      )
    ).toEqual(['running', 'Use This Version', '']);
    button('Use version 3f9c').click();
    expect(executed).toEqual([[CommandIDs.pin, { library: 'tagscrape', version: OLD }]]);
  });

  it('the way to what a version and a file changed, side by side', async () => {
    const history = [past({ version: NEW }), past({ at: '2026-05-04T15:00:00Z', changes: 0 })];
    const changes = jest.fn(async () => ({ changed: ['tagscrape/a.py'], added: [], removed: [] }));
    const executed = await show(
      kernelState({ libraries: [library({ version: NEW, history })] }),
      { state: serverState({ libraries: [status({ version: NEW })] }), changes },
      'versions',
      'changes'
    );
    button('scrape.py').click();
    button('Compare tagscrape/a.py').click();
    button('/home/ada/src/tagscrape').click();
    const of = { library: 'tagscrape' };
    expect(executed).toEqual([
      [CommandIDs.openDiff, { ...of, from: OLD, to: NEW }],
      [CommandIDs.openDiff, { ...of, from: OLD, to: NEW, path: 'tagscrape/a.py' }],
      [CommandIDs.openLibrary, { ...of, folder: true }]
    ]);
  });

  it('that it is pinned, with the way back', async () => {
    const pinned = library({ condition: 'pinned', pinned: OLD });
    const executed = await show(kernelState({ libraries: [pinned] }), {});
    button('Use Newest Version').click();
    expect(executed).toEqual([[CommandIDs.release, { library: 'tagscrape' }]]);
  });
});

describe('cached data', () => {
  const cached = {
    id: 7,
    kind: 'rdd' as const,
    name: 'kept',
    named: true,
    memoryBytes: 2_000_000,
    diskBytes: 0,
    partitions: 4,
    versions: { tagscrape: OLD }
  };

  it('of older code is pointed out, and unpersisted or recomputed only when asked', async () => {
    const state = kernelState({ libraries: [library({ version: NEW })], cached: [cached] });
    const executed = await show(state, {}, 'cached');
    expect(text()).toContain('computed with tagscrape 3f9c, now 7a21');
    expect(text()).toContain('2.0 MB in memory · 4 partitions');
    expect(executed).toEqual([]);
    button('Recompute kept').click();
    button('Unpersist kept').click();
    expect(executed).toEqual([
      [CommandIDs.recompute, { id: 7 }],
      [CommandIDs.unpersist, { id: 7 }]
    ]);
  });

  it('of the current code is only listed', async () => {
    await show(kernelState({ cached: [cached] }), {}, 'cached');
    expect(text()).not.toContain('computed with');
  });

  it('that no name stands for cannot be recomputed from here', async () => {
    await show(kernelState({ cached: [{ ...cached, named: false }] }), {}, 'cached');
    expect(button('Recompute kept').disabled).toBe(true);
  });
});
