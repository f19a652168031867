/**
 * Kernel → browser, on the comm `autoegg`: what the driver and Spark's workers of one notebook run.
 *
 * The browser opens the comm; the kernel answers with a {@link KernelState} at once and after every change. Actions go
 * the other way as `user_expressions` of an empty silent execute request, so that they wait for the running cell:
 * `__import__("autoegg").kernel.actions.ship()` and its siblings (see {@link KernelAction}), each of which returns an
 * {@link ActionResult} under the MIME type `application/json`.
 */
import type { LibraryKind } from './library';

export interface KernelState {
  protocol: number;
  /** Master switch: off, the shim does nothing. */
  enabled: boolean;
  reshipOnSave: boolean;
  spark: {
    kind: 'none' | 'classic' | 'connect';
    application: string | null;
    master: string | null;
  };
  /** Counts every change of what the session runs. */
  generation: number;
  /** `fallback`: no daemon; the shim checks the disk by itself and cannot ship. */
  daemon: { condition: 'connected' | 'fallback'; message: string | null };
  libraries: KernelLibrary[];
  /** Why the last cell was refused, in one line; null once a cell has run again. */
  refusal: KernelFailure | null;
  /** What the newest reload of the driver did; null before the first. */
  lastReload?: KernelReload | null;
}

/** One reload of the driver, as `%autoegg log` tells it. */
export interface KernelReload {
  /** ISO time. */
  at: string;
  milliseconds: number;
  /** What a person should read about it, in sentences; empty when nothing is surprising. */
  lines: string[];
  /** What happened (`new code`, `names that are gone`, …) and the names of what it happened to. */
  details: Record<string, string[]>;
}

export interface KernelLibrary {
  name: string;
  kind: LibraryKind;
  path: string;
  /** The daemon's key, null without a daemon. */
  library: string | null;
  enabled: boolean;
  /** Version that the driver runs; null before the first barrier. */
  version: string | null;
  files: number;
  bytes: number;
  /**
   * `current`: driver and Spark (if any) are told to run `version`. `waiting`: newer code is on disk, the next cell
   * switches. `shipping`: eggs are on their way. `broken`: the code on disk is refused. `paused`: switched off.
   */
  condition: 'current' | 'waiting' | 'shipping' | 'broken' | 'paused';
  failure: KernelFailure | null;
  /** Last time that Spark was given eggs for it. */
  shipped: { version: string; at: string; milliseconds: number; bytes: number } | null;
}

export interface KernelFailure {
  /** Class name that the cell shows, e.g. `LibraryBroken`. */
  name: string;
  message: string;
  file: string | null;
  line: number | null;
}

/** Python expressions that the browser may ask a kernel to evaluate. */
export type KernelAction = 'ship' | 'set_enabled' | 'set_library' | 'configure' | 'state';

export interface ActionResult {
  ok: boolean;
  /** One sentence for a notification. */
  message: string;
  milliseconds: number;
  state: KernelState;
}
