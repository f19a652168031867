import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { MainAreaWidget, Notification } from '@jupyterlab/apputils';
import type { CodeEditor } from '@jupyterlab/codeeditor';
import { CodeEditor as Editor, CodeEditorWrapper, IEditorServices } from '@jupyterlab/codeeditor';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { CommandIDs } from './commandIds';
import { eggIcon } from './icons';
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
        const library = args.library as unknown as IOpenedLibrary | null;
        try {
          const path = pathOnServer(file);
          if (path !== null) {
            await edit(path, line);
          } else if (library?.key) {
            await view(library.key, pathInLibrary(file, library), line);
          } else {
            Notification.error(trans.__('%1 lies outside of what this page can open.', file));
          }
        } catch (error) {
          Notification.error((error as Error).message);
        }
      }
    });
  }
};

/** What the command needs to know of the library that a file is of. */
export interface IOpenedLibrary {
  key: string | null;
  name: string;
  /** Absolute: the package's folder, which need not bear the library's name, or the module's file. */
  path: string;
}

/** As a manifest names the file at an absolute path. */
export function pathInLibrary(file: string, { name, path }: IOpenedLibrary): string {
  return file === path ? `${name}.py` : `${name.split('.').join('/')}${file.slice(path.length)}`;
}

function goTo(editor: CodeEditor.IEditor | undefined, line: number | null): void {
  if (editor && line !== null) {
    const position = { line: Math.max(0, line - 1), column: 0 };
    editor.setCursorPosition(position);
    editor.revealPosition(position);
    editor.focus();
  }
}
