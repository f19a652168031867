// How many tests passed and failed, from the reports of the three test runners. A skipped test counts as a failure:
// nothing here is allowed to be left out silently.
import { readFileSync } from 'node:fs';

const json = report => JSON.parse(readFileSync(report, 'utf8'));

export function junitCounts(report) {
  const text = readFileSync(report, 'utf8');
  const suites = [...text.matchAll(/<testsuite\s[^>]*>/g)].map(([tag]) => tag);
  const sum = name =>
    suites.reduce(
      (total, tag) => total + Number(new RegExp(`\\s${name}="(\\d+)"`).exec(tag)?.[1] ?? 0),
      0
    );
  const failed = sum('failures') + sum('errors') + sum('skipped');
  return { passed: Math.max(0, sum('tests') - failed), failed };
}

export function jestCounts(report) {
  const { numPassedTests, numTotalTests, numRuntimeErrorTestSuites } = json(report);
  return {
    passed: numPassedTests,
    failed: numTotalTests - numPassedTests + numRuntimeErrorTestSuites
  };
}

export function playwrightCounts(report) {
  const { stats, errors } = json(report);
  return {
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky + stats.skipped + errors.length
  };
}
