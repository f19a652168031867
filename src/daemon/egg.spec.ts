import JSZip from 'jszip';
import type { Files } from './digest';
import { versionOf } from './digest';
import { sha256 } from './disk';
import { buildEgg } from './egg';

const CONTENTS: Record<string, string> = {
  'lib/deep/er/a.py': 'A = 1\n',
  'lib/__init__.py': '',
  'lib/run.sh': '#!/bin/sh\n'
};
const files: Files = new Map(
  Object.entries(CONTENTS).map(([name, text]) => [
    name,
    { digest: sha256(text), size: text.length }
  ])
);
const label = { name: 'lib', kind: 'package' as const, version: versionOf(files) };
const read = (name: string) => Buffer.from(CONTENTS[name]!);

describe('an egg', () => {
  it('has the same bytes whatever the order in which its files were found', async () => {
    const reversed: Files = new Map([...files].reverse());
    expect(await buildEgg(label, files, null, read)).toEqual(
      await buildEgg(label, reversed, null, read)
    );
  });

  it('has an entry for each folder, before what lies in it', async () => {
    const zip = await JSZip.loadAsync(await buildEgg(label, files, null, read));
    expect(Object.keys(zip.files).filter(name => name.startsWith('lib/'))).toEqual([
      'lib/',
      'lib/deep/',
      'lib/deep/er/',
      'lib/__init__.py',
      'lib/deep/er/a.py',
      'lib/run.sh'
    ]);
  });

  it('lets scripts be run, as their content says, not their mode on disk', async () => {
    const zip = await JSZip.loadAsync(await buildEgg(label, files, null, read));
    expect(Number(zip.files['lib/run.sh']!.unixPermissions) & 0o777).toBe(0o755);
    expect(Number(zip.files['lib/__init__.py']!.unixPermissions) & 0o777).toBe(0o644);
  });

  it('says which version it is relative to and what is gone, when it is a patch', async () => {
    const patch = { base: 'older', deleted: ['lib/gone.py'] };
    const zip = await JSZip.loadAsync(await buildEgg(label, files, patch, read));
    const about = JSON.parse(await zip.file('EGG-INFO/autoegg.json')!.async('string')) as object;
    expect(about).toMatchObject({
      version: label.version,
      base: 'older',
      deleted: ['lib/gone.py']
    });
  });

  it('is refused above the number of entries that a zip can have', async () => {
    const many: Files = new Map(
      Array.from({ length: 65_600 }, (_, index) => [`lib/f${index}`, { digest: '', size: 0 }])
    );
    await expect(buildEgg(label, many, null, () => Buffer.alloc(0))).rejects.toMatchObject({
      code: 'too-large'
    });
  });
});
