import type { TranslationBundle } from '@jupyterlab/translation';

export namespace CommandIDs {
  export const ship = 'autoegg:ship';
  export const toggle = 'autoegg:toggle';
  export const toggleLibrary = 'autoegg:toggle-library';
  export const addLibrary = 'autoegg:add-library';
  export const addFolder = 'autoegg:add-folder';
  export const removeLibrary = 'autoegg:remove-library';
  export const restoreLibrary = 'autoegg:restore-library';
  export const pin = 'autoegg:pin';
  export const release = 'autoegg:release';
  export const verify = 'autoegg:verify';
  export const unpersist = 'autoegg:unpersist';
  export const recompute = 'autoegg:recompute';
  export const load = 'autoegg:load';
  export const restartDaemon = 'autoegg:restart-daemon';
  export const openSidebar = 'autoegg:open-sidebar';
  export const openTour = 'autoegg:open-tour';
  export const openFile = 'autoegg:open-file';
  export const openLibrary = 'autoegg:open-library';
  export const openDiff = 'autoegg:open-diff';
  export const copyVersion = 'autoegg:copy-version';
  export const runStale = 'autoegg:run-stale-cells';
  export const nextStale = 'autoegg:next-stale-cell';
}

/** Where the palette lists them. It searches in this and in the label, so a search for one of these words finds them all. */
export const paletteCategory = (trans: TranslationBundle): string =>
  trans.__('autoegg: Library Code on Spark');
