import { creator } from '@secretlint/secretlint-rule-preset-recommend';

/** Bytes up to which a file is looked through for tokens: configurations are small, and data is not. */
const SMALL = 256 << 10;
/** Bytes at the beginning of any file in which a private key is looked for. */
export const HEAD = 1 << 20;

/** Names of files that hold a private key as often as something public, such as certificates: the first line decides. */
const KEY_FILE = /\.(pem|key|crt|cer|cert|asc)$/i;
const BEGIN = '-----BEGIN';
const HEADER = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY/;
/** Elsewhere the header may be mentioned only; a key goes on with its text, in JSON after a written-out line break. */
const KEY =
  /-----BEGIN [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----(\s|\\r|\\n)*([\w-]+: [^\n]*\n\s*)*[A-Za-z0-9+/=]{20}/;

/** Beside what secretlint knows: formats as the programs that write them document them. */
const FORMATS: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['a key of a Kubernetes client', /^\s*"?client-key-data"?:\s*"?[A-Za-z0-9+/]{40}/m],
  [
    'logins of container registries',
    /"auths"\s*:\s*\{[^{}]*\{[^{}]*"(auth|identitytoken)"\s*:\s*"[^"]{8}/
  ],
  ['a login', /^\s*(machine\s+\S+|default)\s+login\s+\S+\s+password\s+\S/m],
  ['a key of an Azure storage account', /\bAccountKey=[A-Za-z0-9+/]{86}==/],
  ['a secret of a Google client', /\bGOCSPX-[\w-]{28}/],
  ['a refresh token of Google', /"refresh_token"\s*:\s*"1\/\/[\w-]{20}/],
  ['a live key of Stripe', /\b[rs]k_live_[A-Za-z0-9]{20}/]
];

/** Of secretlint's findings: an account's number opens nothing. */
const HARMLESS: ReadonlySet<string> = new Set(['AWSAccountID']);

/** What secretlint's rules need to know of a file, and what they say of it. */
interface Rule {
  file?(source: { content: string; filePath: string; ext: string; contentType: string }): unknown;
}
interface Said {
  message: { messageId: string };
}

let reported: string[] = [];
const rules: Rule[] = [];
// Its rules report while they run, so that no promise has to be waited for.
(creator as unknown as { create(preset: object): void }).create({
  registerRule: (rule: { create(context: object, options: object): Rule }) =>
    rules.push(
      rule.create(
        {
          createTranslator: () => (messageId: string) => ({ messageId }),
          report: ({ message }: Said) => reported.push(message.messageId),
          ignore: () => undefined
        },
        {}
      )
    )
});

/**
 * What secret a file holds, in a few words; null if none is seen.
 *
 * @param name of the file
 * @param head its bytes, of a larger one the first {@link HEAD}
 * @param size of the whole file
 */
export function secretIn(name: string, head: Buffer, size: number): string | null {
  if (head.includes(BEGIN) && (KEY_FILE.test(name) ? HEADER : KEY).test(head.toString('latin1'))) {
    return 'a private key';
  }
  if (size > SMALL || head.includes(0)) {
    return null;
  }
  const text = head.toString('latin1');
  const format = FORMATS.find(([, pattern]) => pattern.test(text));
  if (format) {
    return format[0];
  }
  reported = [];
  const source = { content: text, filePath: `/${name}`, ext: '', contentType: 'text' };
  for (const rule of rules) {
    rule.file?.(source);
  }
  const found = reported.find(id => !HARMLESS.has(id));
  return found === undefined ? null : `a secret (${inWords(found)})`;
}

/** `AWSSecretAccessKey` and `GITHUB_TOKEN` as a person writes them. */
const inWords = (id: string) =>
  id
    .replace(/([a-z])([A-Z])|([A-Z])(?=[A-Z][a-z])/g, '$1$3 $2')
    .replaceAll('_', ' ')
    .toLowerCase();
