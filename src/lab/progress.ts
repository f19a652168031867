import { Notification } from '@jupyterlab/apputils';

/** What ends sooner than this is reported once, without a flicker of progress before it. */
const DELAY = 250;

/**
 * Shortest time between the two notifications: JupyterLab loads its toasts when the first one is shown, and an update
 * that comes while it does so is lost (the toast then shows progress for ever).
 */
const SETTLE = 750;

/** A notification for something that may be quick or slow: progress only if it is slow, then the outcome. */
export class Progress {
  constructor(private _message: string) {
    this._timer = setTimeout(() => {
      this._id = Notification.emit(this._message, 'in-progress', {
        autoClose: false,
        actions: this._action ? [this._action] : [],
        ...(this._share !== null && { progress: this._share })
      });
      this._shown = new Promise(resolve => setTimeout(resolve, SETTLE));
    }, DELAY);
  }

  /** A way out, from now on and until it has ended. */
  offer(label: string, callback: () => void): void {
    this._action = { label, callback, displayType: 'link' };
    void this._shown?.then(() => this._update());
  }

  /** Whether its progress is being shown. */
  get isShown(): boolean {
    return this._id !== null;
  }

  /** How far it is: the sentence that says so, and a share from 0 to 1 where it is known. */
  report(message: string, progress: number | null = null): void {
    this._message = message;
    this._share = progress;
    void this._shown?.then(() => this._update());
  }

  /** It has ended, and there is nothing to tell. */
  cancel(): void {
    clearTimeout(this._timer);
    this._isOver = true;
  }

  /** Tells the outcome. A failure stays until it is dismissed. */
  async end(message: string, ok: boolean): Promise<void> {
    clearTimeout(this._timer);
    this._isOver = true;
    await this._shown;
    const type = ok ? 'success' : 'error';
    const autoClose = ok ? 5000 : false;
    // JupyterLab takes a notification away as soon as one of its actions is chosen, or it is closed: then there is nothing to update.
    const id = this._id;
    if (id === null || !Notification.update({ id, message, type, autoClose, actions: [] })) {
      Notification.emit(message, type, { autoClose });
    }
  }

  private _update(): void {
    if (!this._isOver && this._id !== null) {
      Notification.update({
        id: this._id,
        message: this._message,
        ...(this._action && { actions: [this._action] }),
        ...(this._share !== null && { progress: this._share })
      });
    }
  }

  private readonly _timer: ReturnType<typeof setTimeout>;
  private _action: Notification.IAction | null = null;
  private _share: number | null = null;
  private _isOver = false;
  private _id: string | null = null;
  private _shown: Promise<void> | null = null;
}
