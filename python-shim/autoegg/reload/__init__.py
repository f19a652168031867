"""Reloads library modules in place, as a transaction. Usable alone: it knows nothing of Spark, IPython or the daemon."""

from .compiled import CompiledCode
from .finder import LibraryLoader
from .homes import found_at_home, module_attribute
from .reloader import Reloader
from .report import Report
from .source import read_disk

__all__ = [
    "CompiledCode",
    "LibraryLoader",
    "Reloader",
    "Report",
    "found_at_home",
    "module_attribute",
    "read_disk",
]
