import { checkFolders } from './folders';
import { checkJava } from './java';
import { checkKernels } from './kernels';
import { checkNode } from './node';
import type { Outcome } from './outcome';
import { checkPython, pythonFacts } from './python';
import { checkWatching } from './watching';

const MARKS = { fine: 'ok     ', warning: 'warning', problem: 'PROBLEM' };

/** Looks at everything that autoegg needs of this machine. */
export async function doctor(): Promise<Outcome> {
  const python = pythonFacts();
  const checks = [
    ...checkNode(),
    ...checkPython(python),
    ...checkKernels(python),
    ...checkJava(python),
    ...(await checkWatching()),
    ...checkFolders()
  ];
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks.map(
    ({ name, condition, found, cure }) =>
      `${MARKS[condition]}  ${name.padEnd(width)}  ${found}${cure ? `\n${' '.repeat(11 + width)}→ ${cure}` : ''}`
  );
  const failed = checks.some(({ condition }) => condition === 'problem');
  return { text: `${lines.join('\n')}\n`, remarks: [], data: { ok: !failed, checks }, failed };
}
