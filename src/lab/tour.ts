import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, MainAreaWidget, Notification } from '@jupyterlab/apputils';
import { IRenderMimeRegistry, MimeModel } from '@jupyterlab/rendermime';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import text from '../../docs/tour.md';
import { CommandIDs, paletteCategory } from './commandIds';
import { eggIcon } from './icons';
import { TRANSLATION_DOMAIN } from './tokens';

const MARKDOWN = 'text/markdown';
const ID = 'autoegg-tour';

export const tour: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-autoegg:tour',
  description: 'Explains the panel and the marks on cells.',
  autoStart: true,
  optional: [IRenderMimeRegistry, ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    renderers: IRenderMimeRegistry | null,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ) => {
    if (!renderers) {
      return;
    }
    const trans = (translator ?? nullTranslator).load(TRANSLATION_DOMAIN);
    app.commands.addCommand(CommandIDs.openTour, {
      label: trans.__('Tour of Library Code'),
      caption: trans.__('What the panel, the marks on cells and the states mean'),
      describedBy: { args: { type: 'object', properties: {} } },
      execute: async () => {
        const open = [...app.shell.widgets('main')].some(widget => widget.id === ID);
        if (!open) {
          const content = renderers.createRenderer(MARKDOWN);
          content.addClass('jp-Autoegg-tour');
          const widget = new MainAreaWidget({ content });
          widget.id = ID;
          widget.title.label = trans.__('Tour of Library Code');
          widget.title.icon = eggIcon;
          widget.title.closable = true;
          app.shell.add(widget, 'main');
          try {
            const data = { [MARKDOWN]: withoutPictures(text) };
            await content.renderModel(new MimeModel({ data, trusted: false }));
          } catch (error) {
            Notification.error((error as Error).message);
          }
        }
        app.shell.activateById(ID);
      }
    });
    palette?.addItem({ command: CommandIDs.openTour, category: paletteCategory(trans) });
  }
};

/** The pictures are next to the page in the repository; here the reader has the interface itself. */
export function withoutPictures(markdown: string): string {
  return markdown
    .split('\n')
    .filter(line => !/^!\[.*\]\(.*\)$/.test(line) && !line.startsWith('Each picture '))
    .join('\n')
    .replace(/\n{3,}/g, '\n\n');
}
