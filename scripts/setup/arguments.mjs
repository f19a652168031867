// What stands on the command line of a script: a name that there is not would otherwise be left out in silence.
import { SetupError } from './run.mjs';

/** Refuses what is not among `known`; `kind` is what such a thing is called, e.g. "suite". */
export function refuseUnknown(wanted, known, kind) {
  const unknown = wanted.filter(name => !known.includes(name));
  if (unknown.length)
    throw new SetupError(
      `There is no ${kind} ${unknown.map(name => `"${name}"`).join(' and no ')}; there is: ${known.join(' · ')}`
    );
}
