import { basename } from 'node:path';
import type { FileEntry, FileRule } from '../protocol';
import type { Files } from './digest';

/** Bytes from which a file is heavy for something that goes to every executor with each new base. */
const HEAVY = 5_000_000;

/** Names that keys, passwords and tokens are kept under. Contents are not looked at. */
const SECRET =
  /^(id_(rsa|dsa|ecdsa|ed25519)|credentials?|secrets?|passwords?|tokens?|htpasswd|service[_-]?account)\b(?!.*\.py[id]?$)|\.(pem|key|p12|pfx|jks|keystore|kdbx|ovpn)$/i;

/** What would be shipped and why, the largest file first. */
export function accountOf(files: Files, ruleOf: (path: string) => FileRule): FileEntry[] {
  return [...files]
    .map(([path, { size }]): FileEntry => {
      const secret = SECRET.test(basename(path));
      const warning = secret ? 'secret' : size >= HEAVY ? 'heavy' : null;
      return { path, size, rule: ruleOf(path), warning };
    })
    .sort((a, b) => b.size - a.size || (a.path < b.path ? -1 : 1));
}
