import type { TranslationBundle } from '@jupyterlab/translation';

import type { Action } from './tokens';

/** What the kernel does while it performs an action. */
export function doing(action: Action, trans: TranslationBundle): string {
  switch (action.name) {
    case 'ship':
      return trans.__('Building and shipping the libraries of this notebook…');
    case 'verify':
      return trans.__('Asking all executors which version they run…');
    case 'set_enabled':
      return action.enabled
        ? trans.__('Switching on for this notebook…')
        : trans.__('Switching off for this notebook…');
    case 'set_library':
      return action.enabled
        ? trans.__('Switching %1 on…', action.library)
        : trans.__('Switching %1 off…', action.library);
    case 'add':
      return trans.__('Adding the library in %1…', action.path);
    case 'remove':
      return trans.__('Removing %1 from the list…', action.library);
    case 'restore':
      return trans.__('Adding %1 back…', action.library);
    case 'pin':
      return trans.__('Switching %1 to another version…', action.library);
    case 'release':
      return trans.__('Switching %1 to the newest version…', action.library);
    case 'unpersist':
      return trans.__('Dropping cached data…');
    case 'recompute':
      return trans.__('Recomputing cached data with the current code…');
    case 'configure':
      return trans.__('Applying your settings…');
    case 'state':
      return trans.__('Asking the kernel for its state…');
  }
}
