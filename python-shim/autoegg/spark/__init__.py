"""Spark: functions are pickled with their state, eggs reach the workers, and tasks prove it. Importing this does not import pyspark."""

from .hooks import install, uninstall
from .ship import Shipper
from .target import Target, connect_session_is_live, live_target
from .verify import Row, verify

__all__ = [
    "Row",
    "Shipper",
    "Target",
    "connect_session_is_live",
    "install",
    "live_target",
    "uninstall",
    "verify",
]
