import { pathInLibrary, pathOfMember } from './libraryFiles';

it('a file is asked for by its path in the library', () => {
  const library = (name: string, path: string) => ({ key: 'k', name, path });
  expect(pathInLibrary('/p/shapes/flat.py', library('shapes', '/p/shapes'))).toBe('shapes/flat.py');
  expect(pathInLibrary('/p/code/flat.py', library('geo.shapes', '/p/code'))).toBe(
    'geo/shapes/flat.py'
  );
  expect(pathInLibrary('/p/helpers.py', library('helpers', '/p/helpers.py'))).toBe('helpers.py');
});

it.each([
  ['/p/shapes/flat.py', 'shapes', '/p/shapes'],
  ['/p/code/flat.py', 'geo.shapes', '/p/code'],
  ['/p/helpers.py', 'helpers', '/p/helpers.py']
])('%s is opened by its path on disk', (file, name, path) => {
  const library = { key: 'k', name, path };
  expect(pathOfMember(pathInLibrary(file, library), library)).toBe(file);
});
