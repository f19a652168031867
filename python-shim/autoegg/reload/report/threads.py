"""Threads that are inside library code while it is reloaded: they finish what they began with the old code."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from types import FrameType


def threads_inside(owns: Callable[[str], bool]) -> list[tuple[str, str]]:
    """(thread, innermost function of a file that ``owns`` says is the library's) for each other thread that is in one."""
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    found = []
    tops = sys._current_frames()
    # A frame that holds itself keeps all of its callers' variables until the garbage collector runs.
    tops.pop(threading.get_ident(), None)
    for ident, top in tops.items():
        frame: FrameType | None = top
        while frame is not None:
            code = frame.f_code
            if os.path.isabs(code.co_filename) and owns(code.co_filename):
                found.append((names.get(ident, str(ident)), getattr(code, "co_qualname", code.co_name)))
                break
            frame = frame.f_back
    return found
