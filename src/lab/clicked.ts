import type { JupyterFrontEnd } from '@jupyterlab/application';

/** The attribute of a row in the panel that names its library. */
const ATTRIBUTE = 'data-library';

/** The library whose row was under the pointer when the context menu was opened; null elsewhere. */
export const clickedLibrary = (app: JupyterFrontEnd): string | null =>
  app.contextMenuHitTest(node => node.hasAttribute(ATTRIBUTE))?.getAttribute(ATTRIBUTE) ?? null;
