/** "Ship library" while the daemon builds for long: real server, daemon, kernel and Spark. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { edit, flat, project, row, START, startSpark } from './shapes';
import { addCell, evaluate, expect, openNotebook, openPanel, panel, shots, test } from './support';

const shot = shots('ship');

/** So many that to read and pack them takes the daemon many times as long as somebody needs to press a button. */
const MODULES = 30_000;

/** Makes a package of many modules beside the library, and moves it there at once. */
function grow(folder: string): void {
  const made = join(folder, 'made');
  mkdirSync(made);
  writeFileSync(join(made, '__init__.py'), '');
  for (let number = 0; number < MODULES; number++) {
    writeFileSync(
      join(made, `part_${number}.py`),
      `"""Part ${number}."""\n\n\ndef number():\n    return ${number}\n`
    );
  }
  renameSync(made, join(folder, 'src', 'shapes', 'parts'));
}

test('a long build is cancelled: nothing of it is shipped, and the next cell has all of it', async ({
  page,
  root
}) => {
  // Two builds of tens of thousands of files.
  test.slow();
  const folder = project(root, 'ship-project');
  await page.goto();
  await openNotebook(page, 'ship-project/notebook.ipynb');
  await openPanel(page);
  await startSpark(page);
  expect(await addCell(page, START)).toContain('[0, 1, 4]');
  const condition = row(page).locator('.jp-Autoegg-condition');
  const version = row(page).locator('.jp-Autoegg-version');
  await expect(condition).toHaveText('up to date');
  const before = (await version.textContent())!;
  await evaluate(page, 'listed = sorted(sc.listFiles)');
  const toast = page.locator('.Toastify__toast');

  await test.step('cancelled while the daemon builds', async () => {
    grow(folder);
    edit(flat(folder), ' + 10');
    await page
      .locator('.jp-NotebookPanel-toolbar')
      .getByRole('button', { name: /^Ship library/ })
      .click();
    await expect(toast).toContainText(/Building the libraries of this notebook: \d+ % done/);
    await shot(page, 'building');
    await toast.getByRole('button', { name: 'Cancel' }).click();
    // Another one: JupyterLab takes the first away with the press.
    await expect(page.locator('.Toastify__toast--error')).toContainText(
      'cancelled; driver and workers run what they ran before'
    );
    await expect(toast).toHaveCount(1);
    await shot(page, 'cancelled');
  });

  await test.step('nothing of it has been shipped', async () => {
    await expect(version).toHaveText(before);
    await expect(condition).not.toHaveText('up to date');
    // Beside the cells, so that nothing is brought up to date first.
    await evaluate(
      page,
      `assert (areas(), shapes.area(3)) == ([0, 1, 4], 9)
assert sorted(sc.listFiles) == listed
assert not hasattr(shapes, "parts")`
    );
    await expect(panel(page).getByRole('button', { name: 'Ship library' })).toBeEnabled();
  });

  await test.step('the next cell has all of it, on the driver and on a worker', async () => {
    const last = `shapes.parts.part_${MODULES - 1}`;
    expect(
      await addCell(
        page,
        `import ${last}
def numbers(side):
    import ${last}
    return ${last}.number(), shapes.area(side)

print(${last}.number(), areas(), sc.parallelize([2], 1).map(numbers).collect())`
      )
    ).toContain(`${MODULES - 1} [10, 11, 14] [(${MODULES - 1}, 14)]`);
    await expect(condition).toHaveText('up to date');
    await expect(version).not.toHaveText(before);
    await expect(row(page)).toContainText(`${MODULES + 4} files`);
  });
});
