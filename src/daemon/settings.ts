import { parse } from 'smol-toml';
import { refusals } from './refusal';

/** What a project says about its libraries: `[tool.autoegg]` in its pyproject.toml. */
export interface Settings {
  /** Patterns as in .gitignore, relative to the folder of the pyproject.toml. */
  include: string[];
  exclude: string[];
  /** Bytes that the files of one library may have together (`max-megabytes`). */
  most: number;
}

const MEGABYTE = 1_000_000;

export const NO_SETTINGS: Settings = { include: [], exclude: [], most: 512 * MEGABYTE };

/** The settings in the text of a pyproject.toml. Throws a refusal that names the file and what is wrong with it. */
export function readSettings(path: string, text: string): Settings {
  // A pyproject.toml that says nothing to us may be as broken as it likes.
  const table = text.includes('autoegg') ? (tool(path, text)['autoegg'] ?? {}) : {};
  return {
    include: list(path, table, 'include'),
    exclude: list(path, table, 'exclude'),
    most: megabytes(path, table) * MEGABYTE
  };
}

/** The tables below `[tool]`. Throws a refusal with file and line when the text is no TOML. */
export function tool(path: string, text: string): Record<string, Record<string, unknown>> {
  try {
    return (parse(text)['tool'] ?? {}) as Record<string, Record<string, unknown>>;
  } catch (error) {
    const reason = (error as Error).message.split('\n')[0]!;
    const line = (error as { line?: number }).line;
    throw refusals.badSettings(path, line ? `line ${line}: ${reason}` : reason);
  }
}

function list(path: string, table: Record<string, unknown>, key: string): string[] {
  const value = table[key] ?? [];
  if (!Array.isArray(value) || !value.every(item => typeof item === 'string')) {
    throw refusals.badSettings(path, `${key} under [tool.autoegg] must be a list of patterns.`);
  }
  return value;
}

function megabytes(path: string, table: Record<string, unknown>): number {
  const value = table['max-megabytes'] ?? NO_SETTINGS.most / MEGABYTE;
  if (typeof value !== 'number' || !(value > 0)) {
    throw refusals.badSettings(
      path,
      'max-megabytes under [tool.autoegg] must be a number above zero.'
    );
  }
  return value;
}
