import { readdirSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { LibrarySpec } from '../protocol';
import { tooWide } from './admission';
import { look } from './disk';
import { layoutOf } from './layout';
import { refusals } from './refusal';

const PROJECT_FILES = ['pyproject.toml', 'setup.py', 'setup.cfg'];
/** Folders that go on `sys.path` by custom, best first, when a project does not say. */
const ROOTS = ['src', 'lib', 'python'];
/** What lies in a project's own folder and is not what it installs. */
const BESIDE =
  /^(tests?|docs?|examples?|benchmarks?|scripts?|tools?|notebooks?|build|dist|tasks|ci|site|data|setup|conftest|noxfile|versioneer|fabfile|manage|venv|env|node_modules|.*\.egg-info|[._].*)$/;
const NAME = /^[\p{ID_Start}_][\p{ID_Continue}]*$/u;
/** How deep below a folder code may begin that makes it a namespace package. */
const DEPTH = 3;

/**
 * The libraries that a path stands for: a module's file, a package's directory or a file in it, or a project, whose
 * layout is what it says itself or what is custom. Throws a refusal when there is none.
 */
export function librariesAt(path: string): LibrarySpec[] {
  let real: string;
  try {
    real = realpathSync.native(path);
  } catch {
    throw refusals.notThere(path);
  }
  const single = packageAround(real) ?? moduleAt(real);
  if (single) {
    return [single];
  }
  const what = isFolder(real) && tooWide(real);
  if (what) {
    throw refusals.tooWide(path, what);
  }
  const found = isFolder(real) ? inProject(real) : [];
  if (found.length === 0) {
    throw refusals.nothingAt(path);
  }
  return found;
}

/** The outermost package that a file or folder is in. A project's own folder is none, even if it has an `__init__.py`. */
function packageAround(real: string): LibrarySpec | null {
  let top: string | null = null;
  const begin = isFolder(real) ? real : dirname(real);
  for (let folder = begin; isPackage(folder); folder = dirname(folder)) {
    if (folder !== begin && isProject(folder)) {
      break;
    }
    top = folder;
  }
  // A repository with a stray __init__.py of its own, and the packages in it.
  const stray = top !== null && top === real && isProject(real) && inProject(real).length > 0;
  return top !== null && !stray ? { name: basename(top), kind: 'package', path: top } : null;
}

function moduleAt(real: string): LibrarySpec | null {
  return real.endsWith('.py') && look(real)?.type === 'file'
    ? { name: basename(real, '.py'), kind: 'module', path: real }
    : null;
}

function inProject(project: string): LibrarySpec[] {
  const layout = layoutOf(project);
  const custom = ROOTS.map(name => join(project, name)).filter(
    folder => isFolder(folder) && !isPackage(folder)
  );
  const found = new Map<string, LibrarySpec>();
  const add = (specs: LibrarySpec[]) => {
    for (const spec of specs) {
      found.set(`${spec.path} ${spec.name}`, spec);
    }
  };
  for (const { name, folder } of layout.mapped) {
    if (isFolder(folder)) {
      add([{ name, kind: isPackage(folder) ? 'package' : 'namespace', path: folder }]);
    }
  }
  const roots = layout.roots.filter(isFolder);
  for (const name of layout.modules) {
    const files = [...roots, project].map(root => join(root, `${name}.py`));
    add(
      files
        .filter(isFile)
        .slice(0, 1)
        .map(path => ({ name, kind: 'module', path }))
    );
  }
  const declared = roots.length > 0 || found.size > 0;
  for (const root of declared ? roots : [...custom, project]) {
    if (declared || found.size === 0) {
      add(inRoot(root, root === project));
    }
  }
  // A workspace names its members; where there is nothing else, any project below will do.
  const members = layout.members.length || found.size ? layout.members : ['*', '*/*'];
  for (const member of members.flatMap(pattern => projectsAt(project, pattern))) {
    add(inProject(member));
  }
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** What can be imported from a folder that is on `sys.path`. */
function inRoot(root: string, isProjectItself: boolean): LibrarySpec[] {
  const entries = readdirSync(root).sort();
  const free = entries.filter(name => !isProjectItself || !BESIDE.test(name.replace(/\.py$/, '')));
  const folders = free
    .filter(name => NAME.test(name))
    .map(name => ({ name, path: join(root, name) }))
    .filter(({ path }) => isFolder(path));
  const packages: LibrarySpec[] = folders
    .filter(({ path }) => isPackage(path))
    .map(({ name, path }) => ({ name, kind: 'package', path }));
  const namespaces: LibrarySpec[] = folders
    .filter(({ path }) => !isPackage(path) && !isProject(path) && holdsCode(path, DEPTH))
    .map(({ name, path }) => ({ name, kind: 'namespace', path }));
  if (isProjectItself && packages.length > 0) {
    return packages;
  }
  const modules: LibrarySpec[] = free
    .filter(name => name.endsWith('.py') && NAME.test(name.slice(0, -3)))
    .map(name => ({ name: name.slice(0, -3), kind: 'module', path: join(root, name) }));
  // Scripts in a folder of anything are no libraries; in a project they are what there is.
  const counts = !isProjectItself || isProject(root);
  return [...packages, ...(counts ? [...namespaces, ...modules] : [])];
}

const projectsAt = (folder: string, pattern: string) =>
  expand(folder, pattern.split('/').filter(Boolean)).filter(isProject);

function expand(folder: string, [part, ...rest]: string[]): string[] {
  if (part === undefined) {
    return [folder];
  }
  const matches = new RegExp(`^${part.replace(/[.+^${}()|\\]/g, '\\$&').replace(/\*/g, '.*')}$`);
  const names = part.includes('*')
    ? readdirSync(folder).filter(name => matches.test(name) && !BESIDE.test(name))
    : [part];
  return names
    .map(name => join(folder, name))
    .filter(isFolder)
    .flatMap(child => expand(child, rest));
}

function holdsCode(folder: string, depth: number): boolean {
  const names = readdirSync(folder);
  return (
    names.some(name => name.endsWith('.py')) ||
    (depth > 0 &&
      names.some(name => {
        const below = join(folder, name);
        return (
          NAME.test(name) && isFolder(below) && !isProject(below) && holdsCode(below, depth - 1)
        );
      }))
  );
}

const isFolder = (path: string) => look(path, true)?.type === 'directory';
const isFile = (path: string) => look(path, true)?.type === 'file';
const isPackage = (folder: string) => isFile(join(folder, '__init__.py'));
const isProject = (folder: string) => PROJECT_FILES.some(name => isFile(join(folder, name)));
