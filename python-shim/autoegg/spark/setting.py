"""autoegg's settings that a Spark session can be built with."""

from __future__ import annotations

from .connect import rpc
from .target import Target

CHECK = "spark.autoegg.check"
"""``true``: each task proves that all it has loaded is the version that it is on, or fails (``worker/check.py``)."""

LABEL_JOBS = "spark.autoegg.labelJobs"
"""``false``: jobs get no tags and no description from autoegg (``labels.py``)."""


def checks(target: Target) -> bool:
    """Whether the SparkContext was built with ``spark.autoegg.check``; a Connect session's server is not asked."""
    if target.kind != "classic":
        return False
    value = target.handle._conf.get(CHECK, "false")
    return str(value).strip().lower() == "true"


def labels_jobs(target: Target) -> bool:
    """Whether jobs are to name their versions: yes, unless the SparkContext, or the Connect session, was built with ``spark.autoegg.labelJobs=false``.

    :raises ShipFailed: if the server of a Connect session does not answer.
    """
    if target.kind == "classic":
        value = target.handle._conf.get(LABEL_JOBS, "true")
    else:
        value = rpc.get_conf(target.handle, LABEL_JOBS)
    return str(value).strip().lower() != "false"
