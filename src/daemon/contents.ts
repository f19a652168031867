import { basename, dirname, join, relative } from 'node:path';
import type { FileRule } from '../protocol';
import { look } from './disk';
import { ignoredBy, patternsOf, type Patterns } from './patterns';
import { refusals } from './refusal';
import { lockOf, type GitLock } from './repository';
import { RuleFiles } from './ruleFiles';
import { isSecretName, isSecretPlace } from './secretNames';
import { NO_SETTINGS, type Settings } from './settings';

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

/**
 * How a folder is walked. `code`: git ignores it but it is a package, so that its modules are needed and its data is
 * not. `named`: nothing in it belongs but what `include` names.
 */
export interface Walk {
  mode: 'all' | 'code' | 'named';
  patterns: readonly Patterns[];
  /** The same with the rules of others, if there are any that have not been decided on. */
  disputed?: Walk | Left;
}

/** A folder of which others' rules would leave nothing, and the file that says so. */
interface Left {
  by: string;
}

/** The rules inside the tree have changed: the files must be listed again. */
export class RulesChanged extends Error {}

/**
 * Which files belong to the library under one root, and by which rule. Rules lie in files themselves (.gitignore,
 * pyproject.toml); {@link stale} says whether those are still as they were read.
 *
 * Files above the library that belong to a stranger ({@link Owners}) are rules only if the project says so. Until it has
 * decided, everything is judged with them, too: {@link agree} refuses the library if that makes a difference.
 */
export class Rules {
  /** Files inside the tree that are rules; when one appears or disappears, the tree is walked again. */
  static readonly NAMES: ReadonlySet<string> = new Set(['.gitignore', 'pyvenv.cfg']);

  readonly top: Walk;
  /** What git holds while it changes the work tree; null outside of a repository. */
  readonly gitLock: GitLock | null;
  /** What the project says about itself under [tool.autoegg]. */
  readonly settings: Settings;
  /** Files and linked folders that look like secrets and were left out for that, and what gives them away. */
  readonly secrets = new Map<string, string>();
  private readonly files: RuleFiles;
  private readonly include: Patterns[];
  /** Of `include`, what names files without wildcards. */
  private readonly includeByName: Patterns[];
  private readonly includePrefixes: string[];
  private readonly exclude: Patterns[];
  /** Does a .gitignore inside the tree count? */
  private readonly inRepository: boolean;
  /** Rules of others that have not been decided on; null if there are none. */
  private readonly others: { exclude: Patterns[]; repository: string | null } | null;
  /** What the rules of others would leave out, and the file that says so. */
  private readonly disputes = new Map<string, string>();
  /** Where the project can decide. */
  private readonly decisions: string;

  /** @param library the file, where the library is one; `root` is its folder then */
  constructor(
    readonly root: string,
    library = root
  ) {
    const files = (this.files = new RuleFiles(root, library));
    const folders = [root];
    while (dirname(folders.at(-1)!) !== folders.at(-1)) {
      folders.push(dirname(folders.at(-1)!));
    }
    const work = folders.findIndex(folder => this.files.probe(join(folder, '.git')) !== null);
    const repository = folders.slice(0, work + 1);
    const git = work < 0 ? null : join(folders[work]!, '.git');
    const theirGit = git !== null && this.files.isOthers(git) ? git : null;

    const { own, theirs, decisions } = this.files.settingsIn(
      repository.length ? repository : folders.slice(0, 4)
    );
    this.settings = own?.settings ?? NO_SETTINGS;
    this.decisions = decisions;
    const decision = this.settings.rulesOfOthers;
    const follow = (file: string) => decision === 'follow' || !this.files.isOthers(file);

    const outer = repository
      .filter(folder => folder !== root)
      .reverse()
      .flatMap(folder => this.files.patternsIn(folder));
    // A root that git ignores as a whole was asked for all the same: rules from outside say nothing about its inside.
    const above = (patterns: Patterns[]) => (ignoredBy(patterns, root, true) ? [] : patterns);
    this.inRepository = git !== null && (theirGit === null || decision === 'follow');
    this.gitLock = git !== null && theirGit === null ? lockOf(dirname(git), files.owners) : null;
    const mine = this.inRepository ? above(outer.filter(({ file }) => follow(file))) : [];

    const { include, exclude } = this.settings;
    const folder = own?.folder ?? root;
    const file = join(folder, 'pyproject.toml');
    this.include = listed(file, folder, include);
    this.includeByName = listed(
      file,
      folder,
      include.filter(pattern => /(^|\/)[^/*?[]+$/.test(pattern))
    );
    this.includePrefixes = include.map(pattern =>
      join(folder, pattern.replace(/^\//, '').split(/[*?[!]/)[0]!)
    );
    const theirExclude = theirs.flatMap(({ folder, settings }) =>
      listed(join(folder, 'pyproject.toml'), folder, settings.exclude)
    );
    this.exclude = [
      ...listed(file, folder, exclude),
      ...(decision === 'follow' ? theirExclude : [])
    ];
    const open =
      decision === null &&
      (theirGit !== null || theirExclude.length > 0 || outer.some(({ file }) => !follow(file)));
    this.others = open ? { exclude: theirExclude, repository: theirGit } : null;
    this.top = {
      mode: 'all',
      patterns: mine,
      ...(open && { disputed: { mode: 'all', patterns: above(outer) } })
    };
  }

  /** Rule files that are links, which git does not follow. */
  get unfollowed(): ReadonlySet<string> {
    return this.files.unfollowed;
  }

  /** True when a file that the rules came from has changed: the tree must be walked again. */
  stale(): boolean {
    return this.files.stale();
  }

  /** Refuses the library if the rules of others would leave something out and have not been decided on. */
  agree(): void {
    for (const [path, by] of this.disputes) {
      if (look(path) !== null && look(by) !== null) {
        throw refusals.rulesOfOthers(by, this.files.owners.stranger(by), path, this.decisions);
      }
    }
  }

  /** The walk of a folder, given its parent's with its own .gitignore added; or the rule by which nothing in it belongs. */
  folder(parent: Walk, path: string, name: string, linked = false): Walk | FileRule {
    const mine = this.folderBy(this.exclude, parent, path, name, linked);
    if (!parent.disputed || typeof mine === 'string') {
      return mine;
    }
    if ('by' in parent.disputed) {
      return { ...mine, disputed: parent.disputed };
    }
    const theirs = this.folderBy(this.everyExclude, parent.disputed, path, name, linked);
    const disputed =
      typeof theirs === 'string' ? { by: this.whose(theirs, parent.disputed, path, true) } : theirs;
    return { ...mine, disputed };
  }

  private folderBy(
    exclude: readonly Patterns[],
    parent: Walk,
    path: string,
    name: string,
    linked: boolean
  ): Walk | FileRule {
    if (NEVER.test(name)) {
      return 'cache';
    }
    if (ignoredBy(exclude, path, true)) {
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
    const target = linked ? this.files.targetOf(path) : null;
    if (target !== null && isSecretPlace(relative(this.root, target))) {
      this.secrets.set(path, `leads to ${target}`);
      return or('secret');
    }
    if (this.files.probe(join(path, 'pyvenv.cfg'), false) !== null) {
      return or('environment');
    }
    if (name.startsWith('.')) {
      return or('hidden');
    }
    const isPackage = () => this.files.probe(join(path, '__init__.py')) !== null;
    if (FOLDERS.test(name) || (name === 'build' && !isPackage())) {
      return or('build output');
    }
    if (parent.mode === 'code' || ignoredBy(parent.patterns, path, true)) {
      return isPackage() ? { mode: 'code', patterns: [] } : or('.gitignore');
    }
    return { mode: 'all', patterns: parent.patterns };
  }

  /** The same walk with the .gitignore of the folder itself; where there is no git, as in an unpacked release, it says nothing. */
  inside(walk: Walk, folder: string): Walk {
    if (!this.inRepository && !this.others?.repository) {
      return walk;
    }
    const found = this.files.patternsIn(folder, false);
    const grown = (walk: Walk): Walk =>
      walk.mode === 'all' && found.length
        ? { ...walk, patterns: [...walk.patterns, ...found] }
        : walk;
    const { disputed } = walk;
    return {
      ...(this.inRepository ? grown(walk) : walk),
      ...(disputed && { disputed: 'by' in disputed ? disputed : grown(disputed) })
    };
  }

  /**
   * The rule by which a file belongs or does not; {@link belongs} says which.
   *
   * @param linked whether it is a link: what it leads to is judged, too
   */
  file(walk: Walk, path: string, name: string, linked = false): FileRule {
    const mine = this.fileBy(this.exclude, walk, path, name, linked);
    const { disputed } = walk;
    if (disputed && belongs(mine)) {
      const theirs =
        'by' in disputed ? null : this.fileBy(this.everyExclude, disputed, path, name, linked);
      if (theirs === null || !belongs(theirs)) {
        const by = 'by' in disputed ? disputed.by : this.whose(theirs!, disputed, path, false);
        this.disputes.set(path, by);
      }
    }
    return mine;
  }

  private fileBy(
    exclude: readonly Patterns[],
    walk: Walk,
    path: string,
    name: string,
    linked: boolean
  ): FileRule {
    if (NEVER.test(name)) {
      return 'cache';
    }
    if (ignoredBy(exclude, path, false)) {
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
    return walk.mode === 'all' && !ignoredBy(walk.patterns, path, false) ? 'data' : '.gitignore';
  }

  /** Is such a file left out if a secret is found in it? Code is what an import needs, and what is named was decided upon. */
  forSecrets(path: string, name: string): boolean {
    return !IMPORTABLE.test(name) && !this.includedByName(path);
  }

  /** From now on a file is a secret for what is in it, until that changes. */
  leaveOut(path: string, linked: boolean, secret: string): void {
    this.files.probe((linked && this.files.targetOf(path)) || path);
    this.secrets.set(path, `contains ${secret}`);
  }

  private isSecret(path: string, name: string, linked: boolean): boolean {
    if (this.includedByName(path)) {
      return false;
    }
    const target = linked ? this.files.targetOf(path) : null;
    const place = target !== null && isSecretPlace(relative(this.root, target));
    if (target !== null && (place || isSecretFile(basename(target)))) {
      this.secrets.set(path, `leads to ${target}`);
    } else if (isSecretFile(name)) {
      this.secrets.set(path, 'has the name of one');
    }
    return this.secrets.has(path);
  }

  private includedByName(path: string): boolean {
    return ignoredBy(this.includeByName, path, false) !== null;
  }

  /** Names whose events mean nothing for any library. */
  static noise(name: string): boolean {
    return NEVER.test(name);
  }

  private included(path: string, folder: boolean): boolean {
    return ignoredBy(this.include, path, folder) !== null;
  }

  private get everyExclude(): Patterns[] {
    return [...this.exclude, ...(this.others?.exclude ?? [])];
  }

  /** The file of a stranger by which something would be left out. */
  private whose(rule: FileRule, walk: Walk, path: string, folder: boolean): string {
    if (rule === 'exclude') {
      return ignoredBy(this.others!.exclude, path, folder)!.file;
    }
    const files = [ignoredBy(walk.patterns, path, folder), ...walk.patterns, ...this.top.patterns]
      .map(patterns => patterns?.file)
      .filter(file => file !== undefined && this.files.isOthers(file));
    return this.others!.repository ?? files[0] ?? join(this.root, '.gitignore');
  }
}

const listed = (file: string, folder: string, patterns: string[]): Patterns[] =>
  patterns.length ? [patternsOf(file, folder, patterns)] : [];

/** A file named `token.py` is code. */
const isSecretFile = (name: string) => !name.endsWith('.py') && isSecretName(name);
