import type { Failure, FailureCode } from '../protocol';

/** Something that a person has to know, in one sentence; what is refused stays as it was. */
export class Refusal extends Error {
  constructor(
    readonly code: FailureCode,
    message: string,
    readonly file?: string
  ) {
    super(message);
  }

  get failure(): Failure {
    return { code: this.code, message: this.message, ...(this.file && { file: this.file }) };
  }
}

/** A file was written while it was read: not an error yet, the pass is repeated. */
export class Moving extends Error {
  constructor(readonly file: string) {
    super(`${file} changed while it was read`);
  }
}

/** What any error becomes at the border of the process. */
export function toFailure(error: unknown): Failure {
  if (error instanceof Refusal) {
    return error.failure;
  }
  if (error instanceof Moving) {
    return refusals.unsettled(error.file).failure;
  }
  const text = error instanceof Error ? error.message : String(error);
  return { code: 'internal', message: `The autoegg daemon failed unexpectedly: ${text}` };
}

/** The `code` of an error that Node's file system functions throw. */
export function errorCode(error: unknown): string {
  return (error as NodeJS.ErrnoException | null)?.code ?? 'unknown error';
}

/** A file and its bytes, for a sentence. */
export interface Sized {
  name: string;
  size: number;
}

/** Bytes as a person reads them. */
export function amount(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  while (bytes >= 999.5 && unit < units.length - 1) {
    bytes /= 1000;
    unit++;
  }
  return `${unit === 0 || bytes >= 99.5 ? Math.round(bytes) : bytes.toPrecision(2)} ${units[unit]}`;
}

const sizes = (files: readonly Sized[]) =>
  files.map(({ name, size }) => `${name} ${amount(size)}`).join(', ');

/** What a person should know of a library that is shipped all the same. */
export const warnings = {
  secret: (file: string, why: string) =>
    `${file} looks like a secret (it ${why}) and is not shipped: name it under include of [tool.autoegg] in pyproject.toml if workers need it.`,
  unfollowed: (file: string) =>
    `${file} is a link, which git does not follow, so its patterns keep nothing from being shipped: make it a file.`,
  large: (path: string, bytes: number, largest: readonly Sized[]) =>
    `${path} has ${amount(bytes)} of files that each executor fetches (the largest: ${sizes(largest)}): exclude under [tool.autoegg] in pyproject.toml what workers do not need.`
};

/** Every sentence of a refusal that a person can read. */
export const refusals = {
  notAbsolute: (path: string) =>
    new Refusal('refused', `"${path}" cannot be a library: give its absolute path.`),
  badName: (path: string, name: string) =>
    new Refusal(
      'refused',
      `${path} cannot be a library: "${name}" is not a valid Python module name, so rename it.`,
      path
    ),
  badKind: (path: string, kind: string) =>
    new Refusal(
      'refused',
      `${path} cannot be a library of the kind "${kind}": use package, module or namespace.`,
      path
    ),
  notDirectory: (path: string) =>
    new Refusal('refused', `${path} is not a directory, so it cannot be a package.`, path),
  notModule: (path: string) =>
    new Refusal('refused', `${path} is not a .py file, so it cannot be a module.`, path),
  tooWide: (path: string, what: string) =>
    new Refusal(
      'refused',
      `${path} is ${what} and cannot be a library: put the code into a package of its own.`,
      path
    ),
  missing: (path: string) => new Refusal('missing', `${path} no longer exists: restore it.`, path),
  unreadable: (file: string, why: string) =>
    new Refusal(
      'unreadable',
      `${file} cannot be read (${why}): make it readable, or exclude it under [tool.autoegg] in pyproject.toml.`,
      file
    ),
  badName8: (file: string) =>
    new Refusal(
      'unreadable',
      `${file} has a name that is not UTF-8: rename it, or exclude it under [tool.autoegg] in pyproject.toml.`,
      file
    ),
  backslash: (file: string) =>
    new Refusal(
      'unreadable',
      `${file} has a backslash in its name, which eggs cannot hold: rename it, or exclude it under [tool.autoegg] in pyproject.toml.`,
      file
    ),
  rulesOfOthers: (file: string, owner: number | null, path: string, decisions: string) =>
    new Refusal(
      'refused',
      `${file} belongs to another user (number ${owner ?? 'unknown'}) and would keep ${path} from being shipped: ` +
        `set rules-of-others = "follow" or "ignore" under [tool.autoegg] in ${decisions}.`,
      file
    ),
  deadLink: (file: string) =>
    new Refusal(
      'unreadable',
      `${file} is a broken link, so what it says about the library is unknown: repair or remove it.`,
      file
    ),
  badSettings: (file: string, why: string) =>
    new Refusal('unreadable', `${file} cannot be understood: ${why}`, file),
  unsettled: (file: string) =>
    new Refusal(
      'unsettled',
      `${file} kept changing for 2 s: run the cell again when it is written.`,
      file
    ),
  gitLocked: (lock: string) =>
    new Refusal(
      'unsettled',
      `git has held ${lock} for 2 s: run the cell again when git is done, or delete that file if no git is running.`,
      lock
    ),
  tooManyFiles: (path: string) =>
    new Refusal(
      'too-large',
      `${path} has more than 65,535 files and folders, more than an egg can hold: exclude data under [tool.autoegg] in pyproject.toml.`,
      path
    ),
  tooManyBytes: (file: string) =>
    new Refusal(
      'too-large',
      `${file} makes the egg larger than 2 GB: exclude it under [tool.autoegg] in pyproject.toml.`,
      file
    ),
  fileTooLarge: (file: string, bytes: number) =>
    new Refusal(
      'too-large',
      `${file} has ${amount(bytes)}, and no egg can hold a file of 2 GB or more: exclude it under [tool.autoegg] in pyproject.toml.`,
      file
    ),
  tooLarge: (path: string, bytes: number, most: number, largest: readonly Sized[]) =>
    new Refusal(
      'too-large',
      `${path} has ${amount(bytes)} of files, more than the limit of ${amount(most)} (the largest: ${sizes(largest)}): exclude data or raise max-megabytes under [tool.autoegg] in pyproject.toml.`,
      path
    ),
  notThere: (path: string) =>
    new Refusal('refused', `${path} does not exist: name an existing file or folder.`, path),
  nothingAt: (path: string) =>
    new Refusal(
      'refused',
      `${path} contains no package of its own: name a package's directory, a module's .py file or a project's directory.`,
      path
    ),
  store: (path: string, why: string) =>
    new Refusal(
      'store',
      `Eggs cannot be written to ${path} (${why}): make room there and let this user write, or name another folder ` +
        '(XDG_CACHE_HOME, or AutoeggExtension.store of the Jupyter server).',
      path
    ),
  storeOfOthers: (path: string) =>
    new Refusal(
      'store',
      `Eggs are not written to ${path}, because it is not private to this user: remove it, or name another folder ` +
        '(AutoeggExtension.store of the Jupyter server).',
      path
    ),
  noHome: (path: string) =>
    new Refusal(
      'store',
      `This user has no home directory, so eggs are kept in ${path} until the daemon ends: set HOME or XDG_CACHE_HOME.`,
      path
    ),
  unknownLibrary: (library: string) =>
    new Refusal('protocol', `The daemon knows no library "${library}": open it first.`),
  notJson: () => new Refusal('protocol', 'A request must be one JSON object on one line.'),
  tooLong: (limit: number) =>
    new Refusal('protocol', `A request must not be longer than ${limit} bytes.`),
  helloFirst: () => new Refusal('protocol', 'The first request must be "hello".'),
  protocolMismatch: (theirs: unknown, ours: number) =>
    new Refusal(
      'protocol',
      `This client speaks protocol ${String(theirs)} and the daemon protocol ${ours}: restart the Jupyter server and this kernel so that both have the same version.`
    ),
  unknownMethod: (method: unknown) =>
    new Refusal('protocol', `The daemon has no method "${String(method)}".`),
  badParameter: (method: string, what: string) =>
    new Refusal('protocol', `The request "${method}" needs ${what}.`)
};
