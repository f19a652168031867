import { Notification } from '@jupyterlab/apputils';
import { CommandRegistry } from '@lumino/commands';

import { CommandIDs } from './commandIds';
import { addCommands } from './commands';
import { Autoegg } from './service';
import { fakeLink, fakeServer, settled, trans } from './testing/fakes';
import { kernelState, serverState, status } from './testing/states';

function setUp(own = {}) {
  const server = fakeServer();
  const model = new Autoegg(server);
  const link = fakeLink(own);
  model.setCurrent({ name: 'demo.ipynb', path: 'demo.ipynb', link });
  const registry = new CommandRegistry();
  addCommands(registry, model, trans);
  return { model, link, registry, server };
}

const told = () => Notification.manager.notifications.map(({ type, message }) => [type, message]);

afterEach(() => Notification.manager.dismiss());

describe('Ship Library', () => {
  it('can be pressed while a kernel with the shim is there, and only once at a time', () => {
    expect(setUp().registry.isEnabled(CommandIDs.ship)).toBe(true);
    expect(setUp({ condition: 'absent' }).registry.isEnabled(CommandIDs.ship)).toBe(false);
    const pending = setUp({ pending: [{ name: 'ship' }] });
    expect(pending.registry.isEnabled(CommandIDs.ship)).toBe(false);
    pending.model.setCurrent(null);
    expect(pending.registry.isEnabled(CommandIDs.ship)).toBe(false);
  });

  it('reports version and time when it has shipped', async () => {
    const { registry, link } = setUp();
    await registry.execute(CommandIDs.ship);
    expect(link.perform).toHaveBeenCalledWith({ name: 'ship' }, expect.any(Function));
    expect(told()).toEqual([['success', 'shipped tagscrape 3f9c (38 ms)']]);
  });

  it("reports the kernel's refusal, and a kernel that cannot be asked, as errors", async () => {
    const refused = {
      ok: false,
      message: 'scrape.py, line 12: invalid syntax',
      milliseconds: 1,
      state: kernelState()
    };
    await setUp({ perform: async () => refused }).registry.execute(CommandIDs.ship);
    expect(told()).toEqual([['error', 'scrape.py, line 12: invalid syntax']]);
    Notification.manager.dismiss();
    const perform = async () => Promise.reject(new Error('the kernel has died'));
    await setUp({ perform }).registry.execute(CommandIDs.ship);
    expect(told()).toEqual([['error', 'Nothing was shipped: the kernel has died']]);
  });

  it('shows progress while it waits for a running cell, and turns it into the outcome', async () => {
    jest.useFakeTimers();
    try {
      let answer: (result: object) => void = () => undefined;
      const perform = () => new Promise(resolve => (answer = resolve)) as never;
      const { registry } = setUp({ perform, isBusy: true });
      const shipping = registry.execute(CommandIDs.ship);
      jest.advanceTimersByTime(300);
      expect(told()).toEqual([['in-progress', 'Ships when the current cell finishes…']]);
      answer({ ok: true, message: 'shipped', milliseconds: 2, state: kernelState() });
      await settled();
      jest.advanceTimersByTime(1000);
      await shipping;
      expect(told()).toEqual([['success', 'shipped (2 ms)']]);
    } finally {
      jest.useRealTimers();
    }
  });
});

it('a long build is reported in per cent, with a way to cancel it, until it has ended', async () => {
  jest.useFakeTimers();
  try {
    let answer: (result: object) => void = () => undefined;
    const perform = (_: object, onStart: () => void) =>
      new Promise(resolve => {
        answer = resolve;
        onStart();
      }) as never;
    const { registry, link, server } = setUp({ perform });
    const shipping = registry.execute(CommandIDs.ship);
    const say = (done: number): void => {
      const building = { condition: 'building' as const, progress: { done, total: 2400 } };
      const other = { ...building, path: '/elsewhere', progress: { done: 0, total: 9999 } };
      server.state = serverState({ libraries: [status(building), status(other)] });
      server.changed.emit();
    };
    say(600);
    jest.advanceTimersByTime(300);
    const [first] = Notification.manager.notifications;
    expect(first.message).toBe('Building the libraries of this notebook: 25 % done');
    expect(first.options.progress).toBe(0.25);
    jest.advanceTimersByTime(1000);
    await settled();
    say(1212);
    await settled();
    const [now] = Notification.manager.notifications;
    expect(now.message).toBe('Building the libraries of this notebook: 50 % done');
    expect(now.options.actions!.map(({ label }) => label)).toEqual(['Cancel']);
    now.options.actions![0].callback({} as never);
    expect(link.interrupt).toHaveBeenCalledTimes(1);
    server.state = serverState();
    server.changed.emit();
    await settled();
    expect(told()).toEqual([['in-progress', 'Shipping the libraries of this notebook…']]);
    answer({ ok: false, message: 'cancelled', milliseconds: 2, state: kernelState() });
    await shipping;
    say(2000);
    expect(told()).toEqual([['error', 'cancelled']]);
  } finally {
    jest.useRealTimers();
  }
});

it('a build that is cancelled says how it ended, though its progress is gone', async () => {
  jest.useFakeTimers();
  try {
    let answer: (result: object) => void = () => undefined;
    const perform = () => new Promise(resolve => (answer = resolve)) as never;
    const shipping = setUp({ perform }).registry.execute(CommandIDs.ship);
    jest.advanceTimersByTime(300);
    // As JupyterLab does when an action of a notification is chosen.
    Notification.dismiss(Notification.manager.notifications[0].id);
    answer({ ok: false, message: 'cancelled', milliseconds: 2, state: kernelState() });
    await settled();
    jest.advanceTimersByTime(1000);
    await shipping;
    expect(told()).toEqual([['error', 'cancelled']]);
  } finally {
    jest.useRealTimers();
  }
});

it('the switch in a menu belongs to the row whose menu was opened', async () => {
  const { model, link } = setUp();
  const registry = new CommandRegistry();
  addCommands(registry, model, trans, () => 'tagscrape');
  expect(registry.label(CommandIDs.toggleLibrary)).toBe('Keep tagscrape Up to Date');
  expect(registry.isToggled(CommandIDs.toggleLibrary)).toBe(true);
  await registry.execute(CommandIDs.toggleLibrary);
  expect(jest.mocked(link.perform).mock.calls[0][0]).toEqual({
    name: 'set_library',
    library: 'tagscrape',
    enabled: false
  });
});

describe('the switches', () => {
  it('ask the kernel, and stay silent when it agrees', async () => {
    const { registry, link } = setUp();
    expect(registry.isToggled(CommandIDs.toggle)).toBe(true);
    await registry.execute(CommandIDs.toggle);
    await registry.execute(CommandIDs.toggleLibrary, { library: 'tagscrape', enabled: false });
    expect(jest.mocked(link.perform).mock.calls).toEqual([
      [{ name: 'set_enabled', enabled: false }, expect.any(Function)],
      [{ name: 'set_library', library: 'tagscrape', enabled: false }, expect.any(Function)]
    ]);
    expect(told()).toEqual([]);
  });
});

it('every command says what arguments it takes', async () => {
  const { registry } = setUp();
  for (const command of registry.listCommands()) {
    expect(await registry.describedBy(command)).toHaveProperty('args.type', 'object');
  }
});

it('toolbar and menus hear of a kernel that comes or goes', () => {
  const { link, registry } = setUp();
  const changed = jest.fn();
  registry.commandChanged.connect((_, { id }) => changed(id));
  link.condition = 'dead';
  link.changed.emit();
  expect(changed).toHaveBeenCalledWith(CommandIDs.ship);
  changed.mockClear();
  link.changed.emit();
  expect(changed).not.toHaveBeenCalled();
});
