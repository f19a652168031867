"""autoegg's settings that a Spark session can be built with."""

from __future__ import annotations

from .target import Target

CHECK = "spark.autoegg.check"
"""``true``: each task proves that all it has loaded is the version that it is on, or fails (``worker/check.py``)."""


def checks(target: Target) -> bool:
    """Whether the SparkContext was built with ``spark.autoegg.check``; a Connect session's server is not asked."""
    if target.kind != "classic":
        return False
    value = target.handle._conf.get(CHECK, "false")
    return str(value).strip().lower() == "true"
