import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { MainAreaWidget, Notification } from '@jupyterlab/apputils';
import { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { clickedLibrary } from '../clicked';
import { CommandIDs } from '../commandIds';
import { eggIcon } from '../icons';
import type { ILibraryRow } from '../rows';
import { libraryRows, shortVersion } from '../rows';
import { IAutoegg, TRANSLATION_DOMAIN } from '../tokens';
import type { ISpan } from '../versionSpan';
import { spanOf } from '../versionSpan';
import { DiffWidget } from './diffWidget';

export const diff: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-autoegg:diff',
  description: 'Shows side by side what differs between two versions of a library.',
  autoStart: true,
  requires: [IAutoegg],
  optional: [IEditorLanguageRegistry, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    model: IAutoegg,
    languages: IEditorLanguageRegistry | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load(TRANSLATION_DOMAIN);
    const rowOf = (args: ReadonlyPartialJSONObject): ILibraryRow | undefined => {
      const name = args.library ?? clickedLibrary(app);
      const rows = libraryRows(model.current?.link.state ?? null, model.server.state);
      return rows.find(row => row.name === name);
    };
    app.commands.addCommand(CommandIDs.openDiff, {
      label: trans.__('Show Changes'),
      caption: trans.__('Compare two versions side by side'),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            library: { type: 'string', description: trans.__('Import name') },
            from: { type: 'string', description: trans.__('Version; the one that ran before') },
            to: { type: 'string', description: trans.__('Version; the newest') },
            path: { type: 'string', description: trans.__('File that is shown first') }
          }
        }
      },
      isEnabled: args => {
        const row = rowOf(args);
        return !!row && spanOf(row, args) !== null;
      },
      execute: args => {
        const row = rowOf(args);
        const span = row && spanOf(row, args);
        if (!row || !span) {
          Notification.info(trans.__('There is no other version to compare with.'));
          return;
        }
        const id = `autoegg-diff-${row.key}-${span.from}-${span.to}`;
        const open = [...app.shell.widgets('main')].find(widget => widget.id === id);
        const path = (args.path as string | undefined) ?? null;
        if (open) {
          void (open as MainAreaWidget<DiffWidget>).content.choose(path);
        } else {
          const content = new DiffWidget({
            server: model.server,
            library: { key: row.key!, name: row.name, path: row.path },
            ...span,
            path,
            languages,
            trans,
            onOpen: file => void app.commands.execute(CommandIDs.openFile, { file })
          });
          const widget = new MainAreaWidget({ content });
          widget.id = id;
          widget.title.label = titleOf(row, span, trans);
          widget.title.caption = trans.__('%1: what changed from one version to another', row.name);
          widget.title.icon = eggIcon;
          widget.title.closable = true;
          app.shell.add(widget, 'main');
        }
        app.shell.activateById(id);
      }
    });
  }
};

const titleOf = (row: ILibraryRow, { from, to }: ISpan, trans: TranslationBundle): string =>
  trans.__('%1 %2 → %3', row.name, shortVersion(from), shortVersion(to));
