/** What a kernel and a server say, in the words of the protocol: all is well, but for what a spec wants otherwise. */
import type { KernelLibrary, KernelState, LibraryStatus, ServerState } from '../../protocol';

export const OLD = '3f9c'.padEnd(64, '0');
export const NEW = '7a21'.padEnd(64, '0');

export const library = (own: Partial<KernelLibrary> = {}): KernelLibrary => ({
  name: 'tagscrape',
  kind: 'package',
  path: '/home/ada/src/tagscrape',
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

export const kernelState = (own: Partial<KernelState> = {}): KernelState => ({
  protocol: 1,
  enabled: true,
  reshipOnSave: true,
  configured: false,
  spark: { kind: 'classic', application: 'app-1', master: 'local[2]', web: null },
  generation: 3,
  daemon: { condition: 'connected', message: null },
  libraries: [library()],
  removed: [],
  receiving: null,
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
  path: '/home/ada/src/tagscrape',
  version: OLD,
  condition: 'current',
  error: null,
  files: 12,
  bytes: 34_500,
  built: null,
  git: null,
  ...own
});

export const serverState = (own: Partial<ServerState> = {}): ServerState => ({
  protocol: 1,
  daemon: { condition: 'running', message: null, pid: 7 },
  libraries: [status()],
  ...own
});
