import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Bytes after which a new log is started; one older file is kept next to it. */
const LARGEST_LOG = 4 << 20;

/** One JSON object per line: time, event, and what belongs to it. Without a path nothing is kept. */
export class Log {
  private size = 0;

  constructor(
    private readonly path: string | null,
    private readonly largest = LARGEST_LOG
  ) {
    if (path) {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      this.size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    }
  }

  write(event: string, details: object = {}): void {
    if (!this.path) {
      return;
    }
    const line = `${JSON.stringify({ time: new Date().toISOString(), event, ...details })}\n`;
    try {
      if (this.size + line.length > this.largest) {
        renameSync(this.path, `${this.path}.1`);
        this.size = 0;
      }
      appendFileSync(this.path, line, { mode: 0o600 });
      this.size += line.length;
    } catch {
      // A log that cannot be written must not stop the daemon.
    }
  }
}
