"""Ways to have a saved file in the next cell: each is a cell that a notebook runs once, before it imports the library."""

from __future__ import annotations

_HOOK = 'get_ipython().events.register("pre_run_cell", refresh)\n'

JURIGGED = (
    """
from jurigged import live
from jurigged.register import registry
registry.set_logger(None)
watcher, pending = live.Watcher(registry), []
registry.auto_register(filter=lambda name: name.startswith({root!r}))
def refresh(info):
    while pending:
        watcher.refresh(pending.pop())
"""
    + _HOOK
)

# Names that were bound by `from` imports, instances and the state of the modules stay behind: not counted against it.
PURGE = (
    """
import importlib, sys
names = globals()
def refresh(info):
    ours = [n for n in sys.modules if getattr(sys.modules[n], "__file__", None) and sys.modules[n].__file__.startswith({root!r})]
    if ours:
        for name in ours:
            del sys.modules[name]
        importlib.invalidate_caches()
        exec({cell!r}, names)
"""
    + _HOOK
)

# What a restart costs at the least: the library alone, without Spark, the data and the cells before.
FRESH = (
    """
import ast, subprocess, sys
fresh_answer = None
def refresh(info):
    global fresh_answer
    program = "import sys; sys.path.insert(0, " + repr({root!r}) + ")\\n" + {cell!r} + "\\nprint(repr(" + {ask!r} + "))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    fresh_answer = ast.literal_eval(done.stdout.splitlines()[-1])
"""
    + _HOOK
)

WAYS = {
    "autoegg": ["%load_ext autoegg"],
    "%autoreload 2": ["%load_ext autoreload", "%autoreload 2"],
    "%autoreload 3": ["%load_ext autoreload", "%autoreload 3"],
    "jurigged": [JURIGGED],
    "purge, import again": [PURGE],
    "a fresh process": [FRESH],
}


def loading(way: str, root: str, cell: str, ask: str) -> list[str]:
    """The cells that switch a way on for a library below ``root``, which ``cell`` imports."""
    return [text.format(root=root, cell=cell, ask=ask) if "\n" in text else text for text in WAYS[way]]
