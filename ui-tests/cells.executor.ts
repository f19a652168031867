/** Cells that the server runs for the page (`jupyter_server_nbmodel`): the kernel is told no id of a cell. */
import { edit, flat, project } from './shapes';
import { addCell, expect, openNotebook, openPanel, panel, shots, test } from './support';

const shot = shots('cells');

test('cells that the server runs are marked like those that the page runs', async ({
  page,
  root
}) => {
  const folder = project(root, 'executor-project');
  const requests: string[] = [];
  page.on('request', request => {
    if (request.method() === 'POST' && /\/api\/kernels\/[^/]+\/execute/.test(request.url())) {
      requests.push(request.postData() ?? '');
    }
  });
  await page.goto();
  await openNotebook(page, 'executor-project/notebook.ipynb');
  await openPanel(page);
  await addCell(page, 'import sys\nsys.path.insert(0, "src")\nfrom shapes import area');
  await addCell(page, 'print(area(3))');
  await addCell(page, 'print("nothing of it")');
  await expect(panel(page)).toContainText('up to date');
  expect(requests).toHaveLength(3);
  const marks = page.locator('.jp-Autoegg-cellMark');
  await expect(marks).toHaveCount(0);
  edit(flat(folder), ' + 10');
  await expect(marks).toHaveText([/^ran on/, /^ran on/]);
  await shot(page, 'executor');
});
