export namespace CommandIDs {
  export const ship = 'autoegg:ship';
  export const toggle = 'autoegg:toggle';
  export const toggleLibrary = 'autoegg:toggle-library';
  export const load = 'autoegg:load';
  export const restartDaemon = 'autoegg:restart-daemon';
  export const openSidebar = 'autoegg:open-sidebar';
}
