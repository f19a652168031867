/** What a kernel and a server can say, in the words of `src/protocol`. */
import type { LibraryContents } from '../src/protocol';
import * as well from '../src/lab/testing/states';

export { NEW, OLD } from '../src/lab/testing/states';

type Own<T extends (own?: never) => unknown> = Partial<ReturnType<T>>;

const ROOT = '/home/ada/projects/tagscrape/src/tagscrape';

export const library = (own: Own<typeof well.library> = {}) => well.library({ path: ROOT, ...own });

export const kernel = (own: Own<typeof well.kernelState> = {}) =>
  well.kernelState({
    spark: { kind: 'classic', application: 'local-1777907073', master: 'local[2]', web: null },
    libraries: [library()],
    ...own
  });

export const status = (own: Own<typeof well.status> = {}) =>
  well.status({
    path: ROOT,
    built: { at: '2026-05-04T15:04:32Z', milliseconds: 21, eggBytes: 1900 },
    ...own
  });

export const server = (own: Own<typeof well.serverState> = {}) =>
  well.serverState({
    daemon: { condition: 'running', message: null, pid: 4711 },
    libraries: [status()],
    ...own
  });

export const failure = {
  name: 'LibraryBroken',
  message: 'tagscrape/scrape.py, line 12: invalid syntax',
  file: '/home/ada/projects/tagscrape/src/tagscrape/scrape.py',
  line: 12
};

export const noNode =
  'Node.js 20.19 or newer was not found (PATH has v18.19.0): install it, or run pip install "jupyterlab-autoegg[node]".';

export const contents: LibraryContents = {
  spec: { name: 'tagscrape', kind: 'package', path: ROOT },
  files: Array.from({ length: 12 }, (_, index) =>
    index
      ? { path: `tagscrape/parts/part${index}.py`, size: 900 - index, rule: 'code' }
      : { path: 'tagscrape/data/domains.csv', size: 24_500, rule: 'data' }
  ),
  leftOut: [
    { path: `${ROOT}/.cache`, rule: 'hidden' },
    { path: `${ROOT}/credentials.json`, rule: 'secret' }
  ],
  warnings: [
    `${ROOT}/credentials.json looks like a secret and is not shipped: name it under include of [tool.autoegg] in pyproject.toml if workers need it.`
  ]
};
