import { setTimeout as sleep } from 'node:timers/promises';
import type { Barrier } from './barrier';
import { Moving, Refusal, refusals } from './refusal';
import type { Tree } from './tree';

/** Milliseconds for which files may keep changing before a barrier is refused. */
const PATIENCE = 2_000;
/** A change younger than this (ms) may be half of a save: a truncated file, one that is about to be renamed. */
const YOUNG = 10;

/** What is done with a tree that has come to rest. */
export interface Rested<T> {
  /** What was taken of the tree at this revision, if that still holds. */
  asBefore(revision: number): T | null;
  /** Reads what is new. If it throws {@link Moving}, the wait starts over. */
  take(tree: Tree, revision: number): Promise<T>;
}

/** Waits until nothing on disk is half-way: no file is being written, no git is in the middle of its work. */
export class Settling {
  constructor(
    private readonly barrier: Barrier,
    private readonly path: string
  ) {}

  /** Throws {@link Refusal} when the disk does not come to rest, or when what is there is no library. */
  async settle<T>(strict: boolean, { asBefore, take }: Rested<T>): Promise<T> {
    const begin = performance.now();
    for (;;) {
      const moving = await this.look(strict);
      const { tree } = this.barrier;
      const before = moving === null && tree ? asBefore(tree.leaves.revision) : null;
      if (before !== null) {
        return before;
      }
      let reason = this.unrest(moving, tree);
      if (reason === null) {
        const { revision } = tree!.leaves;
        try {
          return await take(tree!, revision);
        } catch (error) {
          if (!(error instanceof Moving)) {
            throw error;
          }
          this.barrier.doubt();
          reason = { refusal: refusals.unsettled(error.file), wait: YOUNG };
        }
      }
      if (performance.now() - begin > PATIENCE) {
        throw reason.refusal;
      }
      await sleep(reason.wait);
    }
  }

  /** Looks at the disk; the file or folder that was changing under it, if one was. */
  private async look(strict: boolean): Promise<string | null> {
    try {
      return await (strict ? this.barrier.look() : this.barrier.glance());
    } catch (error) {
      if (error instanceof Moving) {
        return error.file;
      }
      // git takes whole folders away for a moment.
      if (error instanceof Refusal && error.code === 'missing' && this.gitLock()) {
        return this.path;
      }
      throw error;
    }
  }

  /** Why nothing can be taken yet, and for how many milliseconds to wait; null when all is at rest. */
  private unrest(
    moving: string | null,
    tree: Tree | null
  ): { refusal: Refusal; wait: number } | null {
    const lock = this.gitLock();
    if (lock) {
      return { refusal: refusals.gitLocked(lock), wait: 20 };
    }
    if (moving !== null || !tree) {
      return { refusal: refusals.unsettled(moving ?? this.path), wait: YOUNG };
    }
    // Once more, and then nothing may have changed since: a clock elsewhere may be ahead of ours.
    const { youngest } = tree.leaves;
    tree.leaves.calm();
    if (youngest !== null && youngest.age < YOUNG) {
      return { refusal: refusals.unsettled(youngest.path), wait: YOUNG + 1 };
    }
    return null;
  }

  private gitLock(): string | null {
    const lock = this.barrier.gitLock;
    return lock?.held ? lock.path : null;
  }
}
