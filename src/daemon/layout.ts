import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { look } from './disk';
import { tool } from './settings';

/** Where a project says that its code lies. Empty lists: it says nothing. Paths are absolute. */
export interface Layout {
  /** Folders that belong on `sys.path`. */
  roots: string[];
  /** Packages whose folder bears another name. */
  mapped: { name: string; folder: string }[];
  /** Modules that are one file. */
  modules: string[];
  /** Projects below this one (uv workspaces), as patterns with `*` for one folder. */
  members: string[];
}

type Table = Record<string, unknown>;

/**
 * Reads the words that build backends have for it: setuptools, hatch, poetry, flit, pdm, uv in pyproject.toml; setup.cfg;
 * literals in setup.py. What only running a setup.py could tell is not known.
 */
export function layoutOf(project: string): Layout {
  const layout: Layout = { roots: [], mapped: [], modules: [], members: [] };
  fromPyproject(project, layout);
  fromSetup(project, textOf(join(project, 'setup.cfg')), layout);
  fromSetup(project, textOf(join(project, 'setup.py')), layout);
  return layout;
}

function fromPyproject(project: string, layout: Layout): void {
  const path = join(project, 'pyproject.toml');
  const text = textOf(path);
  const tools = text === '' ? {} : tool(path, text);
  const at = (...keys: string[]) =>
    keys.reduce<unknown>((table, key) => (table as Table | undefined)?.[key], tools);

  for (const [name, folder] of Object.entries((at('setuptools', 'package-dir') ?? {}) as Table)) {
    addFolder(project, layout, name, String(folder));
  }
  for (const root of texts(at('setuptools', 'packages', 'find', 'where'))) {
    layout.roots.push(join(project, root));
  }
  layout.modules.push(...texts(at('setuptools', 'py-modules')));
  for (const folder of texts(at('hatch', 'build', 'targets', 'wheel', 'packages'))) {
    layout.roots.push(join(project, folder, '..'));
  }
  for (const item of (at('poetry', 'packages') ?? []) as Table[]) {
    layout.roots.push(join(project, String(item['from'] ?? '.')));
  }
  for (const root of [
    at('pdm', 'build', 'package-dir'),
    at('uv', 'build-backend', 'module-root')
  ]) {
    layout.roots.push(...texts(root).map(folder => join(project, folder)));
  }
  layout.members.push(...texts(at('uv', 'workspace', 'members')));
}

/** `package_dir`, `py_modules` and `where` as setup.cfg and setup.py write them. */
function fromSetup(project: string, text: string, layout: Layout): void {
  const folders =
    /(?:^|[\s(,])package_dir\s*=\s*(\{[^}]*\}|(?:.*(?:\n[ \t]+.*)*))/m.exec(text)?.[1] ?? '';
  const pairs = folders.startsWith('{')
    ? folders.matchAll(/["']([\w.]*)["']\s*:\s*["']([^"']+)["']/g)
    : folders.matchAll(/^\s*([\w.]*)\s*=\s*(\S+)\s*$/gm);
  for (const [, name, folder] of pairs) {
    addFolder(project, layout, name!, folder!);
  }
  const modules =
    /(?:^|[\s(,])py_modules\s*=\s*(\[[^\]]*\]|(?:.*(?:\n[ \t]+.*)*))/m.exec(text)?.[1] ?? '';
  layout.modules.push(...(modules.match(/[A-Za-z_]\w*/g) ?? []));
  const where = /^\s*where\s*=\s*(\S+)\s*$/m.exec(text)?.[1];
  if (where) {
    layout.roots.push(join(project, where));
  }
}

function addFolder(project: string, layout: Layout, name: string, folder: string): void {
  if (name === '') {
    layout.roots.push(join(project, folder));
  } else if (!name.includes('.')) {
    layout.mapped.push({ name, folder: join(project, folder) });
  }
}

const texts = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter(item => typeof item === 'string');

function textOf(path: string): string {
  return look(path, true)?.type === 'file' ? readFileSync(path, 'utf8') : '';
}
