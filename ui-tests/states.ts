/** What a kernel and a server can say, in the words of `src/protocol`. */
import type {
  KernelLibrary,
  KernelState,
  LibraryContents,
  LibraryStatus,
  ServerState
} from '../src/protocol';

export const OLD = '3f9c'.padEnd(64, '0');
export const NEW = '7a21'.padEnd(64, '0');

export const library = (own: Partial<KernelLibrary> = {}): KernelLibrary => ({
  name: 'tagscrape',
  kind: 'package',
  path: '/home/ada/projects/tagscrape/src/tagscrape',
  library: 'k1',
  enabled: true,
  version: OLD,
  files: 12,
  bytes: 34_500,
  condition: 'current',
  imported: true,
  pinned: null,
  history: [],
  failure: null,
  shipped: { version: OLD, at: '2026-05-04T15:04:33Z', milliseconds: 38.2, bytes: 1900 },
  ...own
});

export const kernel = (own: Partial<KernelState> = {}): KernelState => ({
  protocol: 1,
  enabled: true,
  reshipOnSave: true,
  spark: { kind: 'classic', application: 'local-1777907073', master: 'local[2]' },
  generation: 3,
  daemon: { condition: 'connected', message: null },
  libraries: [library()],
  refusal: null,
  runs: { session: 's1', codes: [], cells: {} },
  workers: [],
  cached: [],
  ...own
});

export const status = (own: Partial<LibraryStatus> = {}): LibraryStatus => ({
  library: 'k1',
  name: 'tagscrape',
  kind: 'package',
  path: '/home/ada/projects/tagscrape/src/tagscrape',
  version: OLD,
  condition: 'current',
  error: null,
  files: 12,
  bytes: 34_500,
  built: { at: '2026-05-04T15:04:32Z', milliseconds: 21, eggBytes: 1900 },
  git: null,
  ...own
});

export const server = (own: Partial<ServerState> = {}): ServerState => ({
  protocol: 1,
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

const ROOT = library().path;

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
