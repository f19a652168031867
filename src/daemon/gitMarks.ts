import { dirname } from 'node:path';
import type { GitMark, LibrarySpec } from '../protocol';
import { gitMark } from './git';

/** Milliseconds after a new version until git is asked: cells that wait for the version come first. */
const DELAY = 200;

/** Has git say what the newest version of one library is a change of. */
export class GitMarks {
  private newest: { version: string; mark: GitMark | null } | null = null;
  private timer: NodeJS.Timeout | null = null;
  private asked: string | null = null;

  constructor(
    private readonly spec: LibrarySpec,
    private readonly onMark: (version: string, mark: GitMark) => void
  ) {}

  of(version: string): GitMark | null {
    return this.newest?.version === version ? this.newest.mark : null;
  }

  /** `onMark` is called when git has answered, unless a newer version has arrived meanwhile. */
  ask(version: string): void {
    clearTimeout(this.timer ?? undefined);
    this.asked = version;
    this.timer = setTimeout(async () => {
      const { path, kind } = this.spec;
      const mark = await gitMark(kind === 'module' ? dirname(path) : path, path);
      if (this.asked === version) {
        this.newest = { version, mark };
        if (mark) {
          this.onMark(version, mark);
        }
      }
    }, DELAY);
    this.timer.unref();
  }

  close(): void {
    clearTimeout(this.timer ?? undefined);
    this.asked = null;
  }
}
