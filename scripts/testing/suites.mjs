// The suites of `npm test`, as data: which processes each runs, and where its counts stand.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { inCheckout, venvPython } from '../setup/checkout.mjs';
import { jestCounts, junitCounts, playwrightCounts } from './counts.mjs';

const tool = name => inCheckout('node_modules', '.bin', name);
const module = (environment, name, ...args) => [venvPython(environment), '-m', name, ...args];

/**
 * pytest over folders of tests/; a single test may take five minutes unless it says otherwise. Of the matrix only a slice
 * runs, unless `choice` says which part of it.
 */
export const pytest = (name, environment, folders, choice = ['-m', 'not whole_matrix']) => ({
  name,
  environment,
  needs: environment === 'lab' ? [] : [environment],
  report: 'junit.xml',
  commands: report => [
    module(environment, 'pytest', ...folders.map(folder => join('tests', folder))).concat([
      `--junitxml=${report}`,
      '--timeout=300',
      '-p',
      'no:cacheprovider',
      ...choice
    ])
  ],
  counts: junitCounts
});

const types = {
  name: 'types',
  commands: () => [
    [tool('tsc'), '--build'],
    [tool('tsc'), '--project', 'tsconfig.test.json', '--noEmit'],
    module('lab', 'mypy')
  ]
};

const lint = {
  name: 'lint',
  commands: () => [
    [tool('eslint'), '.'],
    [tool('prettier'), '--check', '.'],
    module('lab', 'ruff', 'check', '.'),
    module('lab', 'ruff', 'format', '--check', '.'),
    [join(venvPython('lab'), '..', 'lint-imports')]
  ]
};

const jest = {
  name: 'jest',
  report: 'jest.json',
  commands: report => [[tool('jest'), '--json', `--outputFile=${report}`]],
  counts: jestCounts
};

const demo = {
  name: 'demo',
  alone: true,
  commands: () => [[process.execPath, inCheckout('scripts', 'demo.mjs'), '--check']]
};

const ui = {
  name: 'ui',
  alone: true,
  needs: ['chromium'],
  report: 'playwright.json',
  environmentVariables: report => ({ PLAYWRIGHT_JSON_OUTPUT_NAME: report }),
  commands: () => [[tool('playwright'), 'test', '--config=ui-tests', '--reporter=list,json']],
  counts: playwrightCounts
};

const spark35Folders = ['spark', 'kernel', 'matrix', 'property'];
const needJvmOrServer = ['spark', 'kernel', 'server', 'matrix', 'cluster', 'connect', 'property'];

const testFolders = () =>
  readdirSync(inCheckout('tests'), { withFileTypes: true })
    .filter(entry => entry.isDirectory() && !entry.name.startsWith('_'))
    .map(entry => entry.name)
    .filter(name =>
      readdirSync(inCheckout('tests', name)).some(file => /^test_.*\.py$/.test(file))
    );

/** All suites in the order in which they start; the longest first, since two run at a time. */
export const all = () => [
  pytest('pytest', 'lab', testFolders()),
  types,
  lint,
  jest,
  pytest('pytest spark 3.5', 'spark35', spark35Folders),
  demo,
  ui
];

/** What gives a verdict within three minutes: no Spark, no browser. */
export const quick = () => [
  jest,
  types,
  lint,
  pytest(
    'pytest',
    'lab',
    testFolders().filter(name => !needJvmOrServer.includes(name))
  )
];
