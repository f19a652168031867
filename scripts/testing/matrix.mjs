// The suites of `npm run test:spark`: one for each column of docs/spark-support.md, and one that writes the page; before
// them the Spark tests that `npm test` leaves out.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cache, inCheckout, venvPython } from '../setup/checkout.mjs';
import { gateway, hub, pytest, rest } from './suites.mjs';

const records = join(cache, 'matrix');

const modes = ['local', 'local-cluster', 'standalone', 'connect'];
const managers = ['yarn', 'kubernetes'];

/** Environment, what its columns are called, and the modes in which it runs the matrix. */
const environments = [
  ['lab', 'spark 4.3', [...modes, ...managers]],
  ['spark35', 'spark 3.5', [...modes, ...managers]],
  ['lab-py313', 'spark 4.3 on python 3.13', modes],
  ['spark40', 'spark 4.0', ['local-cluster']],
  ['spark41', 'spark 4.1', ['local-cluster']],
  ['spark42', 'spark 4.2', ['local-cluster']]
];

/** The first test of a cluster waits until it has started. */
const minutes = ['--timeout=1200'];

const column = (environment, title, mode) => {
  const managed = managers.includes(mode);
  const patience = managed ? minutes : [];
  const suite = pytest(
    `${title} ${mode}`,
    environment,
    ['matrix'],
    [...['-k', `[${mode}:`], ...patience]
  );
  if (environment === 'spark35' && mode === 'connect') suite.needs.push('maven');
  if (managed) suite.needs.push('maven', 'jdk');
  return { ...suite, environmentVariables: () => ({ MATRIX_RECORDS: records }) };
};

let whole = false;

/** Columns that are run by name renew theirs on the page, and leave it the others. */
const page = {
  name: 'spark-support.md',
  alone: true, // and the last
  commands: () => [
    [
      venvPython('lab'),
      inCheckout('tests', 'matrix', 'page.py'),
      records,
      ...(whole ? [] : ['--renew'])
    ]
  ]
};

/** What talks to a Spark Connect server and has no Spark of its own; the server is that of the environment `lab`. */
const clients = [
  ['pyspark-client', 'connect-client'],
  ['databricks-connect 16', 'databricks16'],
  ['databricks-connect 17', 'databricks17']
].map(([title, environment]) =>
  pytest(
    `pytest connect, ${title}`,
    environment,
    ['connect', join('session', 'test_connect.py')],
    ['-k', 'not in_the_notebooks_own_process'] // there is no server to start
  )
);

/** The edit loop on one cluster manager, with executors that are lost, replaced, let go and brought back. */
const managed = (manager, environment, title = '') => {
  const suite = pytest(
    `pytest ${manager}${title}`,
    environment,
    ['managers'],
    [...['-k', manager], ...minutes]
  );
  suite.needs.push('maven', 'jdk');
  return suite;
};

// What `npm test` does not run: the Connect server of Spark 3.5, Delta and Iceberg come by Maven, Python 3.13 has to be there, YARN and
// Kubernetes take a JDK, Maven and minutes, numba with
// Cython is a large environment that also wants a C compiler, the pandas API on Spark cannot be imported with the newest
// pandas and numpy, and clients alone have environments of their own.
const more = () => {
  const connect = pytest('pytest connect, spark 3.5', 'spark35', ['connect']);
  const tables = pytest('pytest tables, spark 3.5', 'spark35', ['tables']);
  connect.needs.push('maven');
  tables.needs.push('maven');
  return [
    ...rest(),
    connect,
    tables,
    ...clients,
    ...managers.flatMap(manager => [
      managed(manager, 'lab'),
      managed(manager, 'spark35', ', spark 3.5')
    ]),
    hub,
    gateway,
    pytest('pytest compilers', 'compilers', ['compilers']),
    pytest('pytest merging', 'nbdime', ['merging']),
    pytest('pytest pandas_api', 'spark42', ['pandas_api']),
    pytest('pytest pandas_api, spark 3.5', 'pandas35', ['pandas_api']),
    ...['spark', 'cluster', 'connect'].map(folder =>
      pytest(`pytest ${folder}, python 3.13`, 'lab-py313', [folder])
    )
  ];
};

/** Every column, and then the page of all of them. */
export const matrix = () => [
  ...more(),
  ...environments.flatMap(([environment, title, its]) =>
    its.map(mode => column(environment, title, mode))
  ),
  page
];

/** Before a whole run, so that the page shows nothing of an older one. */
export function forgetRecords() {
  whole = true;
  rmSync(records, { recursive: true, force: true });
  mkdirSync(records, { recursive: true });
}
