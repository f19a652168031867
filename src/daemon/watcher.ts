import { watch, type FSWatcher } from 'chokidar';
import type { Stats } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { LibraryKind } from '../protocol';
import { Rules } from './contents';
import type { Pulse } from './coverage';

const FOLDERS = /^(node_modules|\..*|.*\.egg-info|.*\.dist-info)$/;

/**
 * chokidar on the folders of one library. Its events are hints that let work begin before anybody asks; nothing relies
 * on them, because they may be late or missing (see Coverage and Barrier).
 */
export class Watcher {
  private readonly watcher: FSWatcher;

  constructor(
    root: string,
    kind: LibraryKind,
    pulse: Pulse,
    onHint: (folder: string, name: string | null) => void,
    onError: (error: unknown) => void
  ) {
    const top = kind === 'module' ? dirname(root) : root;
    this.watcher = watch(top, {
      ignoreInitial: true,
      depth: kind === 'module' ? 0 : undefined,
      // Events of a folder name its files: one watch per folder is enough.
      ignored: (path: string, stats?: Stats) =>
        path !== top &&
        ((stats !== undefined && !stats.isDirectory()) ||
          Rules.noise(basename(path)) ||
          FOLDERS.test(basename(path)))
    });
    this.watcher.on('raw', (_event, name, details) => {
      pulse.beat();
      onHint((details as { watchedPath?: string }).watchedPath ?? top, name);
    });
    this.watcher.on('addDir', folder => onHint(folder, null));
    this.watcher.on('error', error => {
      pulse.doubt();
      onError(error);
    });
  }

  close(): Promise<void> {
    return this.watcher.close();
  }
}
