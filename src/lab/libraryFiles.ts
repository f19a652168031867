/** What has to be known of the library that a file belongs to. */
export interface IOpenedLibrary {
  key: string | null;
  name: string;
  /** Absolute: the package's folder, which need not bear the library's name, or the module's file. */
  path: string;
}

/** As a manifest names the file at an absolute path. */
export function pathInLibrary(file: string, { name, path }: IOpenedLibrary): string {
  return file === path ? `${name}.py` : `${name.split('.').join('/')}${file.slice(path.length)}`;
}

/** The absolute path of the file that a manifest names. */
export function pathOfMember(member: string, { name, path }: IOpenedLibrary): string {
  const folder = `${name.split('.').join('/')}/`;
  return member.startsWith(folder) ? `${path}/${member.slice(folder.length)}` : path;
}
