import { readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import type { FileRule } from '../protocol';
import { look, same, type Look } from './disk';
import { errorCode, refusals } from './refusal';
import { isSecretName, isSecretPlace } from './secretNames';
import { NO_SETTINGS, readSettings, type Settings } from './settings';

/** Never content, whatever a setting says: caches and what editors leave while they save. */
const NEVER =
  /^(__pycache__|\.git|\.hg|\.svn|4913)$|\.py[co]$|~$|\.sw[a-z]$|^#.*#$|^\.#|___jb_(tmp|old)___$/;
/** Folders that hold no library code, unless `include` names them. */
const FOLDERS = /^(node_modules|.*\.egg-info|.*\.dist-info)$/;
/** What an import statement can load: git ignores generated and compiled modules that the library needs. */
const IMPORTABLE = /\.(py|so|pyd)$/;

const BELONGS: ReadonlySet<FileRule> = new Set(['code', 'data', 'include', 'module']);

/** Whether a file under this rule is part of the library. */
export const belongs = (rule: FileRule) => BELONGS.has(rule);

/** One .gitignore file, or a list of patterns, and the folder that its patterns are relative to. */
interface Patterns {
  folder: string;
  rules: Ignore;
}

/**
 * How a folder is walked. `code`: git ignores it but it is a package, so that its modules are needed and its data is
 * not. `named`: nothing in it belongs but what `include` names.
 */
export interface Walk {
  mode: 'all' | 'code' | 'named';
  patterns: readonly Patterns[];
}

const patternsOf = (folder: string, patterns: string[]): Patterns | null =>
  patterns.length ? { folder, rules: ignore().add(patterns) } : null;

/** The rules inside the tree have changed: what belongs must be found out anew. */
export class RulesChanged extends Error {}

/**
 * Which files belong to the library under one root, and by which rule. Rules lie in files themselves (.gitignore,
 * pyproject.toml); {@link stale} says whether those are still as they were read.
 */
export class Rules {
  /** Files inside the tree that are rules; when one appears or goes, the tree is walked anew. */
  static readonly NAMES: ReadonlySet<string> = new Set(['.gitignore', 'pyvenv.cfg']);

  readonly top: Walk;
  /** Where git keeps its lock while it changes the work tree; null outside of a repository. */
  readonly gitLock: string | null;
  /** What the project says about itself under [tool.autoegg]. */
  readonly settings: Settings;
  /** Files and linked folders that look like secrets and were left out for that, and what gives them away. */
  readonly secrets = new Map<string, string>();
  private readonly probes = new Map<string, Look | null>();
  private readonly include: Patterns | null;
  /** Of `include`, what names files without wildcards. */
  private readonly includeByName: Patterns | null;
  private readonly exclude: Patterns | null;
  private readonly includePrefixes: string[];

  constructor(readonly root: string) {
    const above: string[] = [];
    for (let folder = dirname(root); ; folder = dirname(folder)) {
      above.push(folder);
      if (dirname(folder) === folder) {
        break;
      }
    }
    const work = [root, ...above].findIndex(folder => this.probe(join(folder, '.git')) !== null);
    const repository = work < 0 ? [] : [root, ...above].slice(0, work + 1);
    this.gitLock = work < 0 ? null : lockOf([root, ...above][work]!);

    const outer: Patterns[] = [];
    for (const folder of repository.filter(folder => folder !== root).reverse()) {
      outer.push(...this.patternsIn(folder));
    }
    // A root that git ignores as a whole was asked for all the same: rules from outside say nothing about its inside.
    const patterns = ignored(outer, root, true) ? [] : outer;
    this.top = { mode: 'all', patterns };

    const ceiling = repository.length ? repository : [root, ...above].slice(0, 4);
    const { folder, settings } = this.settingsIn(ceiling);
    this.settings = settings;
    this.include = patternsOf(folder, settings.include);
    this.includeByName = patternsOf(
      folder,
      settings.include.filter(pattern => /(^|\/)[^/*?[]+$/.test(pattern))
    );
    this.exclude = patternsOf(folder, settings.exclude);
    this.includePrefixes = settings.include.map(pattern =>
      join(folder, pattern.replace(/^\//, '').split(/[*?[!]/)[0]!)
    );
  }

  /** True when a file that the rules came from has changed: the tree must be walked anew. */
  stale(): boolean {
    for (const [path, seen] of this.probes) {
      const now = look(path);
      if (now === null || seen === null ? now !== seen : !same(now, seen)) {
        return true;
      }
    }
    return false;
  }

  /** The walk of a folder, given its parent's with its own .gitignore added; or the rule by which nothing in it belongs. */
  folder(parent: Walk, path: string, name: string, linked = false): Walk | FileRule {
    if (NEVER.test(name)) {
      return 'cache';
    }
    if (this.excluded(path, true)) {
      return 'exclude';
    }
    const wanted = this.included(path, true);
    const named = this.includePrefixes.some(
      prefix => prefix.startsWith(`${path}/`) || `${path}/`.startsWith(`${prefix}/`)
    );
    const or = (rule: FileRule): Walk | FileRule =>
      wanted || named ? { mode: 'named', patterns: [] } : rule;
    if (parent.mode === 'named') {
      return or('not included');
    }
    const target = linked ? this.targetOf(path) : null;
    if (target?.secret) {
      this.secrets.set(path, `leads to ${target.path}`);
      return or('secret');
    }
    if (this.probe(join(path, 'pyvenv.cfg'), false) !== null) {
      return or('environment');
    }
    if (name.startsWith('.')) {
      return or('hidden');
    }
    const isPackage = () => this.probe(join(path, '__init__.py')) !== null;
    if (FOLDERS.test(name) || (name === 'build' && !isPackage())) {
      return or('build output');
    }
    if (parent.mode === 'code' || ignored(parent.patterns, path, true)) {
      return isPackage() ? { mode: 'code', patterns: [] } : or('.gitignore');
    }
    return { mode: 'all', patterns: parent.patterns };
  }

  /** The same walk with the .gitignore of the folder itself; where there is no git, as in an unpacked release, it says nothing. */
  inside(walk: Walk, folder: string): Walk {
    if (walk.mode !== 'all' || this.gitLock === null) {
      return walk;
    }
    const own = this.patternsIn(folder, false);
    return own.length ? { mode: 'all', patterns: [...walk.patterns, ...own] } : walk;
  }

  /**
   * The rule by which a file belongs or does not; {@link belongs} says which.
   *
   * @param linked whether it is a link: what it leads to is judged, too
   */
  file(walk: Walk, path: string, name: string, linked = false): FileRule {
    if (NEVER.test(name)) {
      return 'cache';
    }
    if (this.excluded(path, false)) {
      return 'exclude';
    }
    if (this.isSecret(path, name, linked)) {
      return 'secret';
    }
    if (this.included(path, false)) {
      return 'include';
    }
    if (walk.mode === 'named') {
      return 'not included';
    }
    if (name.startsWith('.')) {
      return 'hidden';
    }
    if (IMPORTABLE.test(name)) {
      return 'code';
    }
    return walk.mode === 'all' && !ignored(walk.patterns, path, false) ? 'data' : '.gitignore';
  }

  /** Is such a file left out if a secret is found in it? Code is what an import needs, and what is named was decided upon. */
  forSecrets(path: string, name: string): boolean {
    return !IMPORTABLE.test(name) && !this.includedByName(path);
  }

  /** From now on a file is a secret for what is in it, until that changes. */
  leaveOut(path: string, linked: boolean, secret: string): void {
    const place = (linked && this.targetOf(path)?.path) || path;
    this.probes.set(place, look(place));
    this.secrets.set(path, `holds ${secret}`);
  }

  private isSecret(path: string, name: string, linked: boolean): boolean {
    if (this.includedByName(path)) {
      return false;
    }
    const target = linked ? this.targetOf(path) : null;
    if (target && (target.secret || isSecretFile(basename(target.path)))) {
      this.secrets.set(path, `leads to ${target.path}`);
    } else if (isSecretFile(name)) {
      this.secrets.set(path, 'has the name of one');
    }
    return this.secrets.has(path);
  }

  /** Where a link leads, and whether that is a folder for secrets; null for one that leads nowhere. */
  private targetOf(link: string): { path: string; secret: boolean } | null {
    try {
      const path = realpathSync.native(link);
      return { path, secret: isSecretPlace(relative(this.root, path)) };
    } catch {
      return null;
    }
  }

  private includedByName(path: string): boolean {
    return this.includeByName !== null && ignored([this.includeByName], path, false);
  }

  /** Names whose events mean nothing for any library. */
  static noise(name: string): boolean {
    return NEVER.test(name);
  }

  private excluded(path: string, folder: boolean): boolean {
    return this.exclude !== null && ignored([this.exclude], path, folder);
  }

  private included(path: string, folder: boolean): boolean {
    return this.include !== null && ignored([this.include], path, folder);
  }

  /**
   * Looks at a file that decides over others. Inside the walked tree `absence` need not be kept: a file of one of
   * {@link Rules.NAMES} that appears there is seen by whoever reads the folder again.
   */
  private probe(path: string, absence = true): Look | null {
    const seen = look(path);
    // The folder .git changes with every git command; only that it is there matters.
    if (seen === null ? absence : !path.endsWith('/.git')) {
      this.probes.set(path, seen);
    }
    return seen;
  }

  private patternsIn(folder: string, absence = true): Patterns[] {
    const path = join(folder, '.gitignore');
    if (this.probe(path, absence)?.type !== 'file') {
      return [];
    }
    return [{ folder, rules: ignore().add(readText(path)) }];
  }

  private settingsIn(folders: string[]): { folder: string; settings: Settings } {
    for (const folder of folders) {
      const path = join(folder, 'pyproject.toml');
      if (this.probe(path)?.type === 'file') {
        return { folder, settings: readSettings(path, readText(path)) };
      }
    }
    return { folder: this.root, settings: NO_SETTINGS };
  }
}

/** A file named `token.py` is code. */
const isSecretFile = (name: string) => !name.endsWith('.py') && isSecretName(name);

/** git's own order: the deepest file that has an opinion decides. */
function ignored(patterns: readonly Patterns[], path: string, folder: boolean): boolean {
  for (let index = patterns.length - 1; index >= 0; index--) {
    const { folder: base, rules } = patterns[index]!;
    const inside = relative(base, path);
    if (inside === '' || inside.startsWith('..')) {
      continue;
    }
    const verdict = rules.test(folder ? `${inside}/` : inside);
    if (verdict.ignored || verdict.unignored) {
      return verdict.ignored;
    }
  }
  return false;
}

function lockOf(work: string): string | null {
  const git = join(work, '.git');
  if (look(git)?.type !== 'file') {
    return join(git, 'index.lock');
  }
  // A linked work tree or submodule: the file names the folder.
  const target = /^gitdir:\s*(.+?)\s*$/m.exec(readText(git))?.[1];
  return target ? join(target.startsWith('/') ? target : join(work, target), 'index.lock') : null;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw refusals.unreadable(path, errorCode(error));
  }
}
