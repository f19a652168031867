// For tests without root, who cannot give files away: Node sees the files named in STRANGERS as another user's.
import fs from 'node:fs';
import process from 'node:process';

const theirs = new Set((process.env.STRANGERS ?? '').split(':'));
for (const name of ['lstatSync', 'statSync']) {
  const original = fs[name];
  fs[name] = (path, ...more) => {
    const stats = original(path, ...more);
    if (stats && theirs.has(path)) stats.uid += 1;
    return stats;
  };
}
