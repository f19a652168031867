import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyJSONObject, ReadonlyPartialJSONObject } from '@lumino/coreutils';

import type { ActionResult } from '../protocol';
import { attempt } from './attempt';
import { clickedLibrary } from './clicked';
import { CommandIDs, paletteCategory } from './commandIds';
import { eggIcon, shipIcon } from './icons';
import { Progress } from './progress';
import { milliseconds, percent } from './format';
import { buildProgress } from './rows';
import { IAutoegg, TRANSLATION_DOMAIN } from './tokens';

export const commands: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-autoegg:commands',
  description: 'Adds the commands that ship libraries and switch them on and off.',
  autoStart: true,
  requires: [IAutoegg],
  optional: [ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    model: IAutoegg,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load(TRANSLATION_DOMAIN);
    addCommands(app.commands, model, trans, () => clickedLibrary(app));
    const category = paletteCategory(trans);
    for (const command of [
      CommandIDs.ship,
      CommandIDs.toggle,
      CommandIDs.load,
      CommandIDs.restartDaemon
    ]) {
      palette?.addItem({ command, category });
    }
  }
};

/** @param clicked gives the library under the pointer when a context menu was opened */
export function addCommands(
  registry: CommandRegistry,
  model: IAutoegg,
  trans: TranslationBundle,
  clicked: () => string | null = () => null
): void {
  const link = () => model.current?.link ?? null;
  const isConnected = () => link()?.condition === 'connected';
  const nameOf = (args: ReadonlyPartialJSONObject) => String(args.library ?? clicked() ?? '');
  const libraryOf = (args: ReadonlyPartialJSONObject) =>
    link()?.state?.libraries.find(({ name }) => name === nameOf(args));

  registry.addCommand(CommandIDs.ship, {
    label: trans.__('Ship Library'),
    caption: trans.__('Ship library: build it, reload it and send it to Spark now'),
    icon: shipIcon,
    describedBy: { args: NO_ARGUMENTS },
    isEnabled: () => isConnected() && !link()?.pending.some(({ name }) => name === 'ship'),
    execute: () => ship(model, trans)
  });

  registry.addCommand(CommandIDs.toggle, {
    label: trans.__('Keep Libraries of This Notebook Up to Date'),
    caption: trans.__('Before each cell, bring the driver and Spark workers to the code on disk'),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          enabled: {
            type: 'boolean',
            description: trans.__('On or off; the other of the two if not given')
          }
        }
      }
    },
    isEnabled: isConnected,
    isToggled: () => link()?.state?.enabled ?? false,
    execute: args => {
      const enabled = (args.enabled as boolean | undefined) ?? !link()?.state?.enabled;
      return attempt(model, { name: 'set_enabled', enabled }, trans);
    }
  });

  registry.addCommand(CommandIDs.toggleLibrary, {
    label: args => trans.__('Keep %1 Up to Date', nameOf(args)),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          library: { type: 'string', description: trans.__('Import name') },
          enabled: {
            type: 'boolean',
            description: trans.__('On or off; the other of the two if not given')
          }
        }
      }
    },
    isEnabled: args => isConnected() && !!link()?.state?.enabled && !!nameOf(args),
    isToggled: args => !!libraryOf(args)?.enabled,
    execute: args => {
      const enabled = (args.enabled as boolean | undefined) ?? !libraryOf(args)?.enabled;
      return attempt(model, { name: 'set_library', library: nameOf(args), enabled }, trans);
    }
  });

  registry.addCommand(CommandIDs.load, {
    label: trans.__('Load autoegg in This Kernel'),
    caption: trans.__(
      "Keep the libraries of this notebook's kernel up to date with the code on disk"
    ),
    icon: eggIcon,
    describedBy: { args: NO_ARGUMENTS },
    isEnabled: () => link()?.condition === 'absent',
    execute: () => link()?.load()
  });

  registry.addCommand(CommandIDs.restartDaemon, {
    label: trans.__('Restart Library Daemon'),
    describedBy: { args: NO_ARGUMENTS },
    execute: async () => {
      try {
        await model.server.restart();
      } catch (error) {
        Notification.error((error as Error).message);
      }
    }
  });

  // Toolbar, menus and palette ask `isEnabled` again when notified that it may differ.
  let before = '';
  model.changed.connect(() => {
    const now = [link()?.condition, link()?.state?.enabled, link()?.pending.length].join();
    if (now !== before) {
      before = now;
      registry.notifyCommandChanged(CommandIDs.ship);
      registry.notifyCommandChanged(CommandIDs.toggle);
      registry.notifyCommandChanged(CommandIDs.load);
    }
  });
}

/** Ships, and says how it went: in progress if it takes a while, then the kernel's sentence with version and time. */
async function ship(model: IAutoegg, trans: TranslationBundle): Promise<void> {
  const link = model.current?.link;
  if (!link) {
    return;
  }
  const progress = new Progress(
    link.isBusy
      ? trans.__('Ships when the current cell finishes…')
      : trans.__('Building and shipping the libraries of this notebook…')
  );
  let before = '';
  const follow = (): void => {
    const share = buildProgress(link.state, model.server.state);
    const done = share === null ? '' : percent(share);
    if (done !== before) {
      before = done;
      progress.report(
        share === null
          ? trans.__('Shipping the libraries of this notebook…')
          : trans.__('Building the libraries of this notebook: %1 done', done),
        share ?? 1
      );
    }
  };
  model.server.changed.connect(follow);
  try {
    const result = await link.perform({ name: 'ship' }, () =>
      progress.offer(trans.__('Cancel'), () => void link.interrupt())
    );
    await progress.end(withTime(result), result.ok);
  } catch (error) {
    await progress.end(trans.__('Nothing was shipped: %1', (error as Error).message), false);
  } finally {
    model.server.changed.disconnect(follow);
  }
}

/** The kernel's sentence with the time that it took; further lines are what the reload has to say. */
function withTime({ ok, message, milliseconds: took }: ActionResult): string {
  const [first, ...rest] = message.split('\n');
  return ok ? [`${first} (${milliseconds(took)})`, ...rest].join('\n') : message;
}

const NO_ARGUMENTS: ReadonlyJSONObject = { type: 'object', properties: {} };
