"""Which of this server's folders a request may name: those that its file browser shows."""

from __future__ import annotations

import os
from typing import Any


class OutsideRoot(Exception):
    """The path is not below the server's root. ``str()`` is one sentence."""


def place_below(contents_manager: Any, path: str) -> str:
    """The absolute path of what a file browser calls ``path``. Raises OutsideRoot, also for links that lead out of the root, and for
    what the file browser hides."""
    refused = OutsideRoot(
        f"{path} is not a folder below this server's root; name it in AutoeggExtension.gateway_libraries when you start the server"
    )
    root = os.path.expanduser(getattr(contents_manager, "root_dir", ""))
    if not root or "\0" in path:
        raise refused
    place = os.path.join(root, path.strip("/"))
    root, real = os.path.realpath(root), os.path.realpath(place)
    if os.path.commonpath([root, real]) != root or not os.path.exists(real):
        raise refused
    below = os.path.relpath(real, root).split(os.sep)
    if not getattr(contents_manager, "allow_hidden", False) and any(
        part.startswith(".") for part in below if part != "."
    ):
        raise refused
    return real
