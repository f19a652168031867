// All the set-up: checks first, so that what is missing is named before anything is downloaded.
import { existsSync } from 'node:fs';
import { build } from './build.mjs';
import { stamps } from './checkout.mjs';
import { installNodeModules } from './node-modules.mjs';
import { installPackages } from './packages.mjs';
import { beside, installBeside, installLab, installProject } from './python-environments.mjs';
import {
  checkNode,
  findChromium,
  findJavaHome,
  findJdkHome,
  findLabPython,
  findMaven
} from './requirements.mjs';
import { SetupError } from './run.mjs';

/**
 * Brings the checkout to where the demo and the tests can run. `wanted` names what else is needed: environments of
 * `beside`, `chromium`, `maven`, `jdk` (then that is the Java), `collaboration`, `gateway`, `hub`. Returns the home of Java, the path of Chromium, and `missing`: the
 * sentence for each of the wanted that is not there.
 */
export async function setUp(wanted = []) {
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
  const jdk = wanted.includes('jdk') ? orMissing('jdk', findJdkHome) : undefined;
  const java = jdk ?? findJavaHome();
  const pythons = Object.keys(beside)
    .filter(name => wanted.includes(name))
    .map(name => [name, orMissing(name, beside[name].python)])
    .filter(([, python]) => python);
  const browser = wanted.includes('chromium') ? orMissing('chromium', findChromium) : undefined;
  if (wanted.includes('maven')) orMissing('maven', findMaven);

  if (!existsSync(stamps))
    console.log('Setting up, once: about three minutes and 2 GB, most of it downloads.');
  // One waits for the network while the other unpacks. All are waited for, so that a failure leaves no pip behind.
  const installs = await Promise.allSettled([
    installNodeModules(),
    installLab(labPython).then(async () => {
      for (const [name, python] of pythons) await installBeside(name, python);
      for (const set of ['collaboration', 'gateway', 'hub'])
        if (wanted.includes(set)) await installPackages(set);
    })
  ]);
  for (const result of installs) if (result.status === 'rejected') throw result.reason;
  await build();
  await installProject();
  return { java, chromium: browser, missing };
}
