// The results in benchmarks/README.md: the text between two markers is written anew from what the benchmarks left.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cache, inCheckout } from './setup/checkout.mjs';
import { SetupError } from './setup/run.mjs';

const page = inCheckout('benchmarks', 'README.md');
const begin = '<!-- results: begin -->';
const end = '<!-- results: end -->';

/**
 * `names` of the benchmarks in the order of the page; those that never ran here keep no section. A benchmark that ran
 * with several versions of Spark left a file for each: `name_3.5.json`.
 */
export function renewReadme(names) {
  const text = readFileSync(page, 'utf8');
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined)
    throw new SetupError(`${page} has lost its markers ${begin} and ${end}.`);
  const folder = join(cache, 'bench');
  const files = existsSync(folder) ? readdirSync(folder).sort() : [];
  const results = names
    .flatMap(name => files.filter(file => file.replace(/(_\d\.\d)?\.json$/, '') === name))
    .map(file => JSON.parse(readFileSync(join(folder, file), 'utf8')));
  const blocks = [...machines(results), ...results.flatMap(section)];
  writeFileSync(page, `${before}${[begin, ...blocks, end].join('\n\n')}${after}`);
}

const machines = results => [...new Set(results.map(result => `${result.machine}.`))];

const line = cells => `| ${cells.join(' | ')} |`;

/** Blocks of Markdown, to be parted by empty lines. */
function section({ title, columns, rows, aims, notes }) {
  const rule = columns.map((_, column) => (column === 0 ? '---' : '---:'));
  const table = [columns, rule, ...rows].map(line).join('\n');
  const list = [...aims.map(aim => aim.text), ...notes].map(text => `- ${text}`).join('\n');
  // Aligning the columns is nobody's work.
  return [`### ${title}`, `<!-- prettier-ignore -->\n${table}`, ...(list ? [list] : [])];
}
