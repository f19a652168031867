"""Reloads library modules in place by ordered replay. Usable alone: it knows nothing of Spark, IPython or the daemon."""

from .reloader import Reloader
from .report.report import Report
from .source.compiled import CompiledCode
from .source.disk import read_disk

__all__ = ["CompiledCode", "Reloader", "Report", "read_disk"]
