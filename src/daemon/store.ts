import {
  chmodSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync
} from 'node:fs';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { EGG_FORMAT, type Egg, type Manifest } from '../protocol';
import type { Label } from './egg';
import type { Files } from './digest';
import { sha256 } from './disk';
import { lives } from './leftovers';
import { errorCode, refusals } from './refusal';

/** What a store may hold before its oldest files go: bytes of all libraries together, versions of one library. */
export interface Limits {
  bytes: number;
  versions: number;
}

export const LIMITS: Limits = { bytes: 1 << 30, versions: 50 };

const FOLDERS = ['eggs', 'manifests', 'bases', 'leases'] as const;
const LEASE_DAYS = 2;

export function defaultStore(): string {
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(cache, 'jupyterlab-autoegg', 'store');
}

/** A library's name as a file name; digests tell apart what this makes equal. */
const safe = (name: string) => name.replace(/[^A-Za-z0-9_]/g, '_');

const labelName = (label: Label) => `${safe(label.name)}.${label.kind}.${label.version}.json`;

/**
 * Eggs and manifests by content. All daemons of one user share it: a file is complete when its name appears, and is
 * never written again. What another daemon needs stands in that daemon's lease.
 */
export class Store {
  private readonly lease: string;
  private counter = 0;

  constructor(
    readonly folder: string,
    private readonly limits: Limits = LIMITS
  ) {
    this.lease = join(folder, 'leases', `${hostname()}.${process.pid}.json`);
    this.prepare();
  }

  private prepare(): void {
    try {
      mkdirSync(this.folder, { recursive: true, mode: 0o700 });
      chmodSync(this.folder, 0o700);
      for (const name of FOLDERS) {
        mkdirSync(join(this.folder, name), { recursive: true, mode: 0o700 });
      }
    } catch (error) {
      throw refusals.store(this.folder, errorCode(error));
    }
  }

  putEgg(label: Label, data: Buffer, patch: boolean): Egg {
    const digest = sha256(data);
    const name = `autoegg-${safe(label.name)}-${EGG_FORMAT}-${digest.slice(0, 16)}${patch ? '.patch' : ''}.egg`;
    const path = join(this.folder, 'eggs', name);
    this.write(path, data);
    return { path, name, digest, bytes: data.length };
  }

  putManifest(label: Label, files: Files): string {
    const path = join(this.folder, 'manifests', labelName(label));
    if (!this.has(path)) {
      this.write(path, manifestText(label, files));
    }
    return path;
  }

  /** The files of a version that some daemon has made before; null if it is not known (any more). */
  files(label: Label): Files | null {
    const manifest = this.readJson<Manifest>(join(this.folder, 'manifests', labelName(label)));
    return manifest && new Map(Object.entries(manifest.files));
  }

  /** Where the manifest of a version is; null if it is not known (any more). */
  manifest(label: Label): string | null {
    const path = join(this.folder, 'manifests', labelName(label));
    return this.has(path) ? path : null;
  }

  /** Remembers that this egg holds the whole version, for the next daemon. */
  putBase(label: Label, egg: Egg): void {
    this.write(join(this.folder, 'bases', labelName(label)), JSON.stringify(egg.name), true);
  }

  /** The whole-library egg of a version, if one is there and undamaged. */
  base(label: Label): Egg | null {
    const name = this.readJson<string>(join(this.folder, 'bases', labelName(label)));
    const path = join(this.folder, 'eggs', name ?? '');
    if (!name || !this.has(path)) {
      return null;
    }
    try {
      const data = readFileSync(path);
      const digest = sha256(data);
      if (!name.includes(`-${digest.slice(0, 16)}`)) {
        unlinkSync(path);
        return null;
      }
      const now = Date.now() / 1000;
      utimesSync(path, now, now);
      return { path, name, digest, bytes: data.length };
    } catch {
      return null;
    }
  }

  has(path: string): boolean {
    return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
  }

  /** Says which files the open libraries of this daemon need; no daemon prunes them. */
  hold(paths: Iterable<string>): void {
    this.write(this.lease, JSON.stringify([...paths]), true);
  }

  release(): void {
    rmSync(this.lease, { force: true });
  }

  /** Removes the oldest files that are too many and that nobody needs. */
  prune(): void {
    const held = this.held();
    const groups = new Map<string, { path: string; time: number; bytes: number }[]>();
    let total = 0;
    for (const folder of ['eggs', 'manifests', 'bases']) {
      for (const name of list(join(this.folder, folder))) {
        const path = join(this.folder, folder, name);
        const stats = statSync(path, { throwIfNoEntry: false });
        if (!stats) {
          continue;
        }
        if (name.startsWith('.')) {
          // Left by a daemon that was killed while it wrote.
          if (Date.now() - stats.mtimeMs > 3_600_000) {
            rmSync(path, { force: true });
          }
          continue;
        }
        total += stats.size;
        const group = `${folder}/${name.replace(/-?[0-9a-f]{16}.*$/, '')}/${name.endsWith('.patch.egg')}`;
        const file = { path, time: stats.mtimeMs, bytes: stats.size };
        groups.set(group, [...(groups.get(group) ?? []), file]);
      }
    }
    const free = [];
    for (const files of groups.values()) {
      files.sort((a, b) => b.time - a.time);
      for (const [index, file] of files.entries()) {
        if (held.has(file.path)) {
          continue;
        }
        if (index >= this.limits.versions) {
          rmSync(file.path, { force: true });
          total -= file.bytes;
        } else {
          free.push(file);
        }
      }
    }
    free.sort((a, b) => a.time - b.time);
    for (const file of free) {
      if (total <= this.limits.bytes) {
        break;
      }
      rmSync(file.path, { force: true });
      total -= file.bytes;
    }
  }

  private held(): Set<string> {
    const held = new Set<string>();
    for (const name of list(join(this.folder, 'leases'))) {
      const path = join(this.folder, 'leases', name);
      if (!leaseIsLive(path, name)) {
        rmSync(path, { force: true });
        continue;
      }
      for (const file of this.readJson<string[]>(path) ?? []) {
        held.add(file);
      }
    }
    return held;
  }

  private readJson<T>(path: string): T | null {
    try {
      return JSON.parse(readFileSync(path, 'utf8')) as T;
    } catch {
      return null;
    }
  }

  private write(path: string, data: Buffer | string, replace = false): void {
    const temporary = join(path, '..', `.${process.pid}-${this.counter++}`);
    const bytes = Buffer.byteLength(data);
    if (!replace && statSync(path, { throwIfNoEntry: false })?.size === bytes) {
      return;
    }
    const attempt = () => {
      writeFileSync(temporary, data, { mode: 0o600, flag: 'wx' });
      renameSync(temporary, path);
    };
    try {
      try {
        attempt();
      } catch (error) {
        if (errorCode(error) !== 'ENOENT') {
          throw error;
        }
        // Somebody cleared the cache under us.
        this.prepare();
        attempt();
      }
    } catch (error) {
      rmSync(temporary, { force: true });
      throw refusals.store(this.folder, errorCode(error));
    }
  }
}

/** A {@link Manifest} as JSON. Written by hand: an object of 10,000 keys takes several times as long, before each cell. */
function manifestText({ name, kind, version }: Label, files: Files): string {
  const head: Omit<Manifest, 'files'> = { format: EGG_FORMAT, name, kind, version };
  let entries = '';
  for (const [path, { digest, size }] of files) {
    entries += `${entries && ','}${JSON.stringify(path)}:{"digest":"${digest}","size":${size}}`;
  }
  return `${JSON.stringify(head).slice(0, -1)},"files":{${entries}}}`;
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** A lease of this host lives as long as its process; of another host (a home directory on the network), for days. */
function leaseIsLive(path: string, name: string): boolean {
  const match = /^(.*)\.(\d+)\.json$/.exec(name);
  if (match?.[1] !== hostname()) {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats !== undefined && Date.now() - stats.mtimeMs < LEASE_DAYS * 86_400_000;
  }
  return lives(Number(match[2]));
}
