import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fine, problem, warning, type Check } from './check';
import type { PythonFacts } from './python';

/** Which Java Spark runs on: its own documentation, by its first number. */
const KNOWN: Record<string, number[]> = { '3': [8, 11, 17], '4': [17, 21] };

export function checkJava(python: PythonFacts | null): Check[] {
  const spark = python?.distributions['pyspark'];
  if (!spark) {
    return [];
  }
  const wanted = KNOWN[spark.split('.')[0]!] ?? KNOWN['4']!;
  const cure = `install Java ${wanted.join(' or ')} and put it on PATH or into JAVA_HOME (Spark Connect alone needs none here)`;
  const home = process.env['JAVA_HOME'];
  const java = home ? join(home, 'bin', 'java') : 'java';
  const answer = spawnSync(java, ['-version'], { encoding: 'utf8', timeout: 60_000 });
  if (answer.error) {
    const where = home ? `JAVA_HOME names ${home}, which has no bin/java` : 'none on PATH';
    return [problem('Java', where, cure)];
  }
  const said = /version "([^"]+)"/.exec(answer.stderr)?.[1];
  if (!said) {
    return [problem('Java', `${java} does not report its version`, cure)];
  }
  // 1.8.0_392 is Java 8.
  const number = Number(/^(?:1\.)?(\d+)/.exec(said)?.[1]);
  const found = `${said} (${java})`;
  if (wanted.includes(number)) {
    return [fine('Java', found)];
  }
  return [
    number < Math.min(...wanted)
      ? problem('Java', `${found} is too old for Spark ${spark}`, cure)
      : warning('Java', `${found} is not among the versions that Spark ${spark} names`, cure)
  ];
}
