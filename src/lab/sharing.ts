/**
 * `after`, built from those parts of `before` that say the same: whatever has not changed is the same object as before, so
 * that a comparison by identity shows what is new. For plain JSON.
 */
export function shared<T>(before: unknown, after: T): T {
  if (Object.is(before, after) || !isContainer(before) || !isContainer(after)) {
    return after;
  }
  if (Array.isArray(before) !== Array.isArray(after)) {
    return after;
  }
  const [old, now] = [before, after as Container];
  const keys = Object.keys(now);
  let isSame = keys.length === Object.keys(old).length;
  for (const key of keys) {
    const part = shared(old[key], now[key]);
    isSame &&= Object.is(part, old[key]);
    now[key] = part;
  }
  return isSame ? (before as T) : after;
}

type Container = Record<string, unknown>;

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}
