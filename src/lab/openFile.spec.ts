import { pathInLibrary, pathOnServer } from './openFile';

it('a file below the server’s root opens in its editor', () => {
  expect(pathOnServer('/home/ada/src/a.py', '/home/ada')).toBe('src/a.py');
  expect(pathOnServer('/home/ada/src/a.py', '/home/ada/')).toBe('src/a.py');
  expect(pathOnServer('/srv/src/a.py', '/')).toBe('srv/src/a.py');
});

it('a file elsewhere does not, however alike the names are', () => {
  expect(pathOnServer('/home/adam/src/a.py', '/home/ada')).toBeNull();
  expect(pathOnServer('/home/ada/src/a.py', '')).toBeNull();
});

it('a file is asked for by its path in the library', () => {
  const library = (name: string, path: string) => ({ key: 'k', name, path });
  expect(pathInLibrary('/p/shapes/flat.py', library('shapes', '/p/shapes'))).toBe('shapes/flat.py');
  expect(pathInLibrary('/p/code/flat.py', library('geo.shapes', '/p/code'))).toBe(
    'geo/shapes/flat.py'
  );
  expect(pathInLibrary('/p/helpers.py', library('helpers', '/p/helpers.py'))).toBe('helpers.py');
});
