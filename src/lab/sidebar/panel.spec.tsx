import { CommandRegistry } from '@lumino/commands';
import { Widget } from '@lumino/widgets';

import { CommandIDs } from '../commandIds';
import { LibrarySentences } from '../librarySentences';
import { Autoegg } from '../service';
import { drawn, fakeLink, fakeServer, trans } from '../testing/fakes';
import { kernelState, library, NEW, OLD, serverState, status } from '../testing/states';
import type { IKernelLink, IServerMonitor } from '../tokens';
import { Timeline } from '../timeline';
import { Opened } from './opened';
import { LibraryPanel } from './panel';

const failure = {
  name: 'LibraryBroken',
  message: 'tagscrape/scrape.py, line 12: invalid syntax',
  file: '/home/ada/src/tagscrape/scrape.py',
  line: 12
};

let panel: LibraryPanel;
afterEach(() => panel.dispose());

async function show(link: Partial<IKernelLink> | null, server: Partial<IServerMonitor> = {}) {
  const model = new Autoegg(fakeServer(server));
  const fake = link && fakeLink({ state: link.condition ? null : kernelState(), ...link });
  model.setCurrent(fake && { name: 'demo.ipynb', path: 'demo.ipynb', link: fake });
  const commands = new CommandRegistry();
  const executed: [string, object][] = [];
  for (const id of Object.values(CommandIDs)) {
    commands.addCommand(id, {
      execute: args => {
        executed.push([id, { ...args }]);
      }
    });
  }
  const opened = new Opened();
  const timeline = new Timeline(model);
  panel = new LibraryPanel({ model, commands, opened, timeline, trans });
  Widget.attach(panel, document.body);
  await panel.renderPromise;
  await drawn();
  return { model, link: fake!, executed };
}

const text = () => panel.node.querySelector('.jp-Autoegg-body')!.textContent;
const button = (name: string) =>
  [...panel.node.querySelectorAll('button')].find(
    node => node.textContent === name || node.getAttribute('aria-label') === name
  )!;

describe('without libraries, the panel says why and what to do next', () => {
  it.each<[string, Partial<IKernelLink> | null, RegExp, string | null]>([
    ['no notebook', null, /Open a notebook/, null],
    ['no kernel', { condition: 'none' }, /has no kernel/, 'Select Kernel…'],
    ['another language', { condition: 'foreign' }, /choose a Python kernel/, null],
    ['a kernel that starts', { condition: 'starting' }, /is starting/, null],
    ['a kernel that restarts', { condition: 'restarting' }, /is restarting/, null],
    ['a kernel out of reach', { condition: 'offline' }, /has lost the kernel/, 'Reconnect'],
    ['a dead kernel', { condition: 'dead' }, /has died/, 'Restart Kernel…'],
    ['a kernel that has not answered', { condition: 'connecting' }, /Waiting/, null],
    ['a kernel without the shim', { condition: 'absent' }, /not loaded/, 'Load autoegg'],
    [
      'a kernel that the shim could not be loaded into',
      { condition: 'absent', problem: 'Python 3.8 is too old.' },
      /Python 3\.8 is too old/,
      'Load autoegg'
    ],
    ['nothing imported', { state: kernelState({ libraries: [] }) }, /import one in a cell/, null]
  ])('%s', async (_, link, sentence, step) => {
    await show(link);
    expect(text()).toMatch(sentence);
    expect(panel.node.querySelectorAll('.jp-Autoegg-note')).toHaveLength(1);
    if (step) {
      expect(button(step)).toBeDefined();
    }
    expect(panel.node.querySelector('[role=status]')!.textContent).toMatch(sentence);
  });
});

describe('a library', () => {
  it('has its name, version, size, root and last ship', async () => {
    await show({});
    button('tagscrape: details').click();
    await drawn();
    for (const words of [
      'tagscrape',
      '3f9c',
      'up to date',
      '12 files, 35 kB',
      '/home/ada/src/tagscrape',
      '38 ms'
    ]) {
      expect(text()).toContain(words);
    }
  });

  it.each<[string, object, object, RegExp]>([
    ['changed', {}, { version: NEW }, /next cell switches to 7a21/],
    ['building', {}, { condition: 'building' }, /Packing a change on disk/],
    [
      'building',
      {},
      { condition: 'building', progress: { done: 999, total: 2400 } },
      /Packing its files: 41 % done/
    ],
    ['shipping', { condition: 'shipping' }, {}, /being sent to Spark/],
    ['broken', { condition: 'broken', failure }, {}, /scrape\.py, line 12: invalid syntax/],
    ['paused', { condition: 'paused', enabled: false }, {}, /Switched off/],
    ['loaded', { version: null, files: 0 }, {}, /next cell checks its version/],
    ['not imported', { imported: false }, {}, /a cell that imports it/],
    ['pinned', { condition: 'pinned', pinned: OLD }, { version: NEW }, /7a21 on disk does not run/]
  ])('is %s in words', async (word, own, daemon, sentence) => {
    await show(
      { state: kernelState({ libraries: [library(own)] }) },
      { state: serverState({ libraries: [status(daemon)] }) }
    );
    expect(panel.node.querySelector('.jp-Autoegg-condition')!.textContent).toBe(word);
    expect(text()).toMatch(sentence);
  });

  it('names file and line of a failure whose message does not', async () => {
    const own = {
      condition: 'broken' as const,
      failure: { ...failure, message: 'invalid syntax' }
    };
    await show({ state: kernelState({ libraries: [library(own)] }) });
    expect(text()).toContain('invalid syntax (/home/ada/src/tagscrape/scrape.py:12)');
  });
});

describe('above the libraries stands', () => {
  it('why the last cell did not run, once', async () => {
    await show({
      state: kernelState({
        refusal: { ...failure, name: 'LibraryMissing', message: 'The library has gone' }
      })
    });
    expect(text()).toContain('The last cell did not run: The library has gone');
    panel.dispose();
    const broken = library({ condition: 'broken', failure });
    await show({ state: kernelState({ refusal: failure, libraries: [broken] }) });
    expect(text()!.split('invalid syntax')).toHaveLength(2);
  });

  it('why the daemon is not there, with a way to try again', async () => {
    const daemon = { condition: 'unavailable' as const, message: 'Install Node.js.', pid: null };
    const { executed } = await show({}, { state: serverState({ daemon }) });
    expect(text()).toContain('Install Node.js.');
    button('Try Again').click();
    expect(executed).toEqual([[CommandIDs.restartDaemon, {}]]);
  });

  it('that a kernel works without a daemon', async () => {
    await show({ state: kernelState({ daemon: { condition: 'fallback', message: null } }) });
    expect(text()).toContain('nothing can be sent to Spark');
  });

  it('what the kernel does for the panel, and that it waits for a cell', async () => {
    const action = { name: 'recompute' as const, id: 7 };
    await show({ isBusy: true, pending: [action], active: action });
    expect(text()).toContain('Recomputing cached data with the current code…');
    expect(text()).not.toContain('current cell');
    panel.dispose();
    await show({ isBusy: true, pending: [action] });
    expect(text()).toContain('Your request runs when the current cell finishes.');
  });

  it('how much of a library has arrived from the server, with a way to cancel it', async () => {
    const receiving = { library: 'helpers', done: 12_000_000, total: 80_000_000 };
    await show({ state: kernelState({ receiving }) });
    expect(text()).toContain('Receiving helpers from the Jupyter server: 12 MB of 80 MB');
    expect(button('Cancel')).toBeDefined();
  });

  it('that the code has been repaired since the last cell was refused', async () => {
    const repaired = kernelState({ refusal: failure });
    const { model } = await show({ state: repaired });
    model.setCells({ stale: 0, refused: 1 });
    await drawn();
    expect(text()).toContain('Repaired: run the cell again.');
    expect(panel.node.querySelector('[data-kind=error]')).toBeNull();
    expect(button('Run Stale Cells')).toBeDefined();
  });

  it('that the notebook is switched off', async () => {
    await show({ state: kernelState({ enabled: false }) });
    expect(text()).toContain('Switched off for this notebook');
  });
});

describe('the switches', () => {
  it('ask for the other position, of one library or of all', async () => {
    const { executed } = await show({});
    button('Keep tagscrape up to date').click();
    button('Keep the libraries of this notebook up to date').click();
    expect(executed).toEqual([
      [CommandIDs.toggleLibrary, { library: 'tagscrape', enabled: false }],
      [CommandIDs.toggle, { enabled: false }]
    ]);
  });

  it('of a library is off and cannot be used while its notebook is switched off', async () => {
    await show({ state: kernelState({ enabled: false }) });
    const own = button('Keep tagscrape up to date');
    expect([own.getAttribute('aria-checked'), own.disabled]).toEqual(['false', true]);
  });

  it('wait while the kernel has not answered', async () => {
    const { executed } = await show({
      pending: [{ name: 'set_library', library: 'tagscrape', enabled: false }]
    });
    const own = button('Keep tagscrape up to date');
    expect(own.getAttribute('aria-busy')).toBe('true');
    own.click();
    expect(executed).toEqual([]);
  });
});

it('the panel follows the kernel', async () => {
  const { link } = await show({});
  link.state = kernelState({ libraries: [library({ condition: 'shipping' })] });
  link.changed.emit();
  await drawn();
  expect(text()).toContain('shipping');
});

describe('what is drawn', () => {
  const other = library({ name: 'helpers', path: '/home/ada/src/helpers', library: 'k2' });
  /** Names of the libraries whose rows are drawn from now on. */
  const watch = (): string[] => {
    const drawnRows: string[] = [];
    jest.spyOn(LibrarySentences.prototype, 'failure').mockImplementation(({ name }) => {
      drawnRows.push(name);
      return null;
    });
    return drawnRows;
  };
  afterEach(() => jest.restoreAllMocks());

  it('is the row that there is news of, and no other', async () => {
    const kernel = kernelState({ libraries: [library(), other] });
    const { link } = await show({ state: kernel });
    const rows = watch();
    link.state = { ...kernel, libraries: [kernel.libraries[0], { ...other, files: 13 }] };
    link.changed.emit();
    await drawn();
    expect(rows).toEqual(['helpers']);
  });

  it('is nothing while the panel is hidden, and all news when it is shown', async () => {
    const { link } = await show({});
    panel.hide();
    const rows = watch();
    link.state = kernelState({ libraries: [other] });
    link.changed.emit();
    await drawn();
    expect(rows).toEqual([]);
    panel.show();
    await drawn();
    expect(rows).toEqual(['helpers']);
  });
});

describe('a screen reader announces', () => {
  const told = () => panel.node.querySelector('[role=status]')!.textContent;
  const other = library({ name: 'helpers', path: '/home/ada/src/helpers', library: 'k2' });

  it('the libraries whose condition is new, and no other', async () => {
    const { link } = await show({ state: kernelState({ libraries: [library(), other] }) });
    expect(told()).toBe('tagscrape up to date, helpers up to date');
    const shipping = { ...other, condition: 'shipping' as const };
    link.state = kernelState({ libraries: [library(), shipping] });
    link.changed.emit();
    await drawn();
    expect(told()).toBe('helpers shipping');
    link.state = kernelState({ libraries: [library({ files: 13 }), shipping] });
    link.changed.emit();
    await drawn();
    expect(told()).toBe('helpers shipping');
  });
});

it('below the libraries stands which Spark they go to', async () => {
  await show({});
  expect(panel.node.querySelector('.jp-Autoegg-footer')!.textContent).toBe(
    'Spark local[2] · app-1'
  );
});

it('Spark leads to its own user interface', async () => {
  const { spark } = kernelState();
  await show({ state: kernelState({ spark: { ...spark, web: 'http://localhost:4040' } }) });
  expect(panel.node.querySelector('.jp-Autoegg-footer a')!.getAttribute('href')).toBe(
    'http://localhost:4040'
  );
});

it('each moment of the timeline has a tooltip that says what happened', async () => {
  const shipped = { ...library().shipped!, at: new Date().toISOString() };
  await show({ state: kernelState({ libraries: [library({ shipped })] }) });
  button('Timeline').click();
  await drawn();
  expect([...panel.node.querySelectorAll('svg title')].map(title => title.textContent)).toEqual([
    expect.stringMatching(/ ships? tagscrape 3f9c 38 ms$/i)
  ]);
});

it('one file is counted as one', async () => {
  await show({ state: kernelState({ libraries: [library({ files: 1 })] }) });
  expect(text()).toContain('1 file, 35 kB');
});

it('a library that was removed is listed, and comes back with one click', async () => {
  const removed = [{ name: 'tagscrape', path: '/home/ada/src/tagscrape' }];
  const { executed } = await show({ state: kernelState({ libraries: [], removed }) });
  expect(text()).toContain('tagscrape: not kept up to date');
  expect(text()).not.toContain('import one in a cell');
  button('Add tagscrape back').click();
  expect(executed).toEqual([[CommandIDs.restoreLibrary, { library: 'tagscrape' }]]);
});

it('without a daemon a loaded library is said to be up to date in the driver', async () => {
  const libraries = [library({ version: null, files: 0, bytes: 0, shipped: null, library: null })];
  const daemon = { condition: 'fallback' as const, message: 'No Node.js.' };
  await show({ state: kernelState({ libraries, daemon }) });
  expect(panel.node.querySelector('.jp-Autoegg-condition')!.textContent).toBe('driver only');
  expect(text()).not.toContain('0 files');
});

it('name and version of a library lead to its code, and into the clipboard', async () => {
  const { executed } = await show({});
  button('tagscrape').click();
  button('Copy version 3f9c').click();
  button('Help').click();
  expect(executed).toEqual([
    [CommandIDs.openLibrary, { library: 'tagscrape' }],
    [CommandIDs.copyVersion, { library: 'tagscrape', version: OLD }],
    [CommandIDs.openTour, {}]
  ]);
});

describe('cells that should run again', () => {
  it('are counted by what is wrong with them, and the count leads to the next one', async () => {
    const { model, executed } = await show({});
    model.setCells({ stale: 2, refused: 1 });
    await drawn();
    button('2 cells are out of date · 1 cell did not run').click();
    button('Run Stale Cells').click();
    expect(executed).toEqual([
      [CommandIDs.nextStale, {}],
      [CommandIDs.runStale, {}]
    ]);
  });
});

describe('a filter', () => {
  const many = (count: number) =>
    kernelState({
      libraries: Array.from({ length: count }, (_, index) =>
        library({ name: `lib${index}`, path: `/lib${index}`, library: `k${index}` })
      )
    });
  const names = () =>
    [...panel.node.querySelectorAll('.jp-Autoegg-library')].map(node =>
      node.getAttribute('data-library')
    );

  it('is offered above ten libraries', async () => {
    await show({ state: many(10) });
    expect(panel.node.querySelector('input')).toBeNull();
    panel.dispose();
    await show({ state: many(12) });
    const input = panel.node.querySelector('input')!;
    const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')!.set!;
    set.call(input, 'lib1');
    input.dispatchEvent(new Event('input', { bubbles: true }));
    await drawn();
    expect(names()).toEqual(['lib1', 'lib10', 'lib11']);
  });
});
