"""Reloads library modules in place, as a transaction. Usable alone: it knows nothing of Spark, IPython or the daemon."""

from .compiled import CompiledCode
from .reloader import Reloader
from .report import Report
from .source import read_disk

__all__ = ["CompiledCode", "Reloader", "Report", "read_disk"]
