import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'smol-toml';
import { look } from './disk';
import { Owners } from './owners';

/**
 * The distribution that a library belongs to, as far as its project says: `importlib.metadata.version("acme-tools")` is
 * asked for at import by many, and has to be answered on workers that do not have it installed.
 */
export interface Distribution {
  name: string;
  /** Null where only a build could tell. */
  version: string | null;
  /** The text of an entry_points.txt. */
  entryPoints: string;
}

type Table = Record<string, unknown>;
/** The text of a file; empty where there is none that counts. */
type Read = (file: string) => string;

/** How many folders above a library its project may begin. */
const LEVELS = 4;

/** The distribution of the project that a library's folder (a module's: its file) lies in; null when nothing names it. */
export function distributionOf(path: string): Distribution | null {
  const owners = new Owners(path);
  // Entry points name code that workers load, so a stranger's file says nothing.
  const read: Read = file => (owners.stranger(file) === null ? textOf(file) : '');
  let folder = path;
  for (let level = 0; level < LEVELS && folder !== dirname(folder); level++) {
    folder = dirname(folder);
    const found = inFolder(folder, read);
    if (found || look(join(folder, '.git'))) {
      return found;
    }
  }
  return null;
}

/** What goes into an egg for it: paths and texts. `otherwise` is the version where the project does not say one. */
export function metadataOf(
  { name, version, entryPoints }: Distribution,
  otherwise: string
): Record<string, string> {
  const known = version ?? otherwise;
  const folder = `${name.replace(/[-_.]+/g, '_')}-${known.replace(/-/g, '_')}.dist-info`;
  const metadata = `Metadata-Version: 2.1\nName: ${name}\nVersion: ${known}\n`;
  return {
    [`${folder}/METADATA`]: metadata,
    ...(entryPoints && { [`${folder}/entry_points.txt`]: entryPoints })
  };
}

function inFolder(folder: string, read: Read): Distribution | null {
  const project = fromPyproject(read(join(folder, 'pyproject.toml')));
  const built = fromPackageInfo(folder, read);
  const name = project?.name ?? built?.name;
  if (!name || !/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) {
    return null;
  }
  const version = project?.version ?? built?.version ?? null;
  return {
    name,
    version: version !== null && /^[A-Za-z0-9.!+_-]+$/.test(version) ? version : null,
    entryPoints: project?.entryPoints || built?.entryPoints || ''
  };
}

function fromPyproject(text: string): Partial<Distribution> | null {
  let data: Table;
  try {
    data = parse(text);
  } catch {
    return null; // reported where it is needed
  }
  const project = (data['project'] ?? {}) as Table;
  const poetry = ((data['tool'] as Table | undefined)?.['poetry'] ?? {}) as Table;
  const groups = {
    console_scripts: project['scripts'] ?? poetry['scripts'],
    gui_scripts: project['gui-scripts'],
    ...((project['entry-points'] ?? poetry['plugins'] ?? {}) as Table)
  };
  const sections = Object.entries(groups).map(([group, points]) => {
    const lines = Object.entries((points ?? {}) as Table).filter(
      ([, target]) => typeof target === 'string'
    );
    return lines.length
      ? `[${group}]\n${lines.map(([name, target]) => `${name} = ${String(target)}\n`).join('')}`
      : '';
  });
  const named = (value: unknown) => (typeof value === 'string' ? value : undefined);
  return {
    name: named(project['name']) ?? named(poetry['name']),
    version: named(project['version']) ?? named(poetry['version']),
    entryPoints: sections.filter(Boolean).join('\n')
  };
}

/** PKG-INFO of an sdist, or of the `*.egg-info` that setuptools leaves where it has built. */
function fromPackageInfo(folder: string, read: Read): Distribution | null {
  const infos = namesIn(folder).filter(name => name.endsWith('.egg-info'));
  const places = [folder, ...infos.map(name => join(folder, name))];
  for (const place of places) {
    const text = read(join(place, 'PKG-INFO'));
    const name = /^Name: *(\S+)/m.exec(text)?.[1];
    if (name) {
      const version = /^Version: *(\S+)/m.exec(text)?.[1] ?? null;
      return { name, version, entryPoints: read(join(place, 'entry_points.txt')) };
    }
  }
  return null;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function textOf(path: string): string {
  try {
    return look(path, true)?.type === 'file' ? readFileSync(path, 'utf8') : '';
  } catch {
    return '';
  }
}
