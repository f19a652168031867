import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { MainAreaWidget, Notification } from '@jupyterlab/apputils';
import type { CodeEditor } from '@jupyterlab/codeeditor';
import { CodeEditor as Editor, CodeEditorWrapper, IEditorServices } from '@jupyterlab/codeeditor';
import { IDocumentManager } from '@jupyterlab/docmanager';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { CommandIDs } from './commandIds';
import { clickedLibrary } from './clicked';
import { eggIcon } from './icons';
import type { IOpenedLibrary } from './libraryFiles';
import { pathInLibrary } from './libraryFiles';
import { libraryRows } from './rows';
import { pathOnServer } from './serverRoot';
import { IAutoegg, TRANSLATION_DOMAIN } from './tokens';

export const openFile: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-autoegg:open-file',
  description:
    "Opens a library's file at a line: in the editor, or read-only outside the server's root.",
  autoStart: true,
  requires: [IAutoegg, IDocumentManager],
  optional: [IEditorServices, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    model: IAutoegg,
    manager: IDocumentManager,
    services: IEditorServices | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load(TRANSLATION_DOMAIN);

    const edit = async (path: string, line: number | null): Promise<void> => {
      const widget = manager.openOrReveal(path);
      await widget?.context.ready;
      const content = widget?.content as { editor?: CodeEditor.IEditor } | undefined;
      goTo(content?.editor, line);
    };

    const view = async (library: string, path: string, line: number | null): Promise<void> => {
      if (!services) {
        return;
      }
      const id = `autoegg-file-${library}-${path}`;
      const { text } = await model.server.file(library, path);
      const open = [...app.shell.widgets('main')].find(widget => widget.id === id);
      open?.dispose();
      const mimeType = services.mimeTypeService.getMimeTypeByFilePath(path);
      const content = new CodeEditorWrapper({
        model: new Editor.Model({ mimeType }),
        factory: services.factoryService.newDocumentEditor,
        editorOptions: { config: { readOnly: true, lineNumbers: true } }
      });
      content.model.sharedModel.setSource(text);
      content.addClass('jp-Autoegg-file');
      const widget = new MainAreaWidget({ content });
      widget.id = id;
      widget.title.label = trans.__('%1 (read only)', path.split('/').pop());
      widget.title.caption = trans.__('%1: as it was packed, read only', path);
      widget.title.icon = eggIcon;
      widget.title.closable = true;
      app.shell.add(widget, 'main');
      app.shell.activateById(id);
      goTo(content.editor, line);
    };

    app.commands.addCommand(CommandIDs.openLibrary, {
      label: trans.__('Open Library'),
      caption: trans.__("Open the library's main file, or show its folder in the file browser"),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            library: { type: 'string', description: trans.__('Import name') },
            folder: { type: 'boolean', description: trans.__('Show the folder') }
          }
        }
      },
      execute: async args => {
        const name = args.library ?? clickedLibrary(app);
        const rows = libraryRows(model.current?.link.state ?? null, model.server.state);
        const row = rows.find(row => row.name === name);
        if (!row) {
          return;
        }
        const { kind, path, key } = row;
        if (kind === 'module' || (kind === 'package' && !args.folder)) {
          const file = kind === 'module' ? path : `${path}/__init__.py`;
          const library = { key, name: row.name, path };
          await app.commands.execute(CommandIDs.openFile, { file, library });
          return;
        }
        const folder = pathOnServer(path);
        if (folder === null) {
          Notification.error(outside(path, trans));
        } else {
          await app.commands.execute('filebrowser:go-to-path', { path: folder });
        }
      }
    });

    app.commands.addCommand(CommandIDs.openFile, {
      label: trans.__('Open Library File'),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            file: { type: 'string', description: trans.__('Absolute path') },
            line: { type: ['number', 'null'] },
            library: {
              type: ['object', 'null'],
              description: trans.__('Its key, name and path'),
              properties: {
                key: { type: ['string', 'null'] },
                name: { type: 'string' },
                path: { type: 'string' }
              }
            }
          },
          required: ['file']
        }
      },
      execute: async args => {
        const file = String(args.file);
        const line = typeof args.line === 'number' ? args.line : null;
        const library = (args.library ?? null) as unknown as IOpenedLibrary | null;
        try {
          const path = pathOnServer(file);
          if (path !== null) {
            await edit(path, line);
          } else if (library?.key) {
            await view(library.key, pathInLibrary(file, library), line);
          } else {
            Notification.error(outside(file, trans));
          }
        } catch (error) {
          Notification.error((error as Error).message);
        }
      }
    });
  }
};

const outside = (path: string, trans: TranslationBundle): string =>
  trans.__('%1 lies outside the folder that this page can open.', path);

function goTo(editor: CodeEditor.IEditor | undefined, line: number | null): void {
  if (editor && line !== null) {
    const position = { line: Math.max(0, line - 1), column: 0 };
    editor.setCursorPosition(position);
    editor.revealPosition(position);
    editor.focus();
  }
}
