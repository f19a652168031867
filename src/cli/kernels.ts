import { fine, warning, type Check } from './check';
import type { PythonFacts } from './python';
import { runPython } from './runPython';

/** What `autoegg status --json` says (`autoegg/enabling/commands.py`). */
interface Status {
  environment: { file: string; enabled: boolean };
  user: { file: string; enabled: boolean };
  profiles: { name: string; loads: boolean; found: string | null; cure: string | null }[];
}

const NAME = 'kernels';

/** Which kernels load the extension by themselves, and which profile of IPython keeps them from it. */
export function checkKernels(facts: PythonFacts | null): Check[] {
  if (!facts?.distributions['ipython']) {
    return []; // reported by the check for IPython
  }
  const answer = runPython(facts.executable, '-m', 'autoegg', 'status', '--json');
  let status: Status;
  try {
    status = JSON.parse(answer.stdout) as Status;
  } catch {
    const said = /^autoegg: (.*)$/m.exec(answer.stderr ?? '')?.[1];
    return said ? [warning(NAME, said, 'then run `autoegg status`')] : [];
  }
  const { environment, user, profiles } = status;
  const files = [environment, user].filter(({ enabled }) => enabled).map(({ file }) => file);
  return [
    files.length > 0
      ? fine(NAME, `each one loads autoegg when it starts (${files.join(', ')})`)
      : fine(
          NAME,
          profiles[0]?.loads
            ? 'each one loads autoegg when it starts'
            : 'those of JupyterLab and Notebook load autoegg; `autoegg enable` makes all others load it, too'
        ),
    ...profiles.flatMap(({ name, found, cure }) =>
      found && cure ? [warning(`profile ${name}`, `does not load autoegg: ${found}`, cure)] : []
    )
  ];
}
