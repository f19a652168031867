import { Signal } from '@lumino/signaling';

import { KernelLink } from './kernelLink';
import type { Answer } from './testing/fakes';
import { FakeContext, FakeKernel, settled } from './testing/fakes';
import { kernelState, library } from './testing/states';

const connected: Answer = { state: kernelState() };

function open(
  kernel: FakeKernel | null,
  bootstrap = jest.fn(async () => 'load()' as string | null)
) {
  const context = new FakeContext(kernel);
  const link = new KernelLink({ sessionContext: context.context, bootstrap });
  return { context, link, bootstrap };
}

describe('the link to a kernel', () => {
  it('takes the state that the kernel sends on its comm, and each later one', async () => {
    const kernel = new FakeKernel([connected]);
    const { link, bootstrap } = open(kernel);
    await settled();
    expect(link.condition).toBe('connected');
    kernel.comms[0].say(kernelState({ libraries: [library({ condition: 'waiting' })] }));
    expect(link.state?.libraries[0].condition).toBe('waiting');
    expect(bootstrap).not.toHaveBeenCalled();
  });

  it('asks for no subshell: nothing is said to the kernel that would need one', async () => {
    const kernel = new FakeKernel([connected]);
    open(kernel);
    await settled();
    expect(kernel.comms[0].commsOverSubshells).toBe('disabled');
  });

  it('says nothing more to a kernel that has died', async () => {
    const kernel = new FakeKernel([connected]);
    const { context, link } = open(kernel);
    await settled();
    const uncaught = jest.fn();
    const before = Signal.setExceptionHandler(uncaught);
    kernel.status = 'dead';
    context.statusChanged.emit('dead');
    Signal.setExceptionHandler(before);
    expect(uncaught).not.toHaveBeenCalled();
    expect(link.condition).toBe('dead');
    expect([kernel.comms[0].isDisposed, kernel.comms[0].isClosed]).toEqual([true, false]);
  });

  it('has no news when the kernel says the same again, and keeps what has not changed', async () => {
    const kernel = new FakeKernel([connected]);
    const { link } = open(kernel);
    await settled();
    const changed = jest.fn();
    link.changed.connect(changed);
    const before = link.state!;
    kernel.comms[0].say(kernelState());
    expect(changed).not.toHaveBeenCalled();
    kernel.comms[0].say(kernelState({ generation: 4 }));
    expect(changed).toHaveBeenCalledTimes(1);
    expect(link.state!.libraries[0]).toBe(before.libraries[0]);
  });

  it('loads the shim into a kernel that does not know the comm, silently, and opens it again', async () => {
    const kernel = new FakeKernel(['closes', connected]);
    const { link } = open(kernel);
    await settled();
    expect(kernel.executed).toEqual([{ code: 'load()', expression: undefined }]);
    expect(link.condition).toBe('connected');
  });

  it('says why when loading fails, and tries again when asked', async () => {
    const kernel = new FakeKernel(['closes']);
    kernel.reply = { status: 'error', ename: 'ImportError', evalue: 'Python 3.8 is too old' };
    const { link, bootstrap } = open(kernel);
    await settled();
    expect([link.condition, link.problem]).toEqual(['absent', 'Python 3.8 is too old']);
    kernel.reply = { status: 'ok' };
    kernel.answers.push(connected);
    await link.load();
    expect(bootstrap).toHaveBeenLastCalledWith(true);
    expect(link.condition).toBe('connected');
  });

  it('leaves a kernel alone when the user wants that', async () => {
    const kernel = new FakeKernel(['closes']);
    const { link } = open(
      kernel,
      jest.fn(async () => null)
    );
    await settled();
    expect(link.condition).toBe('absent');
    expect(kernel.executed).toEqual([]);
  });

  it('does nothing to kernels of other languages', async () => {
    const kernel = new FakeKernel(['closes'], 'R');
    const { link } = open(kernel);
    await settled();
    expect(link.condition).toBe('foreign');
    expect(kernel.comms).toEqual([]);
  });

  it('follows the notebook to another kernel, and closes the comm of the one before', async () => {
    const first = new FakeKernel([connected]);
    const { context, link } = open(first);
    await settled();
    context.change(null);
    expect(link.condition).toBe('none');
    expect(link.state).toBeNull();
    const second = new FakeKernel([{ state: kernelState({ generation: 9 }) }]);
    context.change(second);
    await settled();
    expect(link.state?.generation).toBe(9);
    first.comms[0].say(kernelState({ generation: 4 }));
    expect(link.state?.generation).toBe(9);
  });

  it('opens the comm again when the connection is back, as after a restart', async () => {
    const kernel = new FakeKernel([connected]);
    const { context, link } = open(kernel);
    const opened = jest.fn();
    link.opened.connect(opened);
    await settled();
    kernel.connectionStatus = 'connecting';
    context.connectionStatusChanged.emit();
    expect(link.condition).toBe('connecting');
    kernel.connectionStatus = 'connected';
    context.connectionStatusChanged.emit();
    await settled();
    expect(link.condition).toBe('connected');
    expect(opened).toHaveBeenCalledTimes(2);
  });

  it('asks an idle kernel again that has not answered', async () => {
    jest.useFakeTimers();
    try {
      const kernel = new FakeKernel(['silent', connected]);
      const { link } = open(kernel);
      await settled();
      expect(link.condition).toBe('connecting');
      kernel.status = 'busy';
      jest.advanceTimersByTime(10_000);
      await settled();
      expect(kernel.comms).toHaveLength(1);
      kernel.status = 'idle';
      jest.advanceTimersByTime(10_000);
      await settled();
      expect(link.condition).toBe('connected');
    } finally {
      jest.useRealTimers();
    }
  });

  it('asks after each cell where another view of the kernel handles its comms', async () => {
    const answer = (generation: number) => ({
      status: 'ok',
      user_expressions: {
        r: {
          status: 'ok',
          data: {
            'application/json': {
              ok: true,
              message: '',
              milliseconds: 1,
              state: kernelState({ generation })
            }
          }
        }
      }
    });
    const kernel = new FakeKernel(['closes']);
    kernel.handleComms = false;
    kernel.reply = answer(1);
    const { context, link } = open(kernel);
    await settled();
    expect(link.state?.generation).toBe(1);
    kernel.reply = answer(2);
    context.statusChanged.emit('idle');
    await settled();
    expect(link.state?.generation).toBe(1);
    context.iopubMessage.emit({ header: { msg_type: 'execute_input' } });
    context.statusChanged.emit('idle');
    await settled();
    expect(link.state?.generation).toBe(2);
  });

  it('names both protocol numbers when they differ', async () => {
    const kernel = new FakeKernel([{ state: kernelState({ protocol: 2 }) }]);
    const { link } = open(kernel);
    await settled();
    expect(link.condition).toBe('absent');
    expect(link.problem).toMatch(/protocol 2, this page 1/);
  });

  it('distinguishes a dead kernel from one that is slow', async () => {
    const kernel = new FakeKernel([connected]);
    const { context, link } = open(kernel);
    await settled();
    kernel.status = 'dead';
    context.statusChanged.emit('dead');
    expect(link.condition).toBe('dead');
  });

  it('closes its comm and says nothing more once it is disposed', async () => {
    const kernel = new FakeKernel([connected]);
    const { link } = open(kernel);
    await settled();
    const changed = jest.fn();
    link.changed.connect(changed);
    link.dispose();
    expect(kernel.comms[0].isClosed).toBe(true);
    kernel.comms[0].say(kernelState());
    expect(changed).not.toHaveBeenCalled();
  });
});
