import { pathInLibrary } from './openFile';

it('a file is asked for by its path in the library', () => {
  const library = (name: string, path: string) => ({ key: 'k', name, path });
  expect(pathInLibrary('/p/shapes/flat.py', library('shapes', '/p/shapes'))).toBe('shapes/flat.py');
  expect(pathInLibrary('/p/code/flat.py', library('geo.shapes', '/p/code'))).toBe(
    'geo/shapes/flat.py'
  );
  expect(pathInLibrary('/p/helpers.py', library('helpers', '/p/helpers.py'))).toBe('helpers.py');
});
