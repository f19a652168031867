import type { IStateDB } from '@jupyterlab/statedb';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

const KEY = 'jupyterlab-autoegg:opened';

/** Which parts of the panel are unfolded; remembered with the workspace. */
export class Opened {
  constructor(private readonly store: IStateDB | null = null) {
    void store?.fetch(KEY).then(
      value => {
        if (Array.isArray(value)) {
          this._parts = new Set([...this._parts, ...value.map(String)]);
          this._changed.emit();
        }
      },
      () => undefined
    );
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  has(part: string): boolean {
    return this._parts.has(part);
  }

  toggle(part: string): void {
    if (!this._parts.delete(part)) {
      this._parts.add(part);
    }
    this._changed.emit();
    // Libraries come and go: only the latest parts are worth remembering.
    void this.store?.save(KEY, [...this._parts].slice(-50)).catch(() => undefined);
  }

  private readonly _changed = new Signal<this, void>(this);
  private _parts = new Set<string>();
}
