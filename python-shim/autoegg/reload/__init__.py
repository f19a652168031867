"""Reloads library modules in place by ordered replay. Usable alone: it knows nothing of Spark, IPython or the daemon."""

from .observe.homes import found_at_home, module_attribute
from .observe.loader import LibraryLoader
from .reloader import Reloader
from .report.report import Execution, Report
from .source.compiled import CompiledCode
from .source.disk import read_disk

__all__ = [
    "CompiledCode",
    "Execution",
    "LibraryLoader",
    "Reloader",
    "Report",
    "found_at_home",
    "module_attribute",
    "read_disk",
]
