"""Extension modules that were built for another Python or platform than this worker's: named where they are imported."""

from __future__ import annotations

import os
import socket
import sys
import sysconfig
from typing import Any

from . import switch, unpack


class Finder:
    """Stands behind the other finders, so it is asked only for what none of them has found."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        built = _built_otherwise(name)
        if built is None:
            return None
        # Not a refusal by autoegg: a library that can do without its accelerator catches this.
        raise ModuleNotFoundError(
            f"{name} cannot be imported on node {socket.gethostname()}: {built} was built for another Python or platform "
            f"than that of this worker ({sysconfig.get_config_var('SOABI')}). Build it with the Python that the executors "
            "have, or install the library there.",
            name=name,
        )


def install() -> None:
    sys.meta_path.append(Finder())


def _built_otherwise(name: str) -> str | None:
    """The extension module's file that would be this module elsewhere."""
    owner = switch.owner(name)
    if owner is None:
        return None
    for library, _, directory in switch.libraries:
        if library == owner[0]:
            begin = name.replace(".", "/") + "."
            for file in unpack.manifest_of(directory)["files"]:
                if file.startswith(begin) and file.endswith((".so", ".pyd")):
                    return os.path.join(os.path.basename(directory), file)
    return None
