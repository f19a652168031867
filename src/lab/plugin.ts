import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ISettingRegistry } from '@jupyterlab/settingregistry';

import { ServerMonitor } from './server';
import { Autoegg } from './service';
import { IAutoegg, PLUGIN_ID } from './tokens';

export const service: JupyterFrontEndPlugin<IAutoegg> = {
  id: PLUGIN_ID,
  description: "Knows what code the current notebook's driver and Spark workers run.",
  autoStart: true,
  provides: IAutoegg,
  optional: [ISettingRegistry],
  activate: (app: JupyterFrontEnd, settingRegistry: ISettingRegistry | null): IAutoegg => {
    const { events, serverSettings } = app.serviceManager;
    const server = new ServerMonitor({ events, serverSettings });
    const loaded = settingRegistry?.load(PLUGIN_ID) ?? null;
    const model = new Autoegg(server, async settings => {
      const store = await loaded;
      for (const [name, value] of Object.entries(settings)) {
        await store?.set(name, value);
      }
    });
    void server.refresh();
    if (loaded) {
      void follow(model, loaded);
    }
    return model;
  }
};

async function follow(model: Autoegg, loaded: Promise<ISettingRegistry.ISettings>): Promise<void> {
  try {
    const settings = await loaded;
    const read = (): void => {
      model.settings = {
        enabled: settings.get('enabled').composite as boolean,
        reshipOnSave: settings.get('reshipOnSave').composite as boolean,
        saveFirst: settings.get('saveFirst').composite as boolean,
        recordVersions: settings.get('recordVersions').composite as 'ask' | 'yes' | 'no',
        showHint: settings.get('showHint').composite as boolean
      };
    };
    read();
    settings.changed.connect(read);
  } catch (error) {
    console.error(`autoegg: the settings could not be read: ${(error as Error).message}`);
  }
}
