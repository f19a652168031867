import {
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
import { hostname } from 'node:os';
import { join } from 'node:path';
import { geteuid } from 'node:process';
import { EGG_FORMAT, type Egg, type Manifest } from '../protocol';
import type { Label } from './egg';
import { versionOf, type Files } from './digest';
import { look, sha256, type Look } from './disk';
import { caches } from './home';
import { lives } from './leftovers';
import { LIMITS, prune, type Limits } from './pruning';
import { errorCode, refusals } from './refusal';
import { VersionIndex } from './versionIndex';

const FOLDERS = ['eggs', 'manifests', 'bases', 'versions', 'leases'] as const;
const LEASE_DAYS = 2;

/** Where all daemons of this user keep their eggs; null without a home. */
export function defaultStore(): string | null {
  const cache = caches();
  return cache === null ? null : join(cache, 'jupyterlab-autoegg', 'store');
}

/**
 * The store of this user, else one in `own`, which goes with the daemon: a home that cannot be written to, or none, costs
 * except that eggs are rebuilt each time.
 */
export function openStore(own: string, limits: Limits, told: (problem: unknown) => void): Store {
  const usual = defaultStore();
  try {
    if (usual !== null) {
      return new Store(usual, limits);
    }
    told(refusals.noHome(own));
  } catch (error) {
    told(error);
  }
  return new Store(own, limits);
}

/** A library's name as a file name; digests tell apart what this makes equal. */
const safe = (name: string) => name.replace(/[^A-Za-z0-9_]/g, '_');

const labelName = (label: Label) => `${safe(label.name)}.${label.kind}.${label.version}.json`;

const isPrivate = ({ type, uid, mode }: Look) =>
  type === 'directory' && uid === (geteuid?.() ?? uid) && (mode & 0o077) === 0;

/**
 * A folder that the user has named may be another program's, or shared with others: its mode is not ours to change, and what
 * lies in it may be read by whom it may concern. So the store is a folder of this user alone in it.
 */
function privatePlace(folder: string): string {
  const seen = look(folder, true);
  if (seen === null || isPrivate(seen)) {
    return folder;
  }
  const own = join(folder, `jupyterlab-autoegg-${geteuid?.() ?? 0}`);
  const there = look(own);
  if (there !== null && !isPrivate(there)) {
    throw refusals.storeOfOthers(own);
  }
  return own;
}

/**
 * Eggs and manifests by content. All daemons of one user share it: a file is complete when its name appears, and is
 * never written again. What another daemon needs is listed in that daemon's lease.
 *
 * Nothing in it has to survive a power cut, so nothing is synced: what is there is believed by its content, once in
 * each process and for each stamp, and rebuilt when it is damaged.
 */
export class Store {
  readonly folder: string;
  /** The versions that kernels and programs have run; what brings them is kept. */
  readonly index: VersionIndex;
  private readonly lease: string;
  private readonly checked = new Map<string, string>();
  private counter = 0;

  /** @param folder the store, if it is this user's alone or not there yet; else the store is a folder in it */
  constructor(
    folder: string,
    private readonly limits: Limits = LIMITS
  ) {
    this.folder = privatePlace(folder);
    this.lease = join(this.folder, 'leases', `${hostname()}.${process.pid}.json`);
    this.index = new VersionIndex(join(this.folder, 'versions'), labelName, (path, text) =>
      this.write(path, text, true)
    );
    this.prepare();
  }

  private prepare(): void {
    try {
      mkdirSync(this.folder, { recursive: true, mode: 0o700 });
      for (const name of FOLDERS) {
        mkdirSync(join(this.folder, name), { recursive: true, mode: 0o700 });
      }
    } catch (error) {
      throw refusals.store(this.folder, errorCode(error));
    }
    // Somebody else may have been faster where others may write, too.
    const made = look(this.folder, true);
    if (made !== null && !isPrivate(made)) {
      throw refusals.storeOfOthers(this.folder);
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
    if (this.checked.get(path) !== stampOf(path)) {
      this.write(path, manifestText(label, files));
    }
    return path;
  }

  /** The files of a version that some daemon has made before; null if it is not, or no longer, known. */
  files(label: Label): Files | null {
    const path = this.manifest(label);
    const manifest = path === null ? null : this.readJson<Manifest>(path);
    return manifest && new Map(Object.entries(manifest.files));
  }

  /** Where the manifest of a version is; null if it is not, or no longer, known. */
  manifest(label: Label): string | null {
    const path = join(this.folder, 'manifests', labelName(label));
    return this.sound(path, data => describes(data, label)) ? path : null;
  }

  /** Whether an egg is there, undamaged. */
  holds(egg: Egg): boolean {
    return this.sound(egg.path, data => sha256(data) === egg.digest);
  }

  /** An egg was made or read by another thread of this process just now, so its content is known. */
  wasChecked(egg: Egg): void {
    const stamp = stampOf(egg.path);
    if (stamp !== null) {
      this.checked.set(egg.path, stamp);
    }
  }

  /** Remembers that this egg holds the whole version, for the next daemon. */
  putBase(label: Label, egg: Egg): void {
    this.write(join(this.folder, 'bases', labelName(label)), JSON.stringify(egg.name), true);
  }

  /** The whole-library egg of a version, if one is there and undamaged. */
  base(label: Label): Egg | null {
    const name = this.readJson<string>(join(this.folder, 'bases', labelName(label)));
    // By its first digits it is named; the rest is not known before it is read.
    const match = typeof name === 'string' ? /-([0-9a-f]{16})\.egg$/.exec(name) : null;
    if (!name || !match || name.includes('/')) {
      return null;
    }
    const path = join(this.folder, 'eggs', name);
    try {
      const data = readFileSync(path);
      const digest = sha256(data);
      if (!digest.startsWith(match[1]!)) {
        unlinkSync(path);
        return null;
      }
      const now = Date.now() / 1000;
      utimesSync(path, now, now);
      const egg = { path, name, digest, bytes: data.length };
      this.wasChecked(egg);
      return egg;
    } catch {
      return null;
    }
  }

  /** Says which files the open libraries of this daemon need; no daemon prunes them. */
  hold(paths: Iterable<string>): void {
    this.write(this.lease, JSON.stringify([...paths]), true);
  }

  release(): void {
    rmSync(this.lease, { force: true });
  }

  /** Removes what is too much and needed by nobody. */
  prune(): void {
    prune(this.folder, this.limits, this.index, this.held(), path => this.forget(path));
  }

  private forget(path: string): void {
    this.checked.delete(path);
    rmSync(path, { force: true });
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

  /** Whether a file is there and passes `test`; one that does not is removed, so that it is rebuilt. */
  private sound(path: string, test: (data: Buffer) => boolean): boolean {
    const stamp = stampOf(path);
    if (stamp === null || this.checked.get(path) === stamp) {
      return stamp !== null;
    }
    let data: Buffer;
    try {
      data = readFileSync(path);
    } catch {
      return false; // gone by now, or not readable
    }
    if (passes(test, data)) {
      this.checked.set(path, stamp);
      return true;
    }
    rmSync(path, { force: true });
    return false;
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
    if (
      !replace &&
      this.sound(path, found => found.equals(typeof data === 'string' ? Buffer.from(data) : data))
    ) {
      return;
    }
    const attempt = () => {
      writeFileSync(temporary, data, { mode: 0o600, flag: 'wx' });
      const stamp = stampOf(temporary);
      renameSync(temporary, path);
      if (stamp !== null) {
        this.checked.set(path, stamp);
      }
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

/**
 * As long as this stays the same, so does a file's content. The ctime is no part of it: each kernel that ships an egg makes a
 * link to it.
 */
function stampOf(path: string): string | null {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats?.isFile() ? `${stats.dev} ${stats.ino} ${stats.size} ${stats.mtimeMs}` : null;
}

function passes(test: (data: Buffer) => boolean, data: Buffer): boolean {
  try {
    return test(data);
  } catch {
    return false; // not even JSON
  }
}

/** Whether these bytes are the manifest of this version: its files are what the version is the digest of. */
function describes(data: Buffer, label: Label): boolean {
  const { format, name, kind, version, files } = JSON.parse(data.toString()) as Manifest;
  return (
    format === EGG_FORMAT &&
    name === label.name &&
    kind === label.kind &&
    version === label.version &&
    versionOf(new Map(Object.entries(files))) === version
  );
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
