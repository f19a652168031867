/** Cells that run before autoegg is in the kernel: *Restart Kernel and Run All Cells* where the kernel starts without it. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { edit, flat, project } from './shapes';
import { expect, openNotebook, openPanel, panel, shots, test } from './support';

const shot = shots('cells');

/** A kernelspec whose PYTHONSTARTUP is its own, as those of PySpark have it; autoegg's is overridden by it. */
function kernelspec(home: string): string {
  const folder = join(home, 'data', 'kernels', 'own-startup');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'startup.py'), 'mine = 5\n');
  const spec = {
    argv: ['python', '-m', 'ipykernel_launcher', '-f', '{connection_file}'],
    display_name: 'With a start-up file of its own',
    language: 'python',
    env: { PYTHONSTARTUP: join(folder, 'startup.py') }
  };
  writeFileSync(join(folder, 'kernel.json'), JSON.stringify(spec));
  return 'own-startup';
}

test('cells that ran before autoegg was loaded are reported and marked, and run again with one command', async ({
  page,
  root
}) => {
  const folder = project(root, 'early-project');
  const name = kernelspec(join(root, '..'));
  const file = join(folder, 'notebook.ipynb');
  const sources = [
    'import sys\nsys.path.insert(0, "src")\nfrom shapes import area',
    'print(area(3))',
    'print("nothing of it")'
  ];
  const notebook = JSON.parse(readFileSync(file, 'utf8'));
  notebook.metadata.kernelspec = { name, display_name: name, language: 'python' };
  notebook.cells = sources.map((source, index) => ({
    id: `cell${index}`,
    cell_type: 'code',
    metadata: {},
    source,
    outputs: [],
    execution_count: null
  }));
  writeFileSync(file, JSON.stringify(notebook));

  // However fast the page is, the cells are queued before it has asked for what it loads into the kernel.
  let release = () => undefined as void;
  const cellsHaveRun = new Promise<void>(resolve => (release = resolve));
  await page.route('**/autoegg/bootstrap*', async route => {
    await cellsHaveRun;
    await route.continue();
  });
  await page.goto();
  await openNotebook(page, 'early-project/notebook.ipynb');
  await openPanel(page);
  const restarted = page.evaluate(() =>
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    (window as any).jupyterapp.commands.execute('notebook:restart-run-all')
  );
  await page.getByRole('button', { name: 'Confirm Kernel Restart' }).click();
  await restarted;
  await expect(page.locator('.jp-OutputArea-output', { hasText: 'nothing of it' })).toBeVisible();
  release();

  const marks = page.locator('.jp-Autoegg-cellMark');
  await expect(marks).toHaveText([
    'ran before autoegg was loaded',
    'ran before autoegg was loaded'
  ]);
  const told = page
    .getByRole('alert')
    .filter({ hasText: 'ran before autoegg was loaded; they are marked' });
  await expect(told).toContainText(
    'Run `autoegg enable` once to load autoegg whenever a kernel starts.'
  );
  await shot(page, 'early');
  await expect(panel(page)).toContainText('shapes');

  // What they ran is made sure of now.
  edit(flat(folder), ' + 10');
  await told.getByRole('button', { name: 'Run Stale Cells' }).click();
  await expect(page.locator('.jp-OutputArea-output', { hasText: '19' })).toBeVisible();
  await expect(marks).toHaveCount(0);
});
