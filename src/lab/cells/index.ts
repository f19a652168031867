import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { INotebookTracker, NotebookActions } from '@jupyterlab/notebook';
import { IStateDB } from '@jupyterlab/statedb';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { runIcon } from '@jupyterlab/ui-components';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { CommandIDs, paletteCategory } from '../commandIds';
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
      model.setCells(marks && { stale: marks.count, refused: marks.refused });
      app.commands.notifyCommandChanged(CommandIDs.runStale);
      app.commands.notifyCommandChanged(CommandIDs.nextStale);
      if (marks?.early && told.get(marks) !== marks.session) {
        told.set(marks, marks.session);
        tellEarly(app, trans);
      } else if (marks?.count) {
        ask(model, trans);
      }
    };
    model.eachNotebook((panel, link) => {
      const run = (command: string, args: ReadonlyPartialJSONObject) =>
        void app.commands.execute(command, args);
      const marks = new NotebookMarks({ panel, link, model, store, trans, run });
      all.set(panel, marks);
      marks.changed.connect(tell);
      panel.disposed.connect(() => all.delete(panel));
    });
    tracker.currentChanged.connect(tell);

    app.commands.addCommand(CommandIDs.runStale, {
      label: trans.__('Run Stale Cells'),
      caption: trans.__('Re-run the cells that are out of date or did not run'),
      icon: runIcon,
      describedBy: { args: { type: 'object', properties: {} } },
      isEnabled: () => !!current()?.toRun.length,
      execute: async () => {
        const panel = tracker.currentWidget as NotebookPanel;
        const cells = current()?.toRun ?? [];
        if (cells.length) {
          await NotebookActions.runCells(panel.content, cells, panel.sessionContext);
        }
      }
    });
    app.commands.addCommand(CommandIDs.nextStale, {
      label: trans.__('Go to Next Stale Cell'),
      caption: trans.__('Go to the next cell that is out of date or did not run'),
      describedBy: { args: { type: 'object', properties: {} } },
      isEnabled: () => !!current()?.toRun.length,
      execute: async () => {
        const { content } = tracker.currentWidget as NotebookPanel;
        const indices = (current()?.toRun ?? []).map(cell => content.widgets.indexOf(cell));
        const next = indices.find(index => index > content.activeCellIndex) ?? indices[0];
        if (next !== undefined) {
          content.activeCellIndex = next;
          await content.scrollToItem(next, 'smart');
        }
      }
    });
    for (const command of [CommandIDs.runStale, CommandIDs.nextStale]) {
      palette?.addItem({ command, category: paletteCategory(trans) });
    }
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
      'Some cells ran before autoegg was loaded; they are marked. Run `autoegg enable` once to load autoegg whenever a kernel starts.'
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
      'Record in the notebook file which library versions produced each result? Until you choose, they stay in this workspace.'
    ),
    'default',
    {
      autoClose: false,
      actions: [
        { label: trans.__('Record'), callback: answer('yes') },
        { label: trans.__('Never'), callback: answer('no') }
      ]
    }
  );
}
