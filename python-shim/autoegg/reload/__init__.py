"""Reloads library modules in place, as a transaction. Usable alone: it knows nothing of Spark, IPython or the daemon."""

from .compiled import CompiledCode
from .reloader import Reloader
from .report import Report

__all__ = ["CompiledCode", "Reloader", "Report"]
