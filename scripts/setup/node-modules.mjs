// node_modules from the lock file. Install scripts of dependencies stay off: none is needed here.
import { inCheckout } from './checkout.mjs';
import { neutralEnvironment } from './environment.mjs';
import { once } from './stamp.mjs';
import { step } from './run.mjs';

export const installNodeModules = () =>
  once(
    'node-modules',
    {
      paths: [inCheckout('package-lock.json'), inCheckout('.npmrc')],
      values: [process.versions.modules]
    },
    [inCheckout('node_modules', '.package-lock.json')],
    () =>
      step('node modules (npm ci)', 'npm-ci', [['npm', 'ci', '--ignore-scripts']], {
        env: { ...neutralEnvironment(), PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1' }
      })
  );
