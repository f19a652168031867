import { Notification } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import { CommandRegistry } from '@lumino/commands';

import { CommandIDs } from './commandIds';
import { addLibraryCommands } from './libraryCommands';
import { Autoegg } from './service';
import { fakeLink, fakeServer, settled, trans } from './testing/fakes';
import { kernelState } from './testing/states';

function setUp(own = {}) {
  const server = fakeServer();
  const model = new Autoegg(server);
  const link = fakeLink(own);
  model.setCurrent({ name: 'demo.ipynb', path: 'demo.ipynb', link });
  const registry = new CommandRegistry();
  const selected = () => '/home/ada/src/helpers';
  addLibraryCommands(registry, model, trans, { pick: null, clicked: () => 'tagscrape', selected });
  return { link, registry, server };
}

const told = () => Notification.manager.notifications.map(({ type, message }) => [type, message]);
const asked = (link: ReturnType<typeof fakeLink>) =>
  jest.mocked(link.perform).mock.calls.map(([action]) => action);

afterEach(() => Notification.manager.dismiss());

it('a library is removed with a way to undo it', async () => {
  const { link, registry } = setUp();
  await registry.execute(CommandIDs.removeLibrary, { library: 'tagscrape' });
  expect(told()).toEqual([['success', 'tagscrape is no longer kept up to date.']]);
  const [undo] = Notification.manager.notifications[0].options.actions!;
  expect(undo.label).toBe('Undo');
  undo.callback({} as never);
  await settled();
  expect(asked(link)).toEqual([
    { name: 'remove', library: 'tagscrape' },
    { name: 'restore', library: 'tagscrape' }
  ]);
});

it('a folder of the file browser is kept up to date in the notebook', async () => {
  const { link, registry } = setUp();
  await registry.execute(CommandIDs.addFolder);
  expect(asked(link)).toEqual([{ name: 'add', path: '/home/ada/src/helpers' }]);
  expect(told()).toEqual([['success', 'shipped tagscrape 3f9c']]);
});

describe('where kernels run behind a gateway', () => {
  beforeEach(() => {
    PageConfig.setOption('autoeggGateway', 'true');
    PageConfig.setOption('autoeggRoot', '/home/ada');
  });
  afterEach(() => {
    PageConfig.setOption('autoeggGateway', '');
    PageConfig.setOption('autoeggRoot', '');
  });

  it('a folder of the file browser is given to the kernel by the server', async () => {
    const { link, registry, server } = setUp();
    await registry.execute(CommandIDs.addFolder);
    expect(server.give).toHaveBeenCalledWith({ kernel: 'kernel-1', path: 'src/helpers' });
    expect(asked(link)).toEqual([]);
    expect(told()).toEqual([['success', 'The kernel can import helpers from now on.']]);
  });

  it('a folder that is named outside of the server’s root is refused with the way out', async () => {
    const { registry, server } = setUp();
    await registry.execute(CommandIDs.addLibrary, { path: '/srv/helpers' });
    expect(server.give).not.toHaveBeenCalled();
    expect(told()).toEqual([
      ['error', expect.stringMatching(/^\/srv\/helpers is outside .*gateway_libraries/)]
    ]);
  });

  it('of a folder with several libraries, what the kernel takes is reported beside what it does not', async () => {
    const { registry, server } = setUp();
    const refused = ['json has already been imported.'];
    jest.mocked(server.give).mockResolvedValue({ libraries: ['helpers'], refused });
    await registry.execute(CommandIDs.addFolder);
    expect(told()).toEqual([
      ['error', 'The kernel can import helpers from now on. json has already been imported.']
    ]);
  });

  it('why the kernel does not take it is reported in the words of the server', async () => {
    const { registry, server } = setUp();
    jest.mocked(server.give).mockRejectedValue(new Error('the kernel does not answer'));
    await registry.execute(CommandIDs.addFolder);
    expect(told()).toEqual([['error', 'the kernel does not answer']]);
  });
});

it('what takes long is reported from its beginning to its end, with a way to cancel it', async () => {
  jest.useFakeTimers();
  try {
    let answer: (result: object) => void = () => undefined;
    let start: () => void = () => undefined;
    const perform = (_: object, onStart: () => void) => {
      start = onStart;
      return new Promise(resolve => (answer = resolve)) as never;
    };
    const { link, registry } = setUp({ perform, isBusy: true });
    const done = registry.execute(CommandIDs.recompute, { id: 7 });
    jest.advanceTimersByTime(300);
    expect(told()).toEqual([
      [
        'in-progress',
        'Recomputing cached data with the current code… It starts when the current cell finishes.'
      ]
    ]);
    jest.advanceTimersByTime(1000);
    await settled();
    start();
    await settled();
    expect(told()).toEqual([['in-progress', 'Recomputing cached data with the current code…']]);
    const [cancel] = Notification.manager.notifications[0].options.actions!;
    cancel.callback({} as never);
    expect(link.interrupt).toHaveBeenCalledTimes(1);
    answer({ ok: true, message: 'kept was recomputed', milliseconds: 9, state: kernelState() });
    await done;
    expect(told()).toEqual([['success', 'kept was recomputed']]);
  } finally {
    jest.useRealTimers();
  }
});
