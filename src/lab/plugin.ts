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
    const model = new Autoegg(server);
    void server.refresh();
    if (settingRegistry) {
      void follow(model, settingRegistry);
    }
    return model;
  }
};

async function follow(model: Autoegg, registry: ISettingRegistry): Promise<void> {
  try {
    const settings = await registry.load(PLUGIN_ID);
    const read = (): void => {
      model.settings = {
        enabled: settings.get('enabled').composite as boolean,
        reshipOnSave: settings.get('reshipOnSave').composite as boolean,
        saveFirst: settings.get('saveFirst').composite as boolean,
        recordVersions: settings.get('recordVersions').composite as boolean
      };
    };
    read();
    settings.changed.connect(read);
  } catch (error) {
    console.error(`autoegg: the settings could not be read: ${(error as Error).message}`);
  }
}
