import { shared } from './sharing';

describe('what has not changed', () => {
  const before = { a: [{ b: 1 }, { b: 2 }], c: { d: null } };
  const copy = () => JSON.parse(JSON.stringify(before)) as typeof before;

  it('is the same object as before, all of it if nothing is new', () => {
    expect(shared(before, copy())).toBe(before);
  });

  it('stays the same object beside what is new', () => {
    const after = shared(before, { ...copy(), a: [{ b: 1 }, { b: 3 }] });
    expect(after).toEqual({ a: [{ b: 1 }, { b: 3 }], c: { d: null } });
    expect(after.a).not.toBe(before.a);
    expect(after.a[0]).toBe(before.a[0]);
    expect(after.c).toBe(before.c);
  });

  it('is what a kernel says of each part by itself, however often it is said', () => {
    const once = shared(before, copy());
    const changed = shared(once, { ...copy(), c: { d: 1 } });
    const twice = shared(changed, { ...copy(), c: { d: 1 } });
    expect(twice).toBe(changed);
    expect(twice.a).toBe(before.a);
  });

  it.each<[string, unknown, unknown]>([
    ['a part that went', { a: 1, b: 2 }, { a: 1 }],
    ['a part that came', { a: 1 }, { a: 1, b: 2 }],
    ['a shorter list', [1, 2], [1]],
    ['a list in the place of an object', { 0: 1 }, [1]],
    ['a value in the place of nothing', null, { a: 1 }],
    ['nothing in the place of a value', { a: 1 }, null],
    ['another name for the same value', { a: 1 }, { b: 1 }],
    ['a text in the place of a number', { a: 1 }, { a: '1' }],
    ['no in the place of a zero', { a: 0 }, { a: false }],
    ['nothing in the place of a list', { a: [] }, { a: null }]
  ])('does not hide %s', (_, old, now) => {
    const after = shared(old, now);
    expect(after).toBe(now);
    expect(after).not.toEqual(old);
  });
});
