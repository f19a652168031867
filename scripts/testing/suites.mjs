// The suites of `npm test`, as data: which processes each runs, and where its counts stand.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { inCheckout, venvPython } from '../setup/checkout.mjs';
import { jestCounts, junitCounts, playwrightCounts } from './counts.mjs';

const tool = name => inCheckout('node_modules', '.bin', name);
const module = (environment, name, ...args) => [venvPython(environment), '-m', name, ...args];

/** What `npm test` runs of the matrix and of the corpus. */
const slice = ['-m', 'not whole_matrix and not whole_corpus'];

/**
 * pytest over folders of tests/; a single test may take five minutes unless it says otherwise. Of the matrix and the
 * corpus only a slice runs, unless `choice` says which part of them.
 */
export const pytest = (name, environment, folders, choice = slice) => ({
  name,
  environment,
  needs: [
    ...(environment === 'lab' ? [] : [environment]),
    ...(folders.includes('remote') ? ['gateway'] : [])
  ],
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
  needs: ['chromium', 'collaboration'],
  report: 'playwright.json',
  environmentVariables: report => ({ PLAYWRIGHT_JSON_OUTPUT_NAME: report }),
  commands: () => [[tool('playwright'), 'test', '--config=ui-tests', '--reporter=list,json']],
  counts: playwrightCounts
};

/** Those of the browser's tests whose server is of this kind; only in `npm run test:spark`. */
const uiBehind = kind => ({
  ...ui,
  name: `ui ${kind}`,
  needs: ['chromium', kind],
  environmentVariables: report => ({ ...ui.environmentVariables(report), AUTOEGG_UI_ONLY: kind })
});

/** A page of a user's server behind JupyterHub and its proxy, which takes more than a minute. */
export const hub = uiBehind('hub');

/** A page whose kernels run behind a gateway. */
export const gateway = uiBehind('gateway');

/** The folders of tests/ that start kernels, servers or JVMs, the longest first: a suite each. */
const withProcesses = [
  'spark',
  'session',
  'kernel',
  'property',
  'cluster',
  'connect',
  'matrix',
  'living',
  'versions',
  'server',
  'remote',
  'corpus',
  'soak'
];

/** In environments of their own, or with clusters that take minutes to start, and only in `npm run test:spark`: see matrix.mjs. */
const elsewhere = ['compilers', 'pandas_api', 'managers', 'merging', 'tables'];

/**
 * Which part of a folder runs on Spark 4 and which on 3.5, as pytest's `-k`: each test runs on one of the lines, in one kind
 * of mode; what does not start Spark runs once. `npm run test:spark` runs the other parts. (Its Connect server does not come
 * with pyspark 3.5: see matrix.mjs.)
 */
const parts = {
  spark: { lab: 'not local[2]', spark35: 'local[2]' },
  session: {
    lab: 'not local[1] and not local[2] and not (missing_on_the_node and sql)',
    spark35: 'local[1] or local[2]'
  },
  cluster: { lab: 'not local', spark35: 'local[2]' },
  property: { lab: 'cluster-', spark35: 'local-' }
};

const on35 = folder => `pytest ${folder}, spark 3.5`;

const onSpark4 = folder =>
  pytest(`pytest ${folder}`, 'lab', [folder], parts[folder] ? ['-k', parts[folder].lab] : slice);

/** The parts that `npm test` leaves out, on both lines. */
export const rest = () => [
  ...Object.entries(parts).flatMap(([folder, { lab, spark35 }]) => [
    pytest(`pytest ${folder}, rest`, 'lab', [folder], ['-k', `not (${lab})`]),
    pytest(`${on35(folder)}, rest`, 'spark35', [folder], ['-k', `not (${spark35})`])
  ]),
  pytest(on35('kernel'), 'spark35', ['kernel'])
];

const quickFolders = () =>
  readdirSync(inCheckout('tests'), { withFileTypes: true })
    .filter(entry => entry.isDirectory() && !entry.name.startsWith('_'))
    .map(entry => entry.name)
    .filter(name => !elsewhere.includes(name) && !withProcesses.includes(name))
    .filter(name =>
      readdirSync(inCheckout('tests', name)).some(file => /^test_.*\.py$/.test(file))
    );

/** All suites in the order in which they start, two at a time. */
export const all = () => [
  ...withProcesses.map(onSpark4),
  ...Object.entries(parts).map(([folder, { spark35 }]) =>
    pytest(on35(folder), 'spark35', [folder], ['-k', spark35])
  ),
  pytest(on35('matrix'), 'spark35', ['matrix']),
  ui,
  // Beside the browser: what keeps no more than one core busy.
  pytest('pytest', 'lab', quickFolders()),
  types,
  lint,
  jest,
  demo
];

/** What gives a verdict within three minutes: no Spark, no browser. */
export const quick = () => [jest, types, lint, pytest('pytest', 'lab', quickFolders())];
