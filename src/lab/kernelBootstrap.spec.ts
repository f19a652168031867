import { Signal } from '@lumino/signaling';

import { followNotebooks } from './kernelBootstrap';
import { Autoegg, DEFAULT_SETTINGS } from './service';
import { FakeContext, FakeKernel, fakeServer, settled } from './testing/fakes';
import { kernelState } from './testing/states';

class FakePanel {
  constructor(readonly sessionContext: FakeContext) {}
  readonly title = { label: 'demo.ipynb' };
  readonly context = { path: 'demo.ipynb' };
  readonly disposed = new Signal<this, void>(this);
}

class FakeTracker {
  currentWidget: FakePanel | null = null;
  readonly widgetAdded = new Signal<this, FakePanel>(this);
  readonly currentChanged = new Signal<this, FakePanel | null>(this);

  open(kernel: FakeKernel): FakePanel {
    const panel = new FakePanel(new FakeContext(kernel));
    this.widgetAdded.emit(panel);
    this.currentWidget = panel;
    this.currentChanged.emit(panel);
    return panel;
  }
}

function setUp(settings = DEFAULT_SETTINGS) {
  const server = fakeServer();
  const model = new Autoegg(server);
  model.settings = settings;
  const tracker = new FakeTracker();
  followNotebooks(model, tracker as never);
  return { server, model, tracker };
}

const connected = { state: kernelState() };
const configure = (kernel: FakeKernel) =>
  kernel.executed.map(({ expression }) => expression).filter(text => text?.includes('configure'));

describe('each open notebook', () => {
  it('gets the shim into its kernel, and is the current one when it is in front', async () => {
    const { server, model, tracker } = setUp();
    const kernel = new FakeKernel(['closes', connected]);
    tracker.open(kernel);
    await settled();
    expect(server.bootstrap).toHaveBeenCalledTimes(1);
    expect(model.current?.name).toBe('demo.ipynb');
    expect(model.current?.link.condition).toBe('connected');
  });

  it('gets the shim into the kernel that it is changed to', async () => {
    const { server, model, tracker } = setUp();
    const { sessionContext } = tracker.open(new FakeKernel([connected]));
    await settled();
    expect(server.bootstrap).not.toHaveBeenCalled();
    sessionContext.change(new FakeKernel(['closes', connected]));
    await settled();
    expect(server.bootstrap).toHaveBeenCalledTimes(1);
    expect(model.current?.link.condition).toBe('connected');
  });

  it('keeps kernels without the shim as they are when the setting is off', async () => {
    const { server, model, tracker } = setUp({ ...DEFAULT_SETTINGS, enabled: false });
    tracker.open(new FakeKernel(['closes']));
    await settled();
    expect(server.bootstrap).not.toHaveBeenCalled();
    expect(model.current?.link.condition).toBe('absent');
  });

  it('closes its comm when the notebook is closed', async () => {
    const { tracker } = setUp();
    const kernel = new FakeKernel([connected]);
    const panel = tracker.open(kernel);
    await settled();
    panel.disposed.emit();
    expect(kernel.comms[0].isClosed).toBe(true);
  });
});

describe('the settings', () => {
  beforeEach(() => {
    // The fake kernel does not answer actions.
    jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  });

  it('are sent to a kernel when they are not what it starts from', async () => {
    const { tracker } = setUp({ ...DEFAULT_SETTINGS, reshipOnSave: false });
    const kernel = new FakeKernel([connected]);
    tracker.open(kernel);
    await settled();
    expect(configure(kernel)).toEqual([
      '__import__("autoegg").kernel.actions.configure(reship_on_save=False, enabled=True)'
    ]);
  });

  it('of somebody who opens a shared notebook leave its kernel as it is', async () => {
    const { tracker } = setUp({ ...DEFAULT_SETTINGS, enabled: false });
    const kernel = new FakeKernel([{ state: kernelState({ configured: true }) }]);
    tracker.open(kernel);
    await settled();
    expect(configure(kernel)).toEqual([]);
  });

  it('do not switch on again what a notebook has switched off', async () => {
    const { tracker } = setUp();
    const kernel = new FakeKernel([{ state: kernelState({ enabled: false }) }]);
    tracker.open(kernel);
    await settled();
    expect(configure(kernel)).toEqual([]);
  });

  it('reach every connected kernel when they change', async () => {
    const { model, tracker } = setUp();
    const kernels = [new FakeKernel([connected]), new FakeKernel([connected])];
    kernels.forEach(kernel => tracker.open(kernel));
    await settled();
    model.settings = { ...DEFAULT_SETTINGS, enabled: false };
    expect(kernels.map(kernel => configure(kernel).length)).toEqual([1, 1]);
    await settled();
  });
});
