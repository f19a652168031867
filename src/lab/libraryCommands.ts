import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Clipboard, ICommandPalette } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { FileDialog, IFileBrowserFactory } from '@jupyterlab/filebrowser';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyJSONObject, ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { attempt, tell } from './attempt';
import { clickedLibrary } from './clicked';
import { CommandIDs, paletteCategory } from './commandIds';
import { give } from './give';
import { libraryRows, shortVersion } from './rows';
import { kernelsAreElsewhere, pathOnDisk } from './serverRoot';
import { IAutoegg, TRANSLATION_DOMAIN } from './tokens';

export const libraryCommands: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-autoegg:library-commands',
  description: 'Adds the commands that act on one library, on its versions and on cached data.',
  autoStart: true,
  requires: [IAutoegg],
  optional: [ICommandPalette, IDocumentManager, IFileBrowserFactory, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    model: IAutoegg,
    palette: ICommandPalette | null,
    manager: IDocumentManager | null,
    browsers: IFileBrowserFactory | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load(TRANSLATION_DOMAIN);
    addLibraryCommands(app.commands, model, trans, {
      pick:
        manager && (() => pickFolder(manager, trans, PathExt.dirname(model.current?.path ?? ''))),
      clicked: () => clickedLibrary(app),
      selected: () => selectedFolder(browsers)
    });
    const category = paletteCategory(trans);
    for (const command of [CommandIDs.addLibrary, CommandIDs.verify]) {
      palette?.addItem({ command, category });
    }
  }
};

export interface ILibraryPlaces {
  /** Asks for a folder and gives its absolute path; null where the page cannot ask. */
  pick: (() => Promise<string | null>) | null;
  /** The library under the pointer when a context menu was opened. */
  clicked: () => string | null;
  /** The absolute path of what is selected in the file browser. */
  selected: () => string | null;
}

export function addLibraryCommands(
  registry: CommandRegistry,
  model: IAutoegg,
  trans: TranslationBundle,
  { pick, clicked, selected }: ILibraryPlaces
): void {
  const isConnected = () => model.current?.link.condition === 'connected';
  const nameOf = (args: ReadonlyPartialJSONObject) => String(args.library ?? clicked() ?? '');
  const versionOf = (args: ReadonlyPartialJSONObject): string | null =>
    (args.version as string | undefined) ??
    libraryRows(model.current?.link.state ?? null, model.server.state).find(
      ({ name }) => name === nameOf(args)
    )?.version ??
    null;
  const isOnList = (args: ReadonlyPartialJSONObject) => isConnected() && nameOf(args) !== '';

  registry.addCommand(CommandIDs.addLibrary, {
    label: trans.__('Add Library…'),
    caption: trans.__('Keep the library in a folder up to date, before a cell imports it'),
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
      if (path && kernelsAreElsewhere()) {
        await give(model, path, trans);
      } else if (path) {
        await attempt(model, { name: 'add', path }, trans);
      }
    }
  });

  registry.addCommand(CommandIDs.addFolder, {
    label: trans.__('Keep Up to Date in This Notebook'),
    caption: trans.__('Keep the library in this folder up to date in the notebook in front'),
    describedBy: { args: { type: 'object', properties: {} } },
    isEnabled: isConnected,
    execute: async () => {
      const path = selected();
      if (path && kernelsAreElsewhere()) {
        await give(model, path, trans);
        return;
      }
      const result = path && (await attempt(model, { name: 'add', path }, trans));
      if (result && result.ok) {
        tell(result.message);
      }
    }
  });

  registry.addCommand(CommandIDs.removeLibrary, {
    label: args => trans.__('Remove %1 From the List', nameOf(args)),
    describedBy: { args: oneLibrary() },
    isEnabled: isOnList,
    execute: async args => {
      const library = nameOf(args);
      const result = await attempt(model, { name: 'remove', library }, trans);
      if (result?.ok) {
        tell(trans.__('%1 is no longer kept up to date.', library), [
          {
            label: trans.__('Undo'),
            callback: () => void registry.execute(CommandIDs.restoreLibrary, { library })
          }
        ]);
      }
    }
  });

  registry.addCommand(CommandIDs.restoreLibrary, {
    label: args => trans.__('Add %1 Back', nameOf(args)),
    describedBy: { args: oneLibrary() },
    isEnabled: isOnList,
    execute: args => attempt(model, { name: 'restore', library: nameOf(args) }, trans)
  });

  registry.addCommand(CommandIDs.copyVersion, {
    label: trans.__('Copy Version'),
    describedBy: { args: oneLibrary({ version: { type: 'string' } }) },
    isEnabled: args => versionOf(args) !== null,
    execute: args => {
      const version = versionOf(args);
      if (version) {
        Clipboard.copyToSystem(version);
        tell(trans.__('Copied version %1…', shortVersion(version)));
      }
    }
  });

  registry.addCommand(CommandIDs.pin, {
    label: args => trans.__('Use Another Version of %1', nameOf(args)),
    describedBy: { args: oneLibrary({ version: { type: 'string' } }) },
    isEnabled: isOnList,
    execute: args =>
      attempt(model, { name: 'pin', library: nameOf(args), version: String(args.version) }, trans)
  });

  registry.addCommand(CommandIDs.release, {
    label: args => trans.__('Use the Newest Version of %1', nameOf(args)),
    describedBy: { args: oneLibrary() },
    isEnabled: isOnList,
    execute: args => attempt(model, { name: 'release', library: nameOf(args) }, trans)
  });

  registry.addCommand(CommandIDs.verify, {
    label: trans.__('Ask All Executors Which Version They Run'),
    describedBy: { args: { type: 'object', properties: {} } },
    isEnabled: isConnected,
    execute: () => attempt(model, { name: 'verify' }, trans)
  });

  for (const name of ['unpersist', 'recompute'] as const) {
    registry.addCommand(CommandIDs[name], {
      label: name === 'unpersist' ? trans.__('Unpersist') : trans.__('Recompute'),
      describedBy: {
        args: { type: 'object', properties: { id: { type: 'number' } }, required: ['id'] }
      },
      isEnabled: isConnected,
      execute: args => attempt(model, { name, id: Number(args.id) }, trans)
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
      'The folder of a package, or of a project that contains packages. For a folder outside this file browser, run %autoegg add PATH in a cell.'
    )
  });
  if (!button.accept || !value?.length) {
    return null;
  }
  const path = manager.services.contents.localPath(value[0].path);
  return pathOnDisk(path);
}

function selectedFolder(browsers: IFileBrowserFactory | null): string | null {
  const browser = browsers?.tracker.currentWidget;
  const item = browser?.selectedItems().next().value;
  return item ? pathOnDisk(browser!.model.manager.services.contents.localPath(item.path)) : null;
}

const oneLibrary = (more: ReadonlyJSONObject = {}): ReadonlyJSONObject => ({
  type: 'object',
  properties: { library: { type: 'string' }, ...more }
});
