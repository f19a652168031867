import type { TranslationBundle } from '@jupyterlab/translation';
import { addIcon, Button } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import { CommandIDs } from '../commandIds';
import { shipIcon } from '../icons';

interface IProps {
  canAdd: boolean;
  canShip: boolean;
  commands: CommandRegistry;
  trans: TranslationBundle;
}

/** The panel's title, and what can be done for all libraries. Icons are slow to draw, and here they hardly ever change. */
export const Header = React.memo(({ canAdd, canShip, commands, trans }: IProps) => (
  <div className="jp-SidePanel-header jp-Autoegg-header">
    <h2>{trans.__('Library Code')}</h2>
    <Button
      className="jp-Autoegg-ship"
      minimal
      disabled={!canAdd}
      title={trans.__('Add a library from a folder')}
      aria-label={trans.__('Add library')}
      onClick={() => void commands.execute(CommandIDs.addLibrary)}
    >
      <addIcon.react tag="span" width="16px" />
    </Button>
    <Button
      className="jp-Autoegg-ship"
      minimal
      disabled={!canShip}
      title={trans.__('Ship library: build, reload and give it to Spark now')}
      aria-label={trans.__('Ship library')}
      onClick={() => void commands.execute(CommandIDs.ship)}
    >
      <shipIcon.react tag="span" width="16px" />
    </Button>
  </div>
));
