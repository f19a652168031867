/**
 * Names of files that hold keys, passwords or tokens, by what writes or reads them. The sources are the manuals of these
 * programs: each name is a default of theirs, or the one that their examples use.
 */
const NAMES: readonly (readonly [what: string, pattern: string])[] = [
  ['environment variables (dotenv, docker compose)', String.raw`.+\.env|\.env`],
  [
    'environment variables of one stage (dotenv, Vite)',
    String.raw`(.*[._-])?env\.(local|prod|production|dev|development|staging)`
  ],
  ['logins (curl, ftp, Weights & Biases)', 'netrc'],
  ['logins of package indexes (twine, npm, yarn)', String.raw`pypirc|npmrc|yarnrc\.yml`],
  ['logins of databases (libpq, MySQL)', String.raw`pgpass(\.conf)?|mylogin\.cnf|my\.cnf`],
  ['passwords (Apache)', 'htpasswd'],
  ['logins of git and of container registries', 'git-credentials|dockercfg|dockerconfigjson'],
  [
    'credentials of cloud programs (AWS, GCP, Azure, Kaggle, Databricks)',
    String.raw`(.*[._-])?(credentials?|creds)(\.(json|ya?ml|toml|ini|cfg|csv|db|xml|txt))?|kaggle\.json|databrickscfg`
  ],
  [
    'access keys as the AWS console saves them',
    String.raw`rootkey\.csv|(.*[._-])?accesskeys?\.csv`
  ],
  [
    'tokens of the Azure tools',
    String.raw`accesstokens\.json|msal_token_cache\.(json|bin)|azureauth\.(json|properties)|local\.settings\.json`
  ],
  ['OAuth clients (Google APIs)', String.raw`(.*[._-])?(client|app)[_-]secrets?.*\.json`],
  [
    'service accounts (GCP, Firebase)',
    String.raw`(.*[._-])?service[_-]?account.*\.json|.*firebase-adminsdk.*\.json`
  ],
  [
    'secrets by name (Streamlit, Rails, Helm)',
    String.raw`(.*[._-])?secrets?\.(json|ya?ml|toml|ini|cfg|env|txt)`
  ],
  [
    'tokens by name',
    String.raw`(.*[._-])?token\.(json|txt|pickle)|(.*[._-])?(access|api|auth|refresh)[_-]?(token|key)s?(\.(json|txt))?`
  ],
  [
    'passwords by name',
    String.raw`(.*[._-])?passwords?\.(json|ya?ml|toml|ini|cfg)|vault[_-]pass(word)?(\.txt)?`
  ],
  [
    'keys by name (Rails, Fernet)',
    String.raw`(.*[._-])?(master|fernet|secret|encryption|private)[._-]?key(\.(txt|bin|key))?`
  ],
  ['private keys (OpenSSH)', String.raw`(.*[._-])?id_(rsa|dsa|ecdsa|ed25519)(_sk)?`],
  ['private keys (Snowflake, Apple)', String.raw`.+\.(p8|pk8)`],
  [
    'key stores',
    String.raw`.+\.(p12|pfx|pkcs12|jks|jceks|bcfks|keystore|ppk|kdbx?|agilekeychain|keychain)|cwallet\.sso`
  ],
  ['secret key rings (GnuPG)', String.raw`secring\.(gpg|pgp)|.+\.key\.asc`],
  ['Kerberos', String.raw`(.+\.)?keytab|krb5cc_.+`],
  ['Kubernetes', String.raw`(.*[._-])?kubeconfig(\.ya?ml)?`],
  [
    'Terraform',
    String.raw`.+\.tfvars(\.json)?|(.+\.)?tfstate(\.\d+)?|credentials\.tfrc\.json|terraformrc`
  ],
  ['dbt', String.raw`profiles\.ya?ml`],
  ['Snowflake', String.raw`snowsql\.cnf|connections\.toml`],
  ['cloud storage programs', String.raw`boto|s3cfg|rclone\.conf`],
  ['private networks', String.raw`.+\.ovpn|wg\d+\.conf`]
];

const BY_NAME = new RegExp(`^(${NAMES.map(([, pattern]) => pattern).join('|')})$`, 'i');

/** What a copy adds to a name: `id_rsa.bak`, `creds.json.old`, `.env.1`, `creds (1).json`, `netrc copy`. */
const COPY =
  /([._-](bak|backup|old|orig|save|copy)\d*|\.\d{1,3}| \(\d+\)| copy( \d+)?)(?=(\.[a-z0-9]+)?$)/i;
/** Templates of secret files, without the secrets. */
const TEMPLATE =
  /[._-](example|sample|template|tmpl|tpl|dist|schema|j2|jinja2?)([._-][a-z0-9]+)?$/i;

/** Folders of a home directory that hold nothing that may leave it. */
const PLACE =
  /(^|\/)(\.(aws|azure|databricks|docker|gnupg|kaggle|kube|snowflake|ssh)|\.config\/(gcloud|gh|rclone))(\/|$)/;

/** Has a file of this name a secret in it, by custom of the programs that write it? */
export function isSecretName(name: string): boolean {
  if (TEMPLATE.test(name)) {
    return false;
  }
  let bare = name;
  for (let copy = name; (bare = copy.replace(COPY, '')) !== copy; copy = bare) {
    if (matches(copy)) {
      return true;
    }
  }
  return matches(bare);
}

/** Does a path lead into a folder that holds a person's keys? */
export const isSecretPlace = (path: string) => PLACE.test(path);

/** Hidden or not: `.netrc`, `_netrc` and `netrc` are one name. */
const matches = (name: string) => BY_NAME.test(name) || BY_NAME.test(name.replace(/^[._]/, ''));
