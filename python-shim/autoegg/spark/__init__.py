"""Spark: functions are pickled with their state, eggs reach the workers, and tasks prove it. Importing this does not import pyspark."""

from .classic.pythons import told_in as python_told_in
from .classic.tasks import Ran, heard, last_ran
from .hooks import install, uninstall
from .ship import Shipper
from .target import Target, live_target, live_targets, target_of
from .verify import Had, Row, verify

__all__ = [
    "Had",
    "Ran",
    "Row",
    "Shipper",
    "Target",
    "heard",
    "install",
    "last_ran",
    "live_target",
    "live_targets",
    "python_told_in",
    "target_of",
    "uninstall",
    "verify",
]
