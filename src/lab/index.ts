import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { cells } from './cells';
import { commands } from './commands';
import { diff } from './diff';
import { kernelBootstrap } from './kernelBootstrap';
import { libraryCommands } from './libraryCommands';
import { openFile } from './openFile';
import { service } from './plugin';
import { sidebar } from './sidebar';
import { statusBar } from './statusBar';
import { tour } from './tour';

export { IAutoegg } from './tokens';
export type {
  IAutoeggSettings,
  ICurrentNotebook,
  IKernelLink,
  IServerMonitor,
  LinkCondition
} from './tokens';

/** In the order in which a save becomes visible. */
const plugins: JupyterFrontEndPlugin<unknown>[] = [
  // Server and kernels, joined into one model.
  service,
  // A link to each notebook's kernel, which gets the shim if it lacks it.
  kernelBootstrap,
  // What a person can do.
  commands,
  libraryCommands,
  openFile,
  diff,
  tour,
  // What a person sees.
  sidebar,
  cells,
  statusBar
];

export default plugins;
