import { closeSync, constants, openSync, readSync } from 'node:fs';

/** Names that files with keys, passwords or tokens have by convention of the programs that write them. */
const BY_NAME = new RegExp(
  `^(${[
    String.raw`(.*[._-])?env\.(local|prod|production|dev|development|staging)|\.env`,
    String.raw`[._]netrc|\.pypirc|\.npmrc|\.pgpass|\.htpasswd|\.git-credentials|\.dockercfg`,
    String.raw`(.*[._-])?credentials(\.(json|ya?ml|toml|ini|cfg|csv|db))?`,
    String.raw`(.*[._-])?(client|app)[_-]secrets?.*\.json|service[_-]?account.*\.json`,
    String.raw`(.*[._-])?secrets?\.(json|ya?ml|toml|ini|cfg|env|txt)`,
    String.raw`(.*[._-])?token\.(json|txt|pickle)|(.*[._-])?(access|api|auth|refresh)[_-]?(token|key)s?(\.(json|txt))?`,
    String.raw`id_(rsa|dsa|ecdsa|ed25519)(_sk)?`,
    String.raw`.+\.(p12|pfx|jks|keystore|kdbx|ppk|env)`
  ].join('|')})$`,
  'i'
);
/** Names of files that hold a private key as often as something public, such as certificates. */
const BY_CONTENT = /\.(pem|key|crt|cer|cert|asc|pk8)$/i;
const PRIVATE_KEY = '-----BEGIN';
const HEAD = 1 << 20;

/** Does what is in such a file decide whether it is a secret? */
export const mayHoldSecret = (name: string) => BY_CONTENT.test(name);

/** Does a file look like one that holds a secret: by its name or, given its path, by what is in it? */
export function isSecret(name: string, path?: string): boolean {
  if (path === undefined) {
    return BY_NAME.test(name);
  }
  const text = headOf(path);
  return text.includes(PRIVATE_KEY) && /-----BEGIN [A-Z0-9 ]*PRIVATE KEY/.test(text);
}

/** The beginning of a file as text; nothing where it cannot be read: reading it later says why. */
function headOf(path: string): string {
  let descriptor: number | null = null;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const data = Buffer.allocUnsafe(HEAD);
    return data.toString('latin1', 0, readSync(descriptor, data, 0, HEAD, 0));
  } catch {
    return '';
  } finally {
    if (descriptor !== null) {
      closeSync(descriptor);
    }
  }
}
