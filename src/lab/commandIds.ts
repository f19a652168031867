export namespace CommandIDs {
  export const ship = 'autoegg:ship';
  export const toggle = 'autoegg:toggle';
  export const toggleLibrary = 'autoegg:toggle-library';
  export const addLibrary = 'autoegg:add-library';
  export const removeLibrary = 'autoegg:remove-library';
  export const pin = 'autoegg:pin';
  export const release = 'autoegg:release';
  export const verify = 'autoegg:verify';
  export const unpersist = 'autoegg:unpersist';
  export const recompute = 'autoegg:recompute';
  export const load = 'autoegg:load';
  export const restartDaemon = 'autoegg:restart-daemon';
  export const openSidebar = 'autoegg:open-sidebar';
  export const openFile = 'autoegg:open-file';
  export const runStale = 'autoegg:run-stale-cells';
}
