import { PageConfig } from '@jupyterlab/coreutils';

/**
 * Absolute path of the folder that the server serves; empty if it is not known.
 *
 * JupyterLab's own `serverRoot` begins with `~` where it lies in the user's home, and Notebook 7 has none, so the server
 * extension says it too.
 */
const root = (): string =>
  PageConfig.getOption('autoeggRoot') || PageConfig.getOption('serverRoot');

/** The absolute path of what the contents manager has under a path. */
export const pathOnDisk = (path: string): string => `${root().replace(/\/$/, '')}/${path}`;

/** Whether the kernels of this server run behind a gateway, so on a machine that may lack its files. */
export const kernelsAreElsewhere = (): boolean => PageConfig.getOption('autoeggGateway') === 'true';

/** An absolute path as the contents manager's; null if it lies outside of the server's root. */
export function pathOnServer(file: string): string | null {
  const top = root();
  const folder = top.endsWith('/') ? top : `${top}/`;
  return top && file.startsWith(folder) ? file.slice(folder.length) : null;
}
