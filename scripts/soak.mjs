// npm run test:soak: random edits and faults under living notebooks, for 30 minutes unless the arguments say otherwise.
import { spawnSync } from 'node:child_process';
import { inCheckout, root, venvPython } from './setup/checkout.mjs';
import { pythonEnvironment } from './setup/environment.mjs';
import { setUp } from './setup/index.mjs';
import { exitWith } from './setup/run.mjs';
import { sparkConf } from './testing/spark-conf.mjs';

await exitWith(async () => {
  const { java } = await setUp();
  const { status } = spawnSync(
    venvPython('lab'),
    [inCheckout('tests', 'soak', 'soak.py'), ...process.argv.slice(2)],
    {
      cwd: root,
      env: { ...pythonEnvironment('lab', { java }), SPARK_CONF_DIR: sparkConf() },
      stdio: 'inherit'
    }
  );
  return status === 0 ? 0 : 1;
});
