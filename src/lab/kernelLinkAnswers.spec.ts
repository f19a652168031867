import type { ActionResult, KernelState } from '../protocol';
import { KernelLink } from './kernelLink';
import type { Answer } from './testing/fakes';
import { FakeContext, FakeKernel, settled } from './testing/fakes';
import { kernelState, library } from './testing/states';

const connected: Answer = { state: kernelState() };

const contentOf = (state: KernelState) => ({
  status: 'ok',
  user_expressions: {
    r: {
      status: 'ok',
      data: { 'application/json': { ok: true, message: 'shipped', milliseconds: 1, state } }
    }
  }
});

/** A kernel whose replies come when the spec says so, in the order of the requests. */
class SlowKernel extends FakeKernel {
  private readonly _waiting: ((content: object) => void)[] = [];

  override requestExecute(): { done: Promise<{ content: object }> } {
    return {
      done: new Promise(resolve => this._waiting.push(content => resolve({ content })))
    };
  }

  get asked(): number {
    return this._waiting.length;
  }

  async answer(content: object): Promise<void> {
    this._waiting.shift()!(content);
    await settled();
  }
}

async function open(
  kernel: FakeKernel,
  bootstrap: () => Promise<string | null> = async () => 'load()'
) {
  const context = new FakeContext(kernel);
  const link = new KernelLink({ sessionContext: context.context, bootstrap });
  await settled();
  return { context, link };
}

/** As after a restart: the same connection, another life of the kernel behind it. */
function restart(context: FakeContext, kernel: FakeKernel): void {
  kernel.status = 'restarting';
  context.statusChanged.emit('restarting');
  kernel.status = 'idle';
  context.connectionStatusChanged.emit();
}

describe('what a person has asked the kernel for', () => {
  it('is under way until the answer comes, and its state is shown with the answer', async () => {
    const kernel = new SlowKernel([connected]);
    const { link } = await open(kernel);
    const seen: string[][] = [];
    link.changed.connect(() => seen.push(link.pending.map(({ name }) => name)));
    const before = link.state!;
    const ship = link.perform({ name: 'ship' });
    const verify = link.perform({ name: 'verify' });
    expect(link.pending).toEqual([{ name: 'ship' }, { name: 'verify' }]);
    await kernel.answer(contentOf(kernelState({ generation: 4 })));
    expect((await ship).message).toBe('shipped');
    expect(link.pending).toEqual([{ name: 'verify' }]);
    expect(link.state?.generation).toBe(4);
    // What has not changed is the same object, as with what the kernel says by itself.
    expect(link.state?.libraries[0]).toBe(before.libraries[0]);
    await kernel.answer(contentOf(kernelState({ generation: 5 })));
    await verify;
    expect(seen).toEqual([['ship'], ['ship', 'verify'], ['verify'], []]);
  });

  it('is no longer under way when it fails', async () => {
    const kernel = new SlowKernel([connected]);
    const { link } = await open(kernel);
    const ship = link.perform({ name: 'ship' });
    const failed = expect(ship).rejects.toThrow('no such library');
    await kernel.answer({ status: 'error', ename: 'E', evalue: 'no such library' });
    await failed;
    expect(link.pending).toEqual([]);
  });

  it('is refused where no kernel is connected', async () => {
    const kernel = new SlowKernel(['silent']);
    const { link } = await open(kernel);
    await expect(link.perform({ name: 'ship' })).rejects.toThrow('not connected');
    expect(kernel.asked).toBe(0);
  });
});

describe('what comes too late', () => {
  const late = contentOf(kernelState({ generation: 99 }));

  it.each([
    [
      'another kernel is there',
      (context: FakeContext) =>
        context.change(new FakeKernel([{ state: kernelState({ generation: 7 }) }]))
    ],
    [
      'the kernel has been restarted',
      (context: FakeContext, kernel: SlowKernel) => {
        kernel.answers.splice(0, 1, { state: kernelState({ generation: 7 }) });
        restart(context, kernel);
      }
    ]
  ])('is the answer to an action when %s', async (_, replace) => {
    const kernel = new SlowKernel([connected]);
    const { context, link } = await open(kernel);
    const ship = link.perform({ name: 'ship' });
    replace(context, kernel);
    await settled();
    expect(link.state?.generation).toBe(7);
    await kernel.answer(late);
    expect(((await ship) as ActionResult).state.generation).toBe(99);
    expect(link.state?.generation).toBe(7);
    expect(link.pending).toEqual([]);
  });

  it('is the answer to an action of a kernel that has died', async () => {
    const kernel = new SlowKernel([connected]);
    const { context, link } = await open(kernel);
    const ship = link.perform({ name: 'ship' });
    kernel.status = 'dead';
    context.statusChanged.emit('dead');
    await kernel.answer(late);
    await ship;
    expect([link.condition, link.state]).toEqual(['dead', null]);
  });

  it('is the state of a kernel that was asked for it, when it has been restarted since', async () => {
    const kernel = new SlowKernel([connected]);
    kernel.handleComms = false;
    const { context, link } = await open(kernel);
    expect(kernel.asked).toBe(1);
    restart(context, kernel);
    await settled();
    await kernel.answer(late);
    expect([link.condition, link.state]).toEqual(['connecting', null]);
    await kernel.answer(contentOf(kernelState({ generation: 1 })));
    expect(link.state?.generation).toBe(1);
  });

  it('is the state of another view’s kernel, when the notebook has another kernel by now', async () => {
    const kernel = new SlowKernel([connected]);
    kernel.handleComms = false;
    const { context, link } = await open(kernel);
    context.change(new FakeKernel([{ state: kernelState({ generation: 7 }) }]));
    await settled();
    await kernel.answer(late);
    expect(link.state?.generation).toBe(7);
  });

  it.each(['load()', null])('is the code that loads the shim: %s', async code => {
    let give = (_: string | null) => undefined as void;
    const kernel = new FakeKernel(['closes']);
    const { context, link } = await open(kernel, () => new Promise(resolve => (give = resolve)));
    context.change(new FakeKernel([{ state: kernelState({ generation: 7 }) }]));
    await settled();
    give(code);
    await settled();
    expect(kernel.executed).toEqual([]);
    expect([link.condition, link.state?.generation]).toEqual(['connected', 7]);
  });

  it.each([
    ['success', { status: 'ok' }],
    ['failure', { status: 'error', ename: 'E', evalue: 'the old kernel could not' }]
  ])('is the %s of loading the shim', async (_, content) => {
    const kernel = new SlowKernel(['closes']);
    const { context, link } = await open(kernel);
    expect(kernel.asked).toBe(1);
    context.change(new FakeKernel([{ state: kernelState({ generation: 7 }) }]));
    await settled();
    await kernel.answer(content);
    expect([link.condition, link.problem, link.state?.generation]).toEqual(['connected', null, 7]);
    expect(kernel.comms).toHaveLength(1);
  });

  it('is that the second comm is closed', async () => {
    const kernel = new FakeKernel(['closes', 'silent']);
    const { context, link } = await open(kernel);
    expect(kernel.comms).toHaveLength(2);
    context.change(new FakeKernel([{ state: kernelState({ generation: 7 }) }]));
    await settled();
    kernel.comms[1].onClose();
    await settled();
    expect([link.condition, link.problem]).toEqual(['connected', null]);
  });

  it('is what kind of kernel the one before was', async () => {
    let tell = (_: { language: string }) => undefined as void;
    const kernel = new FakeKernel([connected]);
    jest
      .spyOn(kernel, 'spec', 'get')
      .mockReturnValue(new Promise(resolve => (tell = resolve)) as never);
    const { context, link } = await open(kernel);
    context.change(new FakeKernel([connected]));
    await settled();
    tell({ language: 'R' });
    await settled();
    expect(link.condition).toBe('connected');
  });

  it('is a question that was put before the kernel was restarted', async () => {
    jest.useFakeTimers();
    try {
      const kernel = new FakeKernel(['silent']);
      const { context } = await open(kernel);
      restart(context, kernel);
      await settled();
      expect(kernel.comms).toHaveLength(2);
      jest.advanceTimersByTime(9_000);
      await settled();
      // Of the two watches only the later one asks again.
      expect(kernel.comms).toHaveLength(3);
    } finally {
      jest.useRealTimers();
    }
  });
});

describe('a kernel', () => {
  it('that closes the comm is left without a state', async () => {
    const kernel = new FakeKernel([connected]);
    const { link } = await open(kernel);
    kernel.comms[0].onClose();
    expect([link.condition, link.state]).toEqual(['absent', null]);
  });

  it('that restarts has its comm closed, and says nothing more of its life before', async () => {
    const kernel = new FakeKernel([connected]);
    const { context, link } = await open(kernel);
    const [comm] = kernel.comms;
    kernel.status = 'restarting';
    context.statusChanged.emit('restarting');
    expect([link.condition, link.state, comm.isDisposed]).toEqual(['restarting', null, true]);
    comm.say(kernelState({ generation: 99 }));
    expect(link.state).toBeNull();
  });

  it('that works is distinguished from one that waits, once for each change', async () => {
    const kernel = new FakeKernel([connected]);
    const { context, link } = await open(kernel);
    const seen: boolean[] = [];
    link.changed.connect(() => seen.push(link.isBusy));
    for (const status of ['busy', 'busy', 'idle', 'idle', 'busy']) {
      kernel.status = status;
      context.statusChanged.emit(status);
    }
    expect(seen).toEqual([true, false, true]);
  });

  it('with a comm of its own is not asked after each cell', async () => {
    const kernel = new SlowKernel([connected]);
    const { context } = await open(kernel);
    context.iopubMessage.emit({ header: { msg_type: 'execute_input' } });
    context.statusChanged.emit('idle');
    await settled();
    expect(kernel.asked).toBe(0);
  });

  it('that another view handles is asked once for each cell, whatever else it says', async () => {
    const kernel = new SlowKernel([connected]);
    kernel.handleComms = false;
    const { context, link } = await open(kernel);
    await kernel.answer(contentOf(kernelState({ libraries: [library()] })));
    context.iopubMessage.emit({ header: { msg_type: 'execute_input' } });
    context.iopubMessage.emit({ header: { msg_type: 'stream' } });
    context.statusChanged.emit('idle');
    context.statusChanged.emit('idle');
    await settled();
    expect(kernel.asked).toBe(1);
    await kernel.answer(contentOf(kernelState({ generation: 2 })));
    expect(link.state?.generation).toBe(2);
  });

  it('of the language Python is one, however its kernelspec writes it', async () => {
    const { link } = await open(new FakeKernel([connected], 'Python'));
    expect(link.condition).toBe('connected');
  });

  it('with another protocol has its comm closed', async () => {
    const kernel = new FakeKernel([{ state: kernelState({ protocol: 2 }) }]);
    const { link } = await open(kernel);
    expect(kernel.comms[0].isClosed).toBe(true);
    kernel.comms[0].say(kernelState());
    expect(link.condition).toBe('absent');
  });

  it('that has died meanwhile is not given the shim', async () => {
    let give = (_: string | null) => undefined as void;
    const kernel = new FakeKernel(['closes']);
    const { context, link } = await open(kernel, () => new Promise(resolve => (give = resolve)));
    // Until the shim is there it is not known to be absent.
    expect(link.condition).toBe('connecting');
    kernel.status = 'dead';
    context.statusChanged.emit('dead');
    give('load()');
    await settled();
    expect(kernel.executed).toEqual([]);
    expect(link.condition).toBe('dead');
  });

  it('without the shim is not asked after each cell', async () => {
    const kernel = new FakeKernel(['closes']);
    const { context, link } = await open(kernel, async () => null);
    context.iopubMessage.emit({ header: { msg_type: 'execute_input' } });
    context.statusChanged.emit('idle');
    await settled();
    expect([link.condition, kernel.executed]).toEqual(['absent', []]);
  });

  it('that has not answered is no news as long as that is so', async () => {
    const kernel = new FakeKernel(['silent']);
    const { context, link } = await open(kernel);
    const changed = jest.fn();
    link.changed.connect(changed);
    for (const status of ['busy', 'idle', 'starting', 'starting']) {
      kernel.status = status;
      context.statusChanged.emit(status);
    }
    expect(changed).toHaveBeenCalledTimes(1);
    expect(link.condition).toBe('starting');
  });

  it('can be interrupted', async () => {
    const kernel = Object.assign(new FakeKernel([connected]), { interrupt: jest.fn() });
    const { link } = await open(kernel);
    await link.interrupt();
    expect(kernel.interrupt).toHaveBeenCalledTimes(1);
  });
});

it('a link that is disposed while the kernel is asked does nothing with the answer', async () => {
  const kernel = new SlowKernel(['closes', connected]);
  const { link } = await open(kernel);
  link.dispose();
  await kernel.answer({ status: 'ok' });
  expect(kernel.comms).toHaveLength(1);
});
