import { LabIcon } from '@jupyterlab/ui-components';

import eggSvg from '../../style/icons/egg.svg';
import helpSvg from '../../style/icons/help.svg';
import shipSvg from '../../style/icons/ship.svg';
import warningSvg from '../../style/icons/warning.svg';

/** The project's mark: sidebar tab and status bar. */
export const eggIcon = new LabIcon({ name: 'autoegg:egg', svgstr: eggSvg });

/** An egg on its way: the command "Ship library". */
export const shipIcon = new LabIcon({ name: 'autoegg:ship', svgstr: shipSvg });

export const warningIcon = new LabIcon({ name: 'autoegg:warning', svgstr: warningSvg });

export const helpIcon = new LabIcon({ name: 'autoegg:help', svgstr: helpSvg });
