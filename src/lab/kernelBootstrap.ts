import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { INotebookTracker } from '@jupyterlab/notebook';

import { KernelLink } from './kernelLink';
import type { Autoegg } from './service';
import { DEFAULT_SETTINGS } from './service';
import type { ICurrentNotebook } from './tokens';
import { IAutoegg } from './tokens';

/** Absent on pages without notebooks, such as Notebook 7's file list: then there is nothing to do. */
export const kernelBootstrap: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-autoegg:kernel-bootstrap',
  description: "Connects each notebook's kernel and loads the kernel shim where it is missing.",
  autoStart: true,
  requires: [IAutoegg],
  optional: [INotebookTracker],
  activate: (_app: JupyterFrontEnd, model: IAutoegg, tracker: INotebookTracker | null) => {
    if (tracker) {
      followNotebooks(model as Autoegg, tracker);
    }
  }
};

export function followNotebooks(
  model: IAutoegg & Pick<Autoegg, 'follow'>,
  tracker: INotebookTracker
): void {
  const links = new Map<NotebookPanel, KernelLink>();

  const follow = (panel: NotebookPanel): KernelLink => {
    const link = new KernelLink({
      sessionContext: panel.sessionContext,
      bootstrap: async asked => (asked || model.settings.enabled ? model.server.bootstrap() : null)
    });
    links.set(panel, link);
    model.follow(panel, link);
    link.opened.connect(() => {
      configure(model, link);
      // A kernel that is back often means that the server is, too, and events are not replayed.
      void model.server.refresh();
    });
    panel.disposed.connect(() => {
      links.delete(panel);
      link.dispose();
    });
    return link;
  };

  const choose = (): void => {
    const panel = tracker.currentWidget;
    model.setCurrent(panel && describe(panel, links.get(panel) ?? follow(panel)));
  };

  tracker.widgetAdded.connect((_, panel) => {
    if (!links.has(panel)) {
      follow(panel);
    }
  });
  tracker.currentChanged.connect(choose);
  choose();

  let told = model.settings;
  model.settingsChanged.connect((_, settings) => {
    if (settings.enabled === told.enabled && settings.reshipOnSave === told.reshipOnSave) {
      return;
    }
    told = settings;
    for (const link of links.values()) {
      if (link.condition === 'connected') {
        void link.perform({ name: 'configure', settings }).catch(report);
      }
    }
  });
}

/**
 * Sends the user's settings to a kernel that has not been configured yet, unless they are its defaults. Everybody who has
 * the notebook open shares the kernel: pages that open it later leave it as it is, and so does a page that is reloaded.
 */
function configure(model: IAutoegg, link: KernelLink): void {
  const { settings } = model;
  const { state } = link;
  const isDefault =
    settings.enabled === DEFAULT_SETTINGS.enabled &&
    settings.reshipOnSave === DEFAULT_SETTINGS.reshipOnSave;
  if (!isDefault && !state?.configured) {
    void link.perform({ name: 'configure', settings }).catch(report);
  }
}

function describe(panel: NotebookPanel, link: KernelLink): ICurrentNotebook {
  return { name: panel.title.label, path: panel.context.path, link };
}

function report(error: Error): void {
  console.warn(`autoegg: the kernel did not take the settings: ${error.message}`);
}
