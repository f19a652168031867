// All the set-up: checks first, so that what is missing is named before anything is downloaded.
import { build } from './build.mjs';
import { installNodeModules } from './node-modules.mjs';
import { installLab, installProject, installSpark35 } from './python-environments.mjs';
import {
  checkNode,
  findChromium,
  findJavaHome,
  findLabPython,
  findSpark35Python
} from './requirements.mjs';
import { SetupError } from './run.mjs';

/**
 * Brings the checkout to where the demo and the tests can run. Returns the home of Java, the path of Chromium, and
 * `missing`: the sentence for each of `spark35` and `chromium` that was wanted but is not there.
 */
export async function setUp({ spark35 = false, chromium = false } = {}) {
  if (process.platform === 'win32')
    throw new SetupError('Windows is not supported; use Linux, macOS or WSL.');
  checkNode();
  const missing = {};
  const orMissing = (name, find) => {
    try {
      return find();
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      missing[name] = error.message;
    }
  };
  const labPython = findLabPython();
  const java = findJavaHome();
  const oldPython = spark35 ? orMissing('spark35', findSpark35Python) : undefined;
  const browser = chromium ? orMissing('chromium', findChromium) : undefined;

  // One waits for the network while the other unpacks. All are waited for, so that a failure leaves no pip behind.
  const installs = await Promise.allSettled([
    installNodeModules(),
    installLab(labPython).then(() => oldPython && installSpark35(oldPython))
  ]);
  for (const result of installs) if (result.status === 'rejected') throw result.reason;
  await build();
  await installProject();
  return { java, chromium: browser, missing };
}
