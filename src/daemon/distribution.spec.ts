import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { dirname, join } from 'path';
import { distributionOf, metadataOf } from './distribution';

let project: string;

function write(path: string, text = ''): void {
  mkdirSync(dirname(join(project, path)), { recursive: true });
  writeFileSync(join(project, path), text);
}

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'autoegg-distribution-'));
  mkdirSync(join(project, '.git'));
  write('src/acme/__init__.py');
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

const found = () => distributionOf(join(project, 'src/acme'));

describe('the distribution of a library', () => {
  it('is what the pyproject.toml above it says', () => {
    write(
      'pyproject.toml',
      '[project]\nname = "acme-tools"\nversion = "1.2"\n[project.scripts]\nacme = "acme:main"\n[project.entry-points."acme.plugins"]\nx = "acme.x:X"\n'
    );
    expect(found()).toEqual({
      name: 'acme-tools',
      version: '1.2',
      entryPoints: '[console_scripts]\nacme = acme:main\n\n[acme.plugins]\nx = acme.x:X\n'
    });
  });

  it('is what poetry calls it', () => {
    write('pyproject.toml', '[tool.poetry]\nname = "acme-tools"\nversion = "3"\n');
    expect(found()).toMatchObject({ name: 'acme-tools', version: '3' });
  });

  it('has the version that a build has written down, where the project leaves it to the build', () => {
    write('pyproject.toml', '[project]\nname = "acme-tools"\ndynamic = ["version"]\n');
    expect(found()).toMatchObject({ version: null });
    write(
      'acme_tools.egg-info/PKG-INFO',
      'Metadata-Version: 2.1\nName: acme-tools\nVersion: 4.5\n'
    );
    expect(found()).toMatchObject({ version: '4.5' });
  });

  it('is what setuptools has left beside the code', () => {
    write('src/acme.egg-info/PKG-INFO', 'Name: acme\nVersion: 7\n');
    write('src/acme.egg-info/entry_points.txt', '[g]\na = acme:a\n');
    expect(found()).toEqual({ name: 'acme', version: '7', entryPoints: '[g]\na = acme:a\n' });
  });

  it('is none where no project names it, or one that cannot be read', () => {
    expect(found()).toBeNull();
    write('pyproject.toml', 'this is [ not toml');
    expect(found()).toBeNull();
    write('pyproject.toml', '[tool.ruff]\nline-length = 100\n');
    expect(found()).toBeNull();
  });

  it('is none of the folders above the repository', () => {
    write('pyproject.toml', '[project]\nname = "outer"\nversion = "1"\n');
    mkdirSync(join(project, 'src/.git'));
    expect(found()).toBeNull();
  });

  it('is written as importlib.metadata reads it', () => {
    expect(
      metadataOf({ name: 'acme-tools', version: null, entryPoints: '' }, '0+0123456789abcdef')
    ).toEqual({
      'acme_tools-0+0123456789abcdef.dist-info/METADATA':
        'Metadata-Version: 2.1\nName: acme-tools\nVersion: 0+0123456789abcdef\n'
    });
  });
});
