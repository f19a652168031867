import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyJSONObject } from '@lumino/coreutils';

import type { ActionResult } from '../protocol';
import { attempt } from './attempt';
import { CommandIDs } from './commandIds';
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
    addCommands(app.commands, model, trans);
    for (const command of [CommandIDs.ship, CommandIDs.toggle, CommandIDs.load]) {
      palette?.addItem({ command, category: trans.__('Library Code') });
    }
  }
};

export function addCommands(
  registry: CommandRegistry,
  model: IAutoegg,
  trans: TranslationBundle
): void {
  const link = () => model.current?.link ?? null;
  const isConnected = () => link()?.condition === 'connected';

  registry.addCommand(CommandIDs.ship, {
    label: trans.__('Ship Library'),
    caption: trans.__('Ship library: build, reload and give it to Spark now'),
    icon: shipIcon,
    describedBy: { args: NO_ARGUMENTS },
    isEnabled: () => isConnected() && !link()?.pending.some(({ name }) => name === 'ship'),
    execute: () => ship(model, trans)
  });

  registry.addCommand(CommandIDs.toggle, {
    label: trans.__('Keep Libraries of This Notebook Current'),
    caption: trans.__('Before each cell, put the driver and Spark workers on the code on disk'),
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
      return attempt(model, { name: 'set_enabled', enabled });
    }
  });

  registry.addCommand(CommandIDs.toggleLibrary, {
    label: args => trans.__('Keep %1 Current', String(args.library ?? '')),
    describedBy: {
      args: {
        type: 'object',
        properties: { library: { type: 'string' }, enabled: { type: 'boolean' } },
        required: ['library', 'enabled']
      }
    },
    isEnabled: isConnected,
    execute: args =>
      attempt(model, {
        name: 'set_library',
        library: String(args.library),
        enabled: Boolean(args.enabled)
      })
  });

  registry.addCommand(CommandIDs.load, {
    label: trans.__('Load autoegg in This Kernel'),
    caption: trans.__("Keep the libraries of this notebook's kernel on the code on disk"),
    icon: eggIcon,
    describedBy: { args: NO_ARGUMENTS },
    isEnabled: () => link()?.condition === 'absent',
    execute: () => link()?.load()
  });

  registry.addCommand(CommandIDs.restartDaemon, {
    label: trans.__('Start the Library Daemon Again'),
    describedBy: { args: NO_ARGUMENTS },
    execute: async () => {
      try {
        await model.server.restart();
      } catch (error) {
        Notification.error((error as Error).message);
      }
    }
  });

  // Toolbar, menus and palette ask `isEnabled` again when they are told that it may differ.
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
      ? trans.__('Ships when the running cell has ended…')
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
