import { parse } from 'smol-toml';
import { refusals } from './refusal';

/** What a project says about its libraries: `[tool.autoegg]` in its pyproject.toml. */
export interface Settings {
  /** Patterns as in .gitignore, relative to the folder of the pyproject.toml. */
  include: string[];
  exclude: string[];
  /** Bytes that the files of one library may have together (`max-megabytes`). */
  most: number;
  /** What happens to rules above the library that another user has written; null: not decided. */
  rulesOfOthers: 'follow' | 'ignore' | null;
  /** Whether notebooks that run without a page record which version made each result. */
  record: boolean;
}

const MEGABYTE = 1_000_000;
const KEYS = ['include', 'exclude', 'max-megabytes', 'rules-of-others', 'record'];

export const NO_SETTINGS: Settings = {
  include: [],
  exclude: [],
  most: 512 * MEGABYTE,
  rulesOfOthers: null,
  record: false
};

type Table = Record<string, unknown>;

/**
 * The settings in the text of a pyproject.toml; null if it has none. Throws a refusal that names the file, the line and what is
 * wrong with it: a misspelt `exclude` would ship what it was to keep at home.
 */
export function readSettings(path: string, text: string): Settings | null {
  // A pyproject.toml that says nothing to us may be as broken as it likes.
  if (!/auto[-_]?egg/i.test(text)) {
    return null;
  }
  const tools = tool(path, text);
  const refuse = (key: string, why: string) => {
    const line = lineOf(text, key);
    return refusals.badSettings(path, line === null ? why : `line ${line}: ${why}`);
  };
  const misspelt = Object.keys(tools).find(
    name => name !== 'autoegg' && name.toLowerCase().replace(/[-_]/g, '') === 'autoegg'
  );
  if (misspelt !== undefined) {
    throw refuse(misspelt, `[tool.${misspelt}] is not a table of autoegg: write [tool.autoegg].`);
  }
  const table = tools['autoegg'];
  if (table === undefined) {
    return null;
  }
  if (!isTable(table)) {
    throw refuse('autoegg', 'tool.autoegg must be a table.');
  }
  const unknown = Object.keys(table).find(key => !KEYS.includes(key));
  if (unknown !== undefined) {
    throw refuse(unknown, `[tool.autoegg] has no setting "${unknown}", only ${KEYS.join(', ')}.`);
  }
  const of = <T>(key: string, isRight: (value: unknown) => value is T, must: string, none: T) => {
    const value = table[key];
    if (value === undefined) {
      return none;
    }
    if (!isRight(value)) {
      throw refuse(key, `${key} under [tool.autoegg] must be ${must}.`);
    }
    return value;
  };
  const most = of('max-megabytes', isAmount, 'a number above zero', NO_SETTINGS.most / MEGABYTE);
  return {
    include: of('include', isList, 'a list of patterns', []),
    exclude: of('exclude', isList, 'a list of patterns', []),
    most: most * MEGABYTE,
    rulesOfOthers: of('rules-of-others', isDecision, '"follow" or "ignore"', null),
    record: of('record', isYesOrNo, 'true or false', NO_SETTINGS.record)
  };
}

/** The tables below `[tool]`. Throws a refusal with file and line when the text is no TOML. */
export function tool(path: string, text: string): Record<string, Table> {
  let all: unknown;
  try {
    all = parse(text)['tool'] ?? {};
  } catch (error) {
    const reason = (error as Error).message.split('\n')[0]!;
    const line = (error as { line?: number }).line;
    throw refusals.badSettings(path, line ? `line ${line}: ${reason}` : reason);
  }
  return isTable(all) ? (all as Record<string, Table>) : {};
}

/** The line in which a key is written, counted from the place where our table begins; null if it is not found. */
function lineOf(text: string, key: string): number | null {
  const lines = text.split('\n');
  const begin = lines.findIndex(line => /auto[-_]?egg/i.test(line.replace(/#.*/, '')));
  const name = key.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const written = new RegExp(`(^|[\\s.{,["'])${name}["']?\\s*[\\].=]`);
  const found = lines.findIndex((line, index) => index >= begin && written.test(line));
  return found < 0 ? null : found + 1;
}

const isTable = (value: unknown): value is Table =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);

const isList = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every(item => typeof item === 'string');

const isAmount = (value: unknown): value is number => typeof value === 'number' && value > 0;

const isYesOrNo = (value: unknown): value is boolean => typeof value === 'boolean';

const isDecision = (value: unknown): value is 'follow' | 'ignore' | null =>
  value === 'follow' || value === 'ignore';
