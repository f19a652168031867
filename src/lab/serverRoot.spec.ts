import { PageConfig } from '@jupyterlab/coreutils';

import { pathOnDisk, pathOnServer } from './serverRoot';

const say = (autoeggRoot: string, serverRoot = '~/src') => {
  PageConfig.setOption('autoeggRoot', autoeggRoot);
  PageConfig.setOption('serverRoot', serverRoot);
};

it('a file below the server’s root opens in its editor, also where the root lies in the home', () => {
  say('/home/ada/src');
  expect(pathOnServer('/home/ada/src/a.py')).toBe('a.py');
  say('/home/ada/src/');
  expect(pathOnServer('/home/ada/src/a.py')).toBe('a.py');
  expect(pathOnDisk('a.py')).toBe('/home/ada/src/a.py');
  say('/', '/');
  expect(pathOnServer('/srv/src/a.py')).toBe('srv/src/a.py');
});

it('without the server extension, the root that JupyterLab names is believed', () => {
  say('', '/srv');
  expect(pathOnServer('/srv/src/a.py')).toBe('src/a.py');
});

it('a file elsewhere does not open there, however alike the names are', () => {
  say('/home/ada');
  expect(pathOnServer('/home/adam/src/a.py')).toBeNull();
  say('', '~/src');
  expect(pathOnServer('/home/ada/src/a.py')).toBeNull();
  say('', '');
  expect(pathOnServer('/home/ada/src/a.py')).toBeNull();
});
