// What the machine has to bring: Node, Python, Java, for the UI tests Chromium. Each candidate is run before it is
// believed, because version managers put commands on the PATH that only say that they cannot run.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { inCheckout } from './checkout.mjs';
import { neutralEnvironment } from './environment.mjs';
import { SetupError } from './run.mjs';

const mac = process.platform === 'darwin';
const cure = (debian, brew) => (mac ? `brew install ${brew}` : `sudo apt-get install -y ${debian}`);

// The checkout's own environments are made from what is found here, so they cannot be what is found: the demo, run by
// the tests with an environment's folder in front of the PATH, would delete the Python that it makes the same one from.
const onPath = name =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .filter(folder => folder && !folder.startsWith(inCheckout('.venvs')))
    .map(folder => join(folder, name))
    .filter(existsSync);

const below = (folder, ...rest) =>
  existsSync(folder) ? readdirSync(folder).map(name => join(folder, name, ...rest)) : [];

function output(command, args) {
  const result = spawnSync(command, args, {
    encoding: 'utf8',
    timeout: 60_000,
    env: neutralEnvironment()
  });
  return result.status === 0 ? result.stdout + result.stderr : undefined;
}

export function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new SetupError(
    `Node ${process.versions.node} is too old, 20.19 or newer is needed: npx --yes -p node@22 -p npm npm <command>, or install it with ${cure('nodejs', 'node')}`
  );
}

const pythonProbe =
  'import sys, venv, ensurepip, ssl; print("%d.%d|%s" % (sys.version_info[0], sys.version_info[1], sys.executable))';

/** The first Python of one of the versions (in that order of preference) that runs and can make environments. */
function findPython(versions) {
  const home = process.env.PYENV_ROOT ?? join(process.env.HOME ?? '/', '.pyenv');
  const names = [...versions.map(version => `python${version}`), 'python3', 'python'];
  const candidates = [
    ...names.flatMap(onPath),
    ...below(join(home, 'versions'), 'bin', 'python'),
    ...names.flatMap(name => [`/usr/local/bin/${name}`, `/opt/homebrew/bin/${name}`])
  ];
  const found = new Map();
  for (const candidate of new Set(candidates)) {
    const [version, executable] = output(candidate, ['-c', pythonProbe])?.trim().split('|') ?? [];
    if (version === versions[0]) return executable;
    if (versions.includes(version) && !found.has(version)) found.set(version, executable);
  }
  return versions.map(version => found.get(version)).find(Boolean);
}

/** Python for JupyterLab and Spark 4.x, whose own lower bound is 3.11. */
export function findLabPython() {
  const python = findPython(['3.11', '3.12', '3.13', '3.14']);
  if (python) return python;
  throw new SetupError(
    `Python 3.11 or newer (with venv) was not found: ${cure('python3 python3-venv', 'python@3.12')}`
  );
}

/** Python for Spark 3.5, whose own upper bound is 3.11. */
export function findSpark35Python() {
  const python = findPython(['3.11', '3.10']);
  if (python) return python;
  throw new SetupError(
    `Spark 3.5 needs Python 3.11 or 3.10, none was found: ${cure('python3.11 python3.11-venv', 'python@3.11')} (or: pyenv install 3.11)`
  );
}

/** Python for the minors of Spark 4 that the tests try beside the newest. */
export function findPython311() {
  const python = findPython(['3.11']);
  if (python) return python;
  throw new SetupError(
    `The other minors of Spark 4 are tested with Python 3.11, which was not found: ${cure('python3.11 python3.11-venv', 'python@3.11')} (or: pyenv install 3.11)`
  );
}

/** The newest Python that Spark 4 is tested with. */
export function findPython313() {
  const python = findPython(['3.13']);
  if (python) return python;
  throw new SetupError(
    `Python 3.13 was not found: ${cure('python3.13 python3.13-venv', 'python@3.13')} (or: pyenv install 3.13)`
  );
}

/** Finds the Python of one minor version, which some tests are for. */
export const findPythonOf = version => () => {
  const python = findPython([version]);
  if (python) return python;
  throw new SetupError(
    `Python ${version}, which these tests are for, was not found: ${cure(`python${version} python${version}-venv`, `python@${version}`)} (or: pyenv install ${version})`
  );
};

/** Maven gets the Connect server of Spark 3.5, which is a jar of its own there, and what runs YARN and Kubernetes. */
export function findMaven() {
  const maven = onPath('mvn').find(command => output(command, ['-v']));
  if (maven) return maven;
  throw new SetupError(
    `The Spark Connect server of Spark 3.5, YARN and Kubernetes come by Maven, which was not found: ${cure('maven', 'maven')}`
  );
}

const javaProbe = ['-XshowSettings:properties', '-version'];

/** The home of a Java 17 or 21, the versions that Spark 4.x runs on. */
export function findJavaHome() {
  const others = new Set();
  for (const { home, version } of javas()) {
    if (fits(version)) return home;
    others.add(version);
  }
  const found = others.size ? ` (found: Java ${[...others].join(', ')})` : '';
  throw new SetupError(
    `Spark needs Java 17 or 21, none was found${found}: ${cure('openjdk-17-jre-headless', 'openjdk@17')}`
  );
}

/** The home of one that can compile: the clusters of the tests are started by small programs in Java. */
export function findJdkHome() {
  let found = '';
  for (const { home, version } of javas()) {
    if (fits(version) && existsSync(join(home, 'bin', 'javac'))) return home;
    if (fits(version)) found ||= ` (${home} is a JRE)`;
  }
  throw new SetupError(
    `YARN and Kubernetes are tested with a JDK 17 or 21, none was found${found}: ${cure('openjdk-17-jdk-headless', 'openjdk@17')}`
  );
}

const fits = version => version === '17' || version === '21';

/** Each Java of this machine, the one that it prefers first: its home and its version. */
function* javas() {
  const candidates = [
    ...(process.env.JAVA_HOME ? [join(process.env.JAVA_HOME, 'bin', 'java')] : []),
    ...onPath('java'),
    ...below('/usr/lib/jvm', 'bin', 'java'),
    ...below('/Library/Java/JavaVirtualMachines', 'Contents', 'Home', 'bin', 'java'),
    ...['17', '21'].map(version => `/opt/homebrew/opt/openjdk@${version}/bin/java`)
  ];
  for (const candidate of new Set(candidates.filter(existsSync))) {
    const settings = output(candidate, javaProbe) ?? '';
    const version = /java\.specification\.version = (\S+)/.exec(settings)?.[1];
    const home = /java\.home = (.+)/.exec(settings)?.[1].trim();
    if (home && version) yield { home, version };
  }
}

/** A Chromium or Chrome for the UI tests, or undefined with the sentence that says how to get one. */
export function findChromium() {
  const named = process.env.CHROMIUM;
  const candidates = [
    ...(named ? [named] : []),
    ...['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'].flatMap(onPath),
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'
  ];
  const found = candidates.find(existsSync);
  if (found) return found;
  throw new SetupError(
    `The UI tests need Chromium, none was found: ${mac ? 'brew install --cask chromium' : 'sudo apt-get install -y chromium'} (or name one in $CHROMIUM)`
  );
}
