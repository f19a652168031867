const lab = require('@jupyterlab/testutils/lib/jest-config');

// Published as ES modules only, so babel has to turn them into what jest loads.
const esModules = [
  '@codemirror',
  '@jupyter',
  '@jupyterlab',
  '@lumino',
  '@microsoft',
  '@rjsf',
  'chokidar',
  'exenv-es6',
  'internmap',
  'lib0',
  'marked',
  'nanoid',
  '@secretlint',
  'readdirp',
  'robust-predicates',
  'smol-toml',
  'vscode-ws-jsonrpc',
  'y-codemirror',
  'y-protocols',
  'y-websocket',
  'yjs'
].join('|');

// JupyterLab's settings for a whole configuration; some are not allowed in one project of several, and its testRegex not
// beside our testMatch.
const labProject = { ...lab(__dirname) };
for (const name of ['testRegex', 'reporters', 'coverageReporters', 'testTimeout'])
  delete labProject[name];

const shared = {
  testPathIgnorePatterns: [
    '/node_modules/',
    '<rootDir>/lib/',
    '<rootDir>/python-shim/',
    '<rootDir>/ui-tests/',
    '<rootDir>/.venvs/'
  ],
  modulePathIgnorePatterns: [
    '<rootDir>/lib/',
    '<rootDir>/python-shim/',
    '<rootDir>/.venvs/',
    '<rootDir>/.cache/'
  ],
  transform: {
    '^.+\\.tsx?$': ['ts-jest', { tsconfig: 'tsconfig.test.json', isolatedModules: true }],
    '^.+\\.jsx?$': 'babel-jest'
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esModules}).*)`]
};

module.exports = {
  // A busy machine is no failure.
  testTimeout: 60_000,
  projects: [
    {
      ...labProject,
      ...shared,
      displayName: 'lab',
      transform: {
        ...labProject.transform,
        // As the packer does.
        '\\.md$': '@jupyterlab/testing/lib/jest-raw-loader.js',
        ...shared.transform
      },
      testMatch: ['<rootDir>/src/lab/**/*.spec.ts?(x)']
    },
    {
      ...shared,
      displayName: 'daemon',
      testEnvironment: 'node',
      testMatch: ['<rootDir>/src/daemon/**/*.spec.ts', '<rootDir>/src/protocol/**/*.spec.ts']
    }
  ],
  coverageReporters: ['lcov', 'text']
};
