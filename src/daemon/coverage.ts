import { readFileSync, statfsSync, watch, type FSWatcher } from 'node:fs';
import { dirname } from 'node:path';

/** File systems of Linux on which every change is made by this machine's kernel, which then notifies inotify. */
const LOCAL = new Set([
  0xef53, // ext2, ext3, ext4
  0x58465342, // xfs
  0x9123683e, // btrfs
  0x01021994, // tmpfs
  0x2fc12fc1, // zfs
  0xf2f52010, // f2fs
  0xca451a4e // bcachefs
]);

/** Environment variable: not empty, no file system is trusted to tell of changes, and all are looked at from time to time. */
export const POLL = 'AUTOEGG_POLL';

/** Do events on this folder tell of every change? Unknown means no. */
export function isLocal(folder: string): boolean {
  if (process.platform !== 'linux' || process.env[POLL]) {
    return false;
  }
  try {
    return LOCAL.has(statfsSync(folder).type);
  } catch {
    return false;
  }
}

/** Length of an inotify queue; when it is full the kernel drops events, and Node does not say so. */
export function queueLength(): number {
  try {
    return Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8')) || 0;
  } catch {
    return 0;
  }
}

/**
 * Counts every raw event of the process, because all its watches share one inotify queue. After half a queue's worth
 * some may have been dropped silently, so that only a full check shows what is on disk.
 */
export class Pulse {
  count = 0;

  constructor(readonly limit = queueLength() / 2) {}

  beat(): void {
    this.count++;
  }

  /** Removing watches puts events into the queue that no one handles. */
  doubt(): void {
    this.count += this.limit;
  }
}

/**
 * The folders of one library that are certainly watched. chokidar sets its watches some time after it has found a
 * folder; here the watch is in place when {@link cover} returns, so that a folder read after it cannot change
 * unnoticed. inotify knows one watch per folder and process: what chokidar watches too costs nothing more.
 */
export class Coverage {
  private readonly watches = new Map<string, FSWatcher>();
  /** False when some folder could not be watched, e.g. because the system has no watches left. */
  complete = true;

  constructor(
    private readonly pulse: Pulse,
    private readonly onEvent: (folder: string, name: string | null) => void
  ) {}

  cover(folder: string): void {
    if (this.watches.has(folder)) {
      return;
    }
    try {
      const watcher = watch(folder, { persistent: false }, (kind, name) => {
        this.pulse.beat();
        this.onEvent(folder, name);
        if (kind === 'rename' && name !== null && folder.endsWith(`/${name}`)) {
          // The folder itself was moved or removed: the watch now follows something else.
          this.uncover(folder);
          this.onEvent(folder, null);
          this.onEvent(dirname(folder), name);
        }
      });
      watcher.on('error', () => {
        this.complete = false;
        this.uncover(folder);
      });
      this.watches.set(folder, watcher);
    } catch {
      this.complete = false;
    }
  }

  uncover(folder: string): void {
    const watcher = this.watches.get(folder);
    if (watcher) {
      watcher.close();
      this.watches.delete(folder);
      this.pulse.doubt();
    }
  }

  close(): void {
    for (const folder of [...this.watches.keys()]) {
      this.uncover(folder);
    }
  }
}
