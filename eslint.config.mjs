import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const ignores = {
  ignores: [
    'node_modules/',
    'lib/',
    '.venvs/',
    '.cache/',
    '**/labextension/',
    '**/daemon.cjs',
    '**/cli.cjs',
    'ui-tests/results/',
    'coverage/'
  ]
};

// The direction of imports: lab → protocol ← daemon ← cli. tsc enforces it too (four projects); this says so by name.
const only = (files, group, message) => ({
  files,
  rules: { 'no-restricted-imports': ['error', { patterns: [{ group, message }] }] }
});

export default tseslint.config(
  ignores,
  js.configs.recommended,
  ...tseslint.configs.recommended,
  {
    rules: {
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }
      ],
      '@typescript-eslint/no-namespace': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      eqeqeq: 'error'
    }
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: {
      globals: {
        module: 'writable',
        require: 'readonly',
        __dirname: 'readonly',
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        Buffer: 'readonly',
        fetch: 'readonly'
      }
    },
    rules: { '@typescript-eslint/no-require-imports': 'off' }
  },
  only(['src/protocol/**'], ['../*', '@jupyterlab/*', 'node:*'], 'protocol imports nothing'),
  only(
    ['src/daemon/**'],
    ['../lab/*', '../../lab/*', '../cli/*', '@jupyterlab/*'],
    'the daemon knows nothing of JupyterLab and the command line'
  ),
  only(
    ['src/cli/**'],
    ['../lab/*', '@jupyterlab/*'],
    'the command line knows nothing of JupyterLab'
  ),
  only(
    ['src/lab/**'],
    ['../daemon/*', '../../daemon/*', '../cli/*', 'node:*'],
    'the plugin knows nothing of Node'
  )
);
