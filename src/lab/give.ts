import type { TranslationBundle } from '@jupyterlab/translation';

import { Progress } from './progress';
import { pathOnServer } from './serverRoot';
import type { IAutoegg } from './tokens';

/** Gives a folder of the server to the kernel of the notebook in front, which runs behind the gateway, and says how that ended. */
export async function give(model: IAutoegg, path: string, trans: TranslationBundle): Promise<void> {
  const kernel = model.current?.link.kernel;
  const below = pathOnServer(path);
  if (!kernel) {
    return;
  }
  const progress = new Progress(trans.__('Giving the library to the kernel…'));
  try {
    if (below === null) {
      throw new Error(
        trans.__(
          '%1 is outside of this file browser: name it in AutoeggExtension.gateway_libraries when you start the server.',
          path
        )
      );
    }
    const { libraries, refused } = await model.server.give({ kernel, path: below });
    const given = trans.__('The kernel can import %1 from now on.', libraries.join(', '));
    await progress.end([given, ...refused].join(' '), !refused.length);
  } catch (error) {
    await progress.end((error as Error).message, false);
  }
}
