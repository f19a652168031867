import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { INotebookTracker, NotebookActions } from '@jupyterlab/notebook';
import { IStateDB } from '@jupyterlab/statedb';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { runIcon } from '@jupyterlab/ui-components';

import { CommandIDs } from '../commandIds';
import { IAutoegg, TRANSLATION_DOMAIN } from '../tokens';
import { NotebookMarks } from './notebookMarks';
import { UnsavedChanges } from './unsaved';

export const cells: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-autoegg:cells',
  description:
    'Marks cells that ran on other code than the libraries have now, and cells that were refused.',
  autoStart: true,
  requires: [IAutoegg],
  optional: [INotebookTracker, IDocumentManager, ICommandPalette, IStateDB, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    model: IAutoegg,
    tracker: INotebookTracker | null,
    documents: IDocumentManager | null,
    palette: ICommandPalette | null,
    store: IStateDB | null,
    translator: ITranslator | null
  ) => {
    if (!tracker) {
      return;
    }
    const trans = (translator ?? nullTranslator).load(TRANSLATION_DOMAIN);
    const all = new Map<object, NotebookMarks>();
    const current = (): NotebookMarks | null =>
      (tracker.currentWidget && all.get(tracker.currentWidget)) ?? null;

    // Once in each life of a kernel.
    const told = new WeakMap<NotebookMarks, string | null>();
    const tell = (): void => {
      const marks = current();
      model.setCells(marks && { stale: marks.count });
      app.commands.notifyCommandChanged(CommandIDs.runStale);
      if (marks?.early && told.get(marks) !== marks.session) {
        told.set(marks, marks.session);
        tellEarly(app, trans);
      } else if (marks?.count) {
        ask(model, trans);
      }
    };
    model.eachNotebook((panel, link) => {
      const marks = new NotebookMarks({ panel, link, model, store, trans });
      all.set(panel, marks);
      marks.changed.connect(tell);
      panel.disposed.connect(() => all.delete(panel));
    });
    tracker.currentChanged.connect(tell);

    app.commands.addCommand(CommandIDs.runStale, {
      label: trans.__('Run Stale Cells'),
      caption: trans.__('Run the cells again that ran on other code than the libraries have now'),
      icon: args => (args.isPalette ? undefined : runIcon),
      describedBy: { args: { type: 'object', properties: { isPalette: { type: 'boolean' } } } },
      isEnabled: () => !!current()?.count,
      execute: async () => {
        const panel = tracker.currentWidget as NotebookPanel;
        const stale = current()?.stale ?? [];
        if (stale.length) {
          await NotebookActions.runCells(panel.content, stale, panel.sessionContext);
        }
      }
    });
    palette?.addItem({
      command: CommandIDs.runStale,
      category: trans.__('Library Code'),
      args: { isPalette: true }
    });
    if (documents) {
      const linkOf = (widget: object) => model.linkOf(widget);
      new UnsavedChanges({ app, documents, model, linkOf, trans });
    }
  }
};

/**
 * Says that nothing stood in front of some cells, what to do about it now, and how to have it done each time. JupyterLab shows no
 * more than 140 characters.
 */
function tellEarly(app: JupyterFrontEnd, trans: TranslationBundle): void {
  Notification.warning(
    trans.__(
      'Cells ran before autoegg was in the kernel; they are marked. `autoegg enable`, run once, has each kernel load autoegg when it starts.'
    ),
    {
      autoClose: false,
      actions: [
        {
          label: trans.__('Run Stale Cells'),
          callback: () => void app.commands.execute(CommandIDs.runStale)
        }
      ]
    }
  );
}

let isAsked = false;

/** Asks once, and never again: the answer is a setting. */
function ask(model: IAutoegg, trans: TranslationBundle): void {
  if (isAsked || model.settings.recordVersions !== 'ask') {
    return;
  }
  isAsked = true;
  const answer = (recordVersions: 'yes' | 'no') => () => void model.set({ recordVersions });
  Notification.emit(
    trans.__(
      'Should notebooks keep in their files which version of your libraries made each result? Until you say so, it is kept in this workspace only.'
    ),
    'default',
    {
      autoClose: false,
      actions: [
        { label: trans.__('Keep in Files'), callback: answer('yes') },
        { label: trans.__('Never'), callback: answer('no') }
      ]
    }
  );
}
