import { printOf } from './print';

// tests/kernel/test_early_cells.py has the same examples: kernel and page must agree.
it.each([
  ['', '0.0'],
  ['a', '1.97'],
  ['  x = 1\n', '5.111835494'],
  ['tag 🙂 ü', '8.878255623'],
  ['z'.repeat(50), '50.-1690976960']
])('the print of a code is the one that the kernel makes: %j', (source, shown) => {
  expect(printOf(source)).toBe(shown);
});
