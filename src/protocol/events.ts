/**
 * Daemon → server: one JSON object per line on the daemon's standard output, mirrored to the browser as Jupyter events
 * with the schema `https://schema.jupyter.org/jupyterlab_autoegg/state/v1`, whose data is `{daemon, libraries}`.
 */
import type { LibraryStatus } from './library';

export type DaemonEvent =
  | { event: 'ready'; protocol: number; pid: number; socket: string; node: string }
  | { event: 'library'; status: LibraryStatus }
  | { event: 'closed'; library: string }
  | { event: 'problem'; message: string };

/** The daemon's life as the server sees it. */
export interface DaemonState {
  condition: 'idle' | 'starting' | 'running' | 'restarting' | 'unavailable';
  /** One sentence when `unavailable` or `restarting`: what is wrong and what to do. */
  message: string | null;
  pid: number | null;
}

/** Answer of `GET /autoegg/state`, and the data of each `state` event. */
export interface ServerState {
  protocol: number;
  daemon: DaemonState;
  libraries: LibraryStatus[];
}
