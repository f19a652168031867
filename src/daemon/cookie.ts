import { closeSync, futimesSync, openSync, watch, type FSWatcher } from 'node:fs';
import { join } from 'node:path';
import { isLocal, type Pulse } from './coverage';

/** Milliseconds to wait for a cookie before the disk is looked at instead. */
const PATIENCE = 200;

interface File {
  descriptor: number;
  name: string;
}

/**
 * Makes sure that all events of the past have arrived: touches a file in a watched folder of the daemon's own and waits
 * for that event. libuv has one inotify descriptor per loop, so events of other folders come before it.
 */
export class Cookie {
  private watcher: FSWatcher | null = null;
  private readonly files: File[] = [];
  private turn = 0;
  private arrive: ((name: string) => void) | null = null;
  private running: Promise<boolean> | null = null;
  private next: Promise<boolean> | null = null;

  constructor(
    private readonly folder: string,
    private readonly pulse: Pulse
  ) {
    if (!isLocal(folder)) {
      return;
    }
    this.start();
  }

  private start(): void {
    try {
      for (const name of ['a', 'b']) {
        this.files.push({ name, descriptor: openSync(join(this.folder, name), 'w', 0o600) });
      }
      this.watcher = watch(this.folder, { persistent: false }, (_kind, name) => {
        this.pulse.beat();
        this.arrive?.(name ?? '');
      });
      this.watcher.on('error', () => this.close());
    } catch {
      this.close();
    }
  }

  /** Resolves to true when every event from before the call has been handled, to false when that cannot be known. */
  pass(): Promise<boolean> {
    if (!this.watcher) {
      return Promise.resolve(false);
    }
    if (!this.running) {
      return (this.running = this.send().finally(() => (this.running = null)));
    }
    // A cookie that was sent before this call proves nothing for it; all who wait now share the next one.
    this.next ??= this.running.then(() => {
      this.next = null;
      return this.pass();
    });
    return this.next;
  }

  private send(): Promise<boolean> {
    // Two names in turn: the kernel merges equal events that follow one another, and a late one must not count.
    const file = this.files[this.turn++ % this.files.length]!;
    return new Promise(resolve => {
      const settle = (arrived: boolean) => {
        clearTimeout(timer);
        this.arrive = null;
        resolve(arrived);
      };
      const timer = setTimeout(() => {
        this.retire();
        settle(false);
      }, PATIENCE);
      this.arrive = name => {
        if (name === file.name) {
          settle(true);
        }
      };
      try {
        futimesSync(file.descriptor, this.turn, this.turn);
      } catch {
        settle(false);
      }
    });
  }

  /** After a cookie that never came: with a new watch, its event can no longer arrive and be taken for another. */
  private retire(): void {
    this.close();
    this.start();
  }

  close(): void {
    this.watcher?.close();
    this.watcher = null;
    for (const file of this.files.splice(0)) {
      closeSync(file.descriptor);
    }
  }
}
