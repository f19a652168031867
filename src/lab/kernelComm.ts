import type { Kernel } from '@jupyterlab/services';
import { CommsOverSubshells } from '@jupyterlab/services';

import type { KernelState } from '../protocol';
import { COMM_TARGET, PROTOCOL } from '../protocol';

/** The one comm on which a kernel sends its state. Messages on one that has been closed or replaced are ignored. */
export class KernelComm {
  constructor(private readonly options: KernelComm.IOptions) {}

  get isOpen(): boolean {
    return this._comm !== null;
  }

  /** Resolves with true on the first state, with false when the kernel does not know the comm. */
  open(kernel: Kernel.IKernelConnection): Promise<boolean> {
    return new Promise(resolve => {
      const comm = kernel.createComm(COMM_TARGET);
      // Only the kernel speaks on it. A subshell would be a thread for nothing, and ipykernel (7.4) leaves a task behind when one
      // is deleted right after a message, which it reports in some later cell: "Task was destroyed but it is pending".
      comm.commsOverSubshells = CommsOverSubshells.Disabled;
      this._comm = comm;
      comm.onMsg = message => {
        if (comm === this._comm) {
          this.options.onState(message.content.data as unknown as KernelState);
          resolve(true);
        }
      };
      comm.onClose = () => {
        if (comm === this._comm) {
          this._comm = null;
          this.options.onClose();
          resolve(false);
        }
      };
      comm.open({ protocol: PROTOCOL });
    });
  }

  /** @param kernel is notified, if possible */
  close(kernel: Kernel.IKernelConnection | null): void {
    const comm = this._comm;
    this._comm = null;
    if (comm && !comm.isDisposed) {
      if (kernel?.connectionStatus === 'connected' && kernel.status !== 'dead') {
        comm.close();
      } else {
        comm.dispose();
      }
    }
  }

  private _comm: Kernel.IComm | null = null;
}

export namespace KernelComm {
  export interface IOptions {
    onState: (state: KernelState) => void;
    /** The kernel has closed it. */
    onClose: () => void;
  }
}
