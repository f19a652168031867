/** Kernels, sessions and servers for the specs beside the sources: they say what a spec wants them to say. */
import type { ISessionContext } from '@jupyterlab/apputils';
import type { Kernel } from '@jupyterlab/services';
import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';

import type { KernelState } from '../../protocol';
import type { IKernelLink, IServerMonitor } from '../tokens';
import { kernelState, OLD, serverState } from './states';

export const trans = nullTranslator.load('jupyterlab_autoegg');

type Writable<T> = { -readonly [K in keyof T]: T[K] };

export function fakeLink(own: Partial<IKernelLink> = {}): Writable<IKernelLink> & {
  changed: Signal<IKernelLink, void>;
} {
  const link = {
    kernel: 'kernel-1',
    condition: 'connected' as const,
    problem: null,
    state: kernelState(),
    pending: [],
    active: null,
    isBusy: false,
    isDisposed: false,
    perform: jest.fn(async () => ({
      ok: true,
      message: 'shipped tagscrape 3f9c',
      milliseconds: 38.2,
      state: kernelState()
    })),
    load: jest.fn(async () => undefined),
    interrupt: jest.fn(async () => undefined),
    dispose: jest.fn(),
    ...own
  };
  return Object.assign(link, { changed: new Signal<IKernelLink, void>(link as never) }) as never;
}

export function fakeServer(own: Partial<IServerMonitor> = {}): Writable<IServerMonitor> & {
  changed: Signal<IServerMonitor, void>;
} {
  const server = {
    state: serverState(),
    problem: null,
    isDisposed: false,
    refresh: jest.fn(async () => undefined),
    restart: jest.fn(async () => undefined),
    bootstrap: jest.fn(async () => 'load()'),
    contents: jest.fn(async () => ({ version: OLD, bytes: 0, files: [] })),
    changes: jest.fn(async () => ({ added: [], changed: [], removed: [] })),
    difference: jest.fn(async () => ({ lines: [], reason: null, cut: false })),
    give: jest.fn(async () => ({ libraries: ['helpers'], refused: [] })),
    file: jest.fn(async () => ({ path: '', version: OLD, text: '' })),
    dispose: jest.fn(),
    ...own
  };
  return Object.assign(server, {
    changed: new Signal<IServerMonitor, void>(server as never)
  }) as never;
}

export type Answer = { state: KernelState } | 'closes' | 'silent';

/** A kernel that answers each opened comm as `answers` say, the last one from then on. */
export class FakeKernel {
  constructor(
    readonly answers: Answer[],
    readonly language = 'python'
  ) {}

  readonly executed: { code: string; expression?: string }[] = [];
  readonly comms: FakeComm[] = [];
  connectionStatus = 'connected';
  status = 'idle';
  handleComms = true;
  /** Content of the next reply. */
  reply: object = { status: 'ok' };

  get spec(): Promise<{ language: string }> {
    return Promise.resolve({ language: this.language });
  }

  createComm(): FakeComm {
    const answer = this.answers.length > 1 ? this.answers.shift()! : this.answers[0];
    const comm = new FakeComm(answer, this);
    this.comms.push(comm);
    return comm;
  }

  requestExecute(content: { code: string; user_expressions?: { r: string } }): {
    done: Promise<{ content: object }>;
  } {
    this.executed.push({ code: content.code, expression: content.user_expressions?.r });
    return { done: Promise.resolve({ content: this.reply }) };
  }

  get connection(): Kernel.IKernelConnection {
    return this as never;
  }
}

export class FakeComm {
  constructor(
    private readonly answer: Answer,
    private readonly kernel: FakeKernel
  ) {}

  onMsg: (message: { content: { data: unknown } }) => void = () => undefined;
  onClose: () => void = () => undefined;
  isDisposed = false;
  isClosed = false;
  /** Whether JupyterLab makes a shell of the kernel for it; its own default. */
  commsOverSubshells = 'perCommTarget';

  open(): void {
    void Promise.resolve().then(() => {
      if (this.answer === 'closes') {
        this.onClose();
      } else if (this.answer !== 'silent') {
        this.say(this.answer.state);
      }
    });
  }

  say(state: KernelState): void {
    this.onMsg({ content: { data: state } });
  }

  close(): void {
    if (this.kernel.status === 'dead') {
      throw new Error('Kernel is dead');
    }
    this.isClosed = true;
    this.isDisposed = true;
  }

  dispose(): void {
    this.isDisposed = true;
  }
}

export class FakeContext {
  constructor(kernel: FakeKernel | null) {
    this.session = kernel && { kernel };
  }

  session: { kernel: FakeKernel } | null;
  readonly kernelChanged = new Signal<this, void>(this);
  readonly connectionStatusChanged = new Signal<this, void>(this);
  readonly statusChanged = new Signal<this, string>(this);
  readonly iopubMessage = new Signal<this, object>(this);

  change(kernel: FakeKernel | null): void {
    this.session = kernel && { kernel };
    this.kernelChanged.emit();
  }

  get context(): ISessionContext {
    return this as never;
  }
}

/** React draws in turns of its own, and what it draws may ask for more. */
export async function drawn(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) {
    await new Promise(resolve => setTimeout(resolve));
  }
}

/** Lets all that is due happen. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) {
    await Promise.resolve();
  }
}
