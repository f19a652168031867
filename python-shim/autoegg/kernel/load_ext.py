"""``%load_ext autoegg`` in a kernel that has the extension already says nothing.

A notebook that should run anywhere begins with that line, and JupyterLab or ``autoegg enable`` may have loaded it already.
IPython answers with two lines that read like an error (``ExtensionMagics.load_ext``), and has no switch for them.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any


class QuietLoad:
    """Stands in for IPython's ``%load_ext``, and hands on everything else."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._installed: Callable[[str], Any] | None = None
        self._original: Callable[[str], Any] | None = None

    def install(self) -> None:
        original = self._shell.find_line_magic("load_ext")
        if original is None:
            return

        @functools.wraps(original)
        def load_ext(line: str) -> Any:
            if line.strip() == "autoegg" and "autoegg" in self._shell.extension_manager.loaded:
                return None
            return original(line)

        self._original, self._installed = original, load_ext
        self._shell.register_magic_function(load_ext, "line", "load_ext")

    def uninstall(self) -> None:
        # If something else was installed on top of ours, it stays.
        if self._original is not None and self._shell.find_line_magic("load_ext") is self._installed:
            self._shell.register_magic_function(self._original, "line", "load_ext")
