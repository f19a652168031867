import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { CommandIDs, paletteCategory } from '../commandIds';
import { eggIcon } from '../icons';
import { IAutoegg, TRANSLATION_DOMAIN } from '../tokens';
import { Timeline } from '../timeline';
import { Opened } from './opened';
import { LibraryPanel } from './panel';

/** After JupyterLab's own panels (at most 500), before those without a rank (900). */
const RANK = 550;

export const sidebar: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-autoegg:sidebar',
  description: "Adds the sidebar that lists the current notebook's libraries.",
  autoStart: true,
  requires: [IAutoegg],
  optional: [INotebookTracker, ICommandPalette, ILayoutRestorer, IStateDB, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    model: IAutoegg,
    tracker: INotebookTracker | null,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null,
    stateDB: IStateDB | null,
    translator: ITranslator | null
  ) => {
    if (!tracker) {
      return;
    }
    const { commands, shell } = app;
    const trans = (translator ?? nullTranslator).load(TRANSLATION_DOMAIN);
    const panel = new LibraryPanel({
      model,
      commands,
      opened: new Opened(stateDB),
      timeline: new Timeline(model),
      trans
    });
    panel.id = 'autoegg-sidebar';
    panel.title.icon = eggIcon;
    panel.title.caption = trans.__('Library Code');
    panel.node.setAttribute('role', 'region');
    panel.node.setAttribute('aria-label', trans.__('Library code of the current notebook'));
    restorer?.add(panel, panel.id);
    shell.add(panel, 'left', { rank: RANK, type: 'Library Code' });

    commands.addCommand(CommandIDs.openSidebar, {
      label: trans.__('Library Code'),
      caption: trans.__('Show the libraries of the current notebook and the code that runs'),
      icon: eggIcon,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => {
        shell.activateById(panel.id);
      }
    });
    palette?.addItem({
      command: CommandIDs.openSidebar,
      category: paletteCategory(trans)
    });
  }
};
