import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { FileDialog } from '@jupyterlab/filebrowser';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyJSONObject } from '@lumino/coreutils';

import { attempt } from './attempt';
import { CommandIDs } from './commandIds';
import { pathOnDisk } from './serverRoot';
import { IAutoegg, TRANSLATION_DOMAIN } from './tokens';

export const libraryCommands: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-autoegg:library-commands',
  description: 'Adds the commands that act on one library, on its versions and on cached data.',
  autoStart: true,
  requires: [IAutoegg],
  optional: [ICommandPalette, IDocumentManager, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    model: IAutoegg,
    palette: ICommandPalette | null,
    manager: IDocumentManager | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load(TRANSLATION_DOMAIN);
    const pick =
      manager && (() => pickFolder(manager, trans, PathExt.dirname(model.current?.path ?? '')));
    addLibraryCommands(app.commands, model, trans, pick);
    const category = trans.__('Library Code');
    for (const command of [CommandIDs.addLibrary, CommandIDs.verify]) {
      palette?.addItem({ command, category });
    }
  }
};

/** @param pick asks for a folder and gives its absolute path; null where the page cannot ask */
export function addLibraryCommands(
  registry: CommandRegistry,
  model: IAutoegg,
  trans: TranslationBundle,
  pick: (() => Promise<string | null>) | null
): void {
  const isConnected = () => model.current?.link.condition === 'connected';

  registry.addCommand(CommandIDs.addLibrary, {
    label: trans.__('Add Library…'),
    caption: trans.__('Keep the library in a folder current, before a cell has imported it'),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          path: {
            type: 'string',
            description: trans.__('Folder or .py file; asked for if not given')
          }
        }
      }
    },
    isEnabled: isConnected,
    execute: async args => {
      const path = (args.path as string | undefined) ?? (await pick?.());
      if (path) {
        await attempt(model, { name: 'add', path });
      }
    }
  });

  registry.addCommand(CommandIDs.removeLibrary, {
    label: args => trans.__('Remove %1 From the List', String(args.library ?? '')),
    describedBy: { args: oneLibrary() },
    isEnabled: isConnected,
    execute: args => attempt(model, { name: 'remove', library: String(args.library) })
  });

  registry.addCommand(CommandIDs.pin, {
    label: args => trans.__('Run Another Version of %1', String(args.library ?? '')),
    describedBy: { args: oneLibrary({ version: { type: 'string' } }) },
    isEnabled: isConnected,
    execute: args =>
      attempt(model, { name: 'pin', library: String(args.library), version: String(args.version) })
  });

  registry.addCommand(CommandIDs.release, {
    label: args => trans.__('Go Back to the Newest %1', String(args.library ?? '')),
    describedBy: { args: oneLibrary() },
    isEnabled: isConnected,
    execute: args => attempt(model, { name: 'release', library: String(args.library) })
  });

  registry.addCommand(CommandIDs.verify, {
    label: trans.__('Ask All Executors What They Run'),
    describedBy: { args: { type: 'object', properties: {} } },
    isEnabled: isConnected,
    execute: async () => {
      const result = await attempt(model, { name: 'verify' });
      if (result?.ok) {
        Notification.success(result.message, { autoClose: 5000 });
      }
    }
  });

  for (const name of ['unpersist', 'recompute'] as const) {
    registry.addCommand(CommandIDs[name], {
      label: name === 'unpersist' ? trans.__('Unpersist') : trans.__('Recompute'),
      describedBy: {
        args: { type: 'object', properties: { id: { type: 'number' } }, required: ['id'] }
      },
      isEnabled: isConnected,
      execute: args => attempt(model, { name, id: Number(args.id) })
    });
  }
}

async function pickFolder(
  manager: IDocumentManager,
  trans: TranslationBundle,
  defaultPath: string
): Promise<string | null> {
  const { button, value } = await FileDialog.getExistingDirectory({
    manager,
    defaultPath,
    title: trans.__('Add a library'),
    label: trans.__(
      'The folder of a package, or of a project that holds packages. For one outside of these folders, run %autoegg add PATH in a cell.'
    )
  });
  if (!button.accept || !value?.length) {
    return null;
  }
  const path = manager.services.contents.localPath(value[0].path);
  return pathOnDisk(path);
}

const oneLibrary = (more: ReadonlyJSONObject = {}): ReadonlyJSONObject => ({
  type: 'object',
  properties: { library: { type: 'string' }, ...more },
  required: ['library', ...Object.keys(more)]
});
