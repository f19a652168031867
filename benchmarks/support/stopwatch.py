"""A cell that makes the extension's own steps tell how long they took: which part of a cell's start is whose."""

from __future__ import annotations

INSTALL = '''
import functools, threading
from autoegg.kernel.loaded import current

spent = {}
_inside = threading.local()

def timed(owner, method, part):
    """Counts the time of a method under its part; what it calls in turn counts once."""
    original = getattr(owner, method)

    @functools.wraps(original)
    def call(*arguments, **named):
        if getattr(_inside, "part", None) == part:
            return original(*arguments, **named)
        outer, _inside.part = getattr(_inside, "part", None), part
        started = perf_counter()
        try:
            return original(*arguments, **named)
        finally:
            spent[part] = spent.get(part, 0.0) + perf_counter() - started
            _inside.part = outer

    setattr(owner, method, call)

timed(current().sync._watch, "barrier", "barrier")
timed(current().sync.reloader, "check", "compile")
timed(current().sync.reloader, "reload", "reload")
timed(current().sync.delivering, "give", "ship")
timed(current().sync.delivering, "bring", "ship")
'''

READ = "answer = dict(spent); spent.clear()"
"""Leaves the seconds of each part since the last reading. Parts: barrier, compile, reload, ship."""
