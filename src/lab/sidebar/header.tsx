import type { TranslationBundle } from '@jupyterlab/translation';
import { addIcon, Button } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import { CommandIDs } from '../commandIds';
import { helpIcon, shipIcon } from '../icons';

interface IProps {
  canAdd: boolean;
  canShip: boolean;
  /** Of *Ship Library*, in brackets; empty if it has none. */
  shortcut: string;
  commands: CommandRegistry;
  trans: TranslationBundle;
}

/** The panel's title, and what can be done for all libraries. Icons are slow to draw, and here they hardly ever change. */
export const Header = React.memo(({ canAdd, canShip, shortcut, commands, trans }: IProps) => (
  <div className="jp-SidePanel-header jp-Autoegg-header">
    <h2>{trans.__('Library Code')}</h2>
    <Button
      className="jp-Autoegg-ship"
      minimal
      title={trans.__('Take a tour of this panel')}
      aria-label={trans.__('Help')}
      onClick={() => void commands.execute(CommandIDs.openTour)}
    >
      <helpIcon.react tag="span" width="16px" />
    </Button>
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
      title={trans.__('Ship library: build it, reload it and send it to Spark now%1', shortcut)}
      aria-label={trans.__('Ship library')}
      onClick={() => void commands.execute(CommandIDs.ship)}
    >
      <shipIcon.react tag="span" width="16px" />
    </Button>
  </div>
));
