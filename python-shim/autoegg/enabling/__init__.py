"""``autoegg enable``: IPython's own configuration makes every kernel load the extension, however it is started.

A kernel that JupyterLab starts gets the extension from the server's start-up file. Those of a Kernel Gateway, VS Code,
papermill, a plain ``ipython``, or with a PYTHONSTARTUP of their own do not; what all of them read is ``ipython_config.py``.

The lines that ``enable`` writes there call ``add_to``. They must do no harm in any kernel that reads them, since an
exception would make IPython drop the whole file.
"""

from __future__ import annotations

import os
from typing import Any

EXTENSION = "autoegg"


def add_to(config: Any) -> None:
    """Appends the extension to the list of those that IPython loads; called by ``ipython_config.py``.

    Args:
        config: IPython's ``get_config()`` while it reads the file.

    Leaves the list alone if the extension is in it, or if AUTOEGG_DISABLE is set.
    """
    if os.environ.get("AUTOEGG_DISABLE", "0") not in ("", "0"):
        return
    section = config.InteractiveShellApp
    extensions = section.extensions
    if isinstance(extensions, (list, tuple)):
        if EXTENSION not in extensions:
            section.extensions = [*extensions, EXTENSION]
    elif hasattr(extensions, "append"):
        # traitlets' LazyConfigValue: no file has set the list yet, so this adds to whatever others set.
        extensions.append(EXTENSION)
