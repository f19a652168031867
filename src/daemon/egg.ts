import JSZip from 'jszip';
import { EGG_FORMAT, type LibraryKind } from '../protocol';
import { sortPaths, type Files } from './digest';
import { metadataOf, type Distribution } from './distribution';
import { LARGEST } from './disk';
import { refusals } from './refusal';

/** Which version an egg belongs to. */
export interface Label {
  name: string;
  kind: LibraryKind;
  version: string;
  /** What `importlib.metadata` should know of on workers. It is no part of the version. */
  distribution?: Distribution | null;
}

/** What a patch egg is relative to, and what it takes away. */
export interface PatchOf {
  base: string;
  deleted: string[];
}

/** Entries all bear the first moment that a zip can hold: equal content makes equal eggs. */
const MOMENT = new Date(Date.UTC(1980, 0, 1));
/** The first entry of every egg. */
export const EGG_BEGIN = 'EGG-INFO/';
const FILE_MODE = 0o100644;
const PROGRAM_MODE = 0o100755;
const FOLDER_MODE = 0o40755;

/** Folders on the way to the given files, parents first. */
function foldersOf(paths: string[]): string[] {
  const folders = new Set<string>();
  for (const path of paths) {
    for (let end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1)) {
      folders.add(path.slice(0, end + 1));
    }
  }
  return sortPaths([...folders]);
}

/** A script or an ELF program. Read from the content, because the mode is no part of a version. */
function isProgram(data: Buffer): boolean {
  return (
    data.subarray(0, 2).equals(Buffer.from('#!')) ||
    data.subarray(0, 4).equals(Buffer.from('\x7fELF'))
  );
}

/** Gives a file's bytes, which must have this digest. */
export type Read = (path: string, digest: string) => Buffer;

/**
 * The bytes of an egg with the given files (a base), or with those that differ from a base (a patch).
 *
 * @param compress worth it only if nothing waits for it: it takes about four times as long
 * @param told how many files are packed: reading one is half of the work, writing it into the zip the other
 */
export async function buildEgg(
  label: Label,
  files: Files,
  patch: PatchOf | null,
  read: Read,
  compress = false,
  told: (files: number) => void = () => undefined
): Promise<Buffer> {
  const table = tableOf(files);
  const head = {
    format: EGG_FORMAT,
    library: label.name,
    kind: label.kind,
    version: label.version
  };
  const contents = patch
    ? { ...head, base: patch.base, changed: table, deleted: patch.deleted }
    : { ...head, files: table };
  return zipped([label], contents, files, read, compress, patch === null, told);
}

/** One egg with all files of these libraries, for programs that get their code from `spark-submit --py-files`. */
export async function wholeEgg(labels: Label[], files: Files, read: Read): Promise<Buffer> {
  const libraries = labels.map(({ name, kind, version }) => ({ library: name, kind, version }));
  return zipped(
    labels,
    { format: EGG_FORMAT, libraries, files: tableOf(files) },
    files,
    read,
    true,
    true
  );
}

const metadataIn = (labels: Label[]) =>
  Object.assign(
    {},
    ...labels.map(({ distribution, version }) =>
      distribution ? metadataOf(distribution, `0+${version.slice(0, 16)}`) : {}
    )
  ) as Record<string, string>;

const tableOf = (files: Files) =>
  Object.fromEntries(sortPaths([...files.keys()]).map(path => [path, files.get(path)!]));

/** Directory entries are there because namespace packages cannot be imported from a zip without them. */
async function zipped(
  labels: Label[],
  contents: object,
  files: Files,
  read: Read,
  compress: boolean,
  whole: boolean,
  told: (files: number) => void = () => undefined
): Promise<Buffer> {
  const paths = sortPaths([...files.keys()]);
  const zip = new JSZip();
  const options = { date: MOMENT, createFolders: false, unixPermissions: FILE_MODE };
  const addFolder = (path: string) =>
    zip.file(path, null, { ...options, dir: true, unixPermissions: FOLDER_MODE });

  addFolder(EGG_BEGIN);
  zip.file('EGG-INFO/PKG-INFO', packageInfo(labels[0]!), options);
  zip.file('EGG-INFO/autoegg.json', JSON.stringify(contents), options);
  zip.file('EGG-INFO/top_level.txt', labels.map(({ name }) => `${name}\n`).join(''), options);
  const metadata = whole ? metadataIn(labels) : {};
  const folders = foldersOf([...paths, ...Object.keys(metadata)]);
  if (paths.length + folders.length + 4 > 65_535) {
    throw refusals.tooManyFiles(labels[0]!.name);
  }
  folders.forEach(addFolder);
  for (const [path, text] of Object.entries(metadata)) {
    zip.file(path, text, options);
  }
  let total = 0;
  for (const [index, path] of paths.entries()) {
    told(index / 2);
    const data = read(path, files.get(path)!.digest);
    total += data.length;
    if (total > LARGEST) {
      throw refusals.tooManyBytes(path);
    }
    zip.file(path, data, {
      ...options,
      unixPermissions: isProgram(data) ? PROGRAM_MODE : FILE_MODE
    });
  }
  return zip.generateAsync(
    {
      type: 'nodebuffer',
      platform: 'UNIX',
      compression: compress ? 'DEFLATE' : 'STORE',
      compressionOptions: compress ? { level: 6 } : null
    },
    ({ percent }) => told((paths.length * (1 + percent / 100)) / 2)
  );
}

function packageInfo(label: Label): string {
  return `Metadata-Version: 1.0\nName: ${label.name}\nVersion: 0+${label.version.slice(0, 16)}\n`;
}
