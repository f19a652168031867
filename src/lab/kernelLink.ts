import type { ISessionContext } from '@jupyterlab/apputils';
import type { Kernel, KernelMessage } from '@jupyterlab/services';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { ActionResult, KernelState } from '../protocol';
import { PROTOCOL } from '../protocol';
import { perform } from './actions';
import { KernelComm } from './kernelComm';
import { conditionOf, WAITING } from './kernelCondition';
import { shared } from './sharing';
import type { Action, IKernelLink, LinkCondition } from './tokens';

/** How long an idle kernel may take to answer before it is asked again, in milliseconds. */
const PATIENCE = 8000;

/**
 * The comm between the page and one notebook's kernel.
 *
 * It is reopened whenever the kernel's connection is up again: after a change of kernel, a restart (which drops
 * every comm without a word) and a network failure. A kernel that lacks the shim closes it at once and is then given
 * the shim, unless the user prefers not to.
 */
export class KernelLink implements IKernelLink {
  constructor(options: KernelLink.IOptions) {
    this._context = options.sessionContext;
    this._bootstrap = options.bootstrap;
    this._context.kernelChanged.connect(this._connect, this);
    this._context.connectionStatusChanged.connect(this._connect, this);
    this._context.statusChanged.connect(this._onStatus, this);
    this._context.iopubMessage.connect(this._onMessage, this);
    this._connect();
  }

  get condition(): LinkCondition {
    return this._condition;
  }

  get problem(): string | null {
    return this._problem;
  }

  get state(): KernelState | null {
    return this._state;
  }

  get pending(): readonly Action[] {
    return this._pending;
  }

  get active(): Action | null {
    return this._active;
  }

  get kernel(): string | null {
    return this._kernel?.id ?? null;
  }

  get isBusy(): boolean {
    return this._kernel?.status === 'busy';
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Emitted with the first state of each newly opened comm: a new kernel starts from its own defaults. */
  get opened(): ISignal<this, KernelState> {
    return this._opened;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._attempt++;
    this._comm.close(this._kernel);
    Signal.clearData(this);
  }

  async perform(action: Action, onStart?: () => void): Promise<ActionResult> {
    const kernel = this._kernel;
    if (!kernel || this._condition !== 'connected') {
      throw new Error("This notebook's kernel is not connected.");
    }
    // The same connection may lead to another life of the kernel by the time of the answer.
    const attempt = this._attempt;
    this._pending = [...this._pending, action];
    this._emit();
    try {
      const result = await perform(kernel, action, () => {
        this._active = action;
        this._emit();
        onStart?.();
      });
      if (attempt === this._attempt && this._condition === 'connected') {
        this._state = shared(this._state, result.state);
      }
      return result;
    } finally {
      this._pending = this._pending.filter(other => other !== action);
      if (this._active === action) {
        this._active = null;
      }
      this._emit();
    }
  }

  async load(): Promise<void> {
    await this._open(true);
  }

  async interrupt(): Promise<void> {
    await this._kernel?.interrupt();
  }

  private get _kernel(): Kernel.IKernelConnection | null {
    return this._context.session?.kernel ?? null;
  }

  private _connect(): void {
    void this._open(false);
  }

  private async _open(asked: boolean): Promise<void> {
    const attempt = ++this._attempt;
    const isStale = () => attempt !== this._attempt;
    const kernel = this._kernel;
    this._comm.close(this._kernel);
    this._become(conditionOf(kernel));
    if (!kernel || kernel.connectionStatus !== 'connected' || kernel.status === 'dead') {
      return;
    }
    try {
      // Not `kernel.info`: its reply is lost, and never asked for again, when a kernel restarts while it starts.
      const spec = await kernel.spec;
      if (isStale()) {
        return;
      }
      if (spec && spec.language.toLowerCase() !== 'python') {
        this._become('foreign');
      } else if (!kernel.handleComms) {
        await this._ask();
      } else if (!(await this._openComm(kernel)) && !isStale()) {
        const code = await this._bootstrap(asked);
        if (isStale()) {
          return;
        }
        if (code === null) {
          this._become('absent');
          return;
        }
        await execute(kernel, code);
        if (!isStale() && !(await this._openComm(kernel)) && !isStale()) {
          this._become('absent', 'The kernel closed the connection after autoegg was loaded.');
        }
      }
    } catch (error) {
      if (!isStale()) {
        this._become('absent', (error as Error).message);
      }
    }
  }

  private async _openComm(kernel: Kernel.IKernelConnection): Promise<boolean> {
    this._watch(kernel);
    return this._comm.open(kernel);
  }

  /** A message that reaches a kernel before its channels are set up is lost: an idle kernel is asked again. */
  private _watch(kernel: Kernel.IKernelConnection): void {
    const attempt = this._attempt;
    setTimeout(() => {
      if (attempt !== this._attempt || !WAITING.includes(this._condition)) {
        return;
      }
      if (kernel.status === 'idle') {
        this._connect();
      } else {
        this._watch(kernel);
      }
    }, PATIENCE);
  }

  private _receive(state: KernelState): void {
    if (state.protocol !== PROTOCOL) {
      this._comm.close(this._kernel);
      this._become(
        'absent',
        `The kernel's autoegg speaks protocol ${state.protocol}, this page ${PROTOCOL}: install the same version of jupyterlab-autoegg on both sides.`
      );
      return;
    }
    const isFirst = this._condition !== 'connected';
    const before = this._state;
    this._condition = 'connected';
    this._problem = null;
    this._state = shared(before, state);
    if (!isFirst && this._state === before) {
      // The kernel says what it has said: no news for anybody.
      return;
    }
    this._emit();
    if (isFirst && !this._isDisposed) {
      this._opened.emit(state);
    }
  }

  /**
   * Two views of one kernel (a second notebook, a console): JupyterLab lets only the first handle comms, so that the
   * other one has to ask.
   */
  private async _ask(): Promise<void> {
    const kernel = this._kernel;
    const attempt = this._attempt;
    if (kernel) {
      const { state } = await perform(kernel, { name: 'state' });
      if (attempt === this._attempt) {
        this._receive(state);
      }
    }
  }

  private _onMessage(_: unknown, message: KernelMessage.IMessage): void {
    // A silent request has no `execute_input`, so that asking does not lead to asking again.
    this._hasRun ||= message.header.msg_type === 'execute_input';
  }

  private _onStatus(_: unknown, status: Kernel.Status): void {
    if (status === 'dead') {
      this._attempt++;
      this._comm.close(this._kernel);
      this._become('dead');
    } else if (WAITING.includes(this._condition)) {
      const condition = conditionOf(this._kernel);
      if (condition !== this._condition) {
        this._become(condition);
      }
    } else if (status === 'restarting' || status === 'autorestarting') {
      this._attempt++;
      this._comm.close(this._kernel);
      this._become('restarting');
    } else if (this._condition === 'connected' && this.isBusy !== this._wasBusy) {
      this._wasBusy = this.isBusy;
      this._emit();
    }
    if (status === 'idle' && this._hasRun) {
      this._hasRun = false;
      if (this._condition === 'connected' && !this._comm.isOpen) {
        void this._ask().catch(() => undefined);
      }
    }
  }

  private _become(condition: LinkCondition, problem: string | null = null): void {
    this._condition = condition;
    this._problem = problem;
    this._state = null;
    this._emit();
  }

  private _emit(): void {
    if (!this._isDisposed) {
      this._changed.emit();
    }
  }

  private readonly _context: ISessionContext;
  private readonly _bootstrap: KernelLink.IOptions['bootstrap'];
  private readonly _changed = new Signal<this, void>(this);
  private readonly _comm = new KernelComm({
    onState: state => this._receive(state),
    onClose: () => {
      if (this._condition === 'connected') {
        this._become('absent');
      }
    }
  });
  private readonly _opened = new Signal<this, KernelState>(this);
  private _condition: LinkCondition = 'none';
  private _problem: string | null = null;
  private _state: KernelState | null = null;
  private _pending: readonly Action[] = [];
  private _active: Action | null = null;
  private _attempt = 0;
  private _hasRun = false;
  private _wasBusy = false;
  private _isDisposed = false;
}

export namespace KernelLink {
  export interface IOptions {
    sessionContext: ISessionContext;
    /**
     * Gives the code that loads the shim, or null if the kernel should be left as it is. `asked`: the user wants it.
     */
    bootstrap: (asked: boolean) => Promise<string | null>;
  }
}

async function execute(kernel: Kernel.IKernelConnection, code: string): Promise<void> {
  const { content } = await kernel.requestExecute({
    code,
    silent: true,
    store_history: false,
    stop_on_error: false,
    allow_stdin: false
  }).done;
  if (content.status === 'error') {
    throw new Error(content.evalue || content.ename);
  }
}
