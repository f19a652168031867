import { fine, problem, warning, type Check } from './check';
import { runPython } from './runPython';

/** The environment of the kernels, as far as the interpreter that `autoegg` was installed into can tell. */
export interface PythonFacts {
  executable: string;
  version: [number, number, number];
  /** Installed distributions; null: not there. */
  distributions: Record<string, string | null>;
  /** Is the part of JupyterLab where JupyterLab looks for it? */
  labextension: boolean;
  serverConfig: boolean;
}

const DISTRIBUTIONS = ['jupyterlab', 'notebook', 'ipython', 'ipykernel', 'pyspark'] as const;

const PROGRAM = `
import json, os, sys
from importlib.metadata import PackageNotFoundError, version
def of(name):
    try:
        return version(name)
    except PackageNotFoundError:
        return None
def there(*parts):
    return os.path.exists(os.path.join(sys.prefix, *parts))
print(json.dumps({
    "executable": sys.executable,
    "version": sys.version_info[:3],
    "distributions": {name: of(name) for name in ${JSON.stringify(DISTRIBUTIONS)}},
    "labextension": there("share", "jupyter", "labextensions", "jupyterlab-autoegg", "package.json"),
    "serverConfig": there("etc", "jupyter", "jupyter_server_config.d", "jupyterlab_autoegg.json"),
}))
`;

/** Asks the Python that runs us, else the first on PATH; null when there is none. */
export function pythonFacts(): PythonFacts | null {
  const python = process.env['AUTOEGG_PYTHON'] ?? 'python3';
  const answer = runPython(python, '-c', PROGRAM);
  try {
    return JSON.parse(answer.stdout.trim().split('\n').at(-1)!) as PythonFacts;
  } catch {
    return null;
  }
}

export function checkPython(facts: PythonFacts | null): Check[] {
  if (facts === null) {
    return [
      problem(
        'Python',
        'no working Python was found',
        'install Python 3.10 or newer and put it on PATH'
      )
    ];
  }
  const { distributions, version } = facts;
  const found = `${version.join('.')} (${facts.executable})`;
  const isNew = atLeast(version.join('.'), [3, 10]);
  return [
    isNew ? fine('Python', found) : problem('Python', found, 'kernels need Python 3.10 or newer'),
    frontEnd(facts),
    needed('IPython', distributions['ipython'], [8], '`pip install --upgrade ipython ipykernel`'),
    spark(distributions['pyspark'] ?? null, version),
    ...workers(facts)
  ];
}

function frontEnd({ distributions, labextension, serverConfig }: PythonFacts): Check {
  const { jupyterlab, notebook } = distributions;
  const found = [jupyterlab && `JupyterLab ${jupyterlab}`, notebook && `Notebook ${notebook}`]
    .filter(Boolean)
    .join(', ');
  if (!found) {
    return warning(
      'JupyterLab',
      'neither JupyterLab nor Notebook is in this environment',
      'run `autoegg enable`, or `pip install "jupyterlab>=4.6"`'
    );
  }
  if (!atLeast(jupyterlab ?? '0', [4, 6]) && !atLeast(notebook ?? '0', [7, 6])) {
    return problem(
      'JupyterLab',
      found,
      'JupyterLab 4.6 or Notebook 7.6 is needed: `pip install --upgrade "jupyterlab>=4.6"`'
    );
  }
  if (!labextension || !serverConfig) {
    return problem(
      'JupyterLab',
      `${found}, without autoegg's ${labextension ? 'server extension' : 'plugin'}`,
      '`pip install --force-reinstall --no-deps jupyterlab-autoegg` in the environment that JupyterLab runs in'
    );
  }
  return fine('JupyterLab', found);
}

function needed(
  name: string,
  found: string | null | undefined,
  least: number[],
  cure: string
): Check {
  if (!found) {
    return problem(name, 'not in this environment', cure);
  }
  return atLeast(found, least)
    ? fine(name, found)
    : problem(name, `${found} is older than ${least.join('.')}`, cure);
}

function spark(found: string | null, python: readonly number[]): Check {
  const name = 'PySpark';
  if (found === null) {
    return warning(
      name,
      'not in this environment',
      'without Spark only the driver is kept up to date: `pip install pyspark`, or point SPARK_HOME and PYTHONPATH at yours'
    );
  }
  const major = Number(found.split('.')[0]);
  if (major < 3 || (major === 3 && !atLeast(found, [3, 5]))) {
    return problem(name, found, 'Spark 3.5 or 4.x is needed: `pip install --upgrade pyspark`');
  }
  if (major === 3 && atLeast(python.join('.'), [3, 12])) {
    return problem(
      name,
      `${found} on Python ${python.join('.')}`,
      'Spark 3.5 runs on Python 3.10 and 3.11: use one of them, or Spark 4'
    );
  }
  if (major > 4) {
    return warning(name, found, 'Spark 3.5 and 4.x are known; shipping to this one may be refused');
  }
  return fine(name, found);
}

/** The Python that PySpark starts its workers with on this machine: their minor version must be the driver's. */
function workers({ distributions, executable, version }: PythonFacts): Check[] {
  if (!distributions['pyspark']) {
    return [];
  }
  const name = "Spark workers' Python";
  const named = process.env['PYSPARK_PYTHON'];
  const python = named ?? 'python3';
  const cure = `set PYSPARK_PYTHON=${executable} (on a cluster, a Python ${version[0]}.${version[1]} that every node has) before a session is built`;
  const program = 'import sys; print("%d.%d" % sys.version_info[:2])';
  const answer = runPython(python, '-c', program);
  const said = answer.error ? '' : answer.stdout.trim();
  const bad = named ? problem : warning;
  const where = named ? `PYSPARK_PYTHON names ${named}` : 'PYSPARK_PYTHON is not set';
  if (!/^\d+\.\d+$/.test(said)) {
    return [bad(name, `${where}, and ${python} does not start`, cure)];
  }
  return said === `${version[0]}.${version[1]}`
    ? [fine(name, `${said} (${python})`)]
    : [bad(name, `${where}, and ${python} is ${said}, the driver ${version.join('.')}`, cure)];
}

/** Compares the leading numbers of a version. */
export function atLeast(version: string, least: readonly number[]): boolean {
  const numbers = version.split('.').map(part => parseInt(part, 10) || 0);
  for (const [index, number] of least.entries()) {
    if ((numbers[index] ?? 0) !== number) {
      return (numbers[index] ?? 0) > number;
    }
  }
  return true;
}
