"""Reloads library modules in place, as a transaction. Usable alone: it knows nothing of Spark, IPython or the daemon."""

from .reloader import Reloader
from .report import Report

__all__ = ["Reloader", "Report"]
