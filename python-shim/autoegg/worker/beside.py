"""Runs first where a function of a Connect session gets none of the session's files: puts down the eggs that came along.

That is a process next to the server (``foreachBatch``, 3.5's listeners), and a worker that runs operators of a stream (4.x).

It is executed on its own, before the other modules are there: ``G`` is what goes in front of the pickles that this process
makes, and each name that ends in ``.egg`` is a file's content.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
import tempfile
from typing import Any

_MODULES = ("plan", "expressions", "streaming.readwriter", "streaming.query")


def _folder() -> str:
    """A folder of this process's own among Spark's temporary ones; those whose process is gone are removed."""
    places = [place for place in os.environ.get("SPARK_LOCAL_DIRS", "").split(",") if os.path.isdir(place)]
    place = os.path.join((places or [tempfile.gettempdir()])[0], f"autoegg-beside-{os.geteuid()}")
    os.makedirs(place, mode=0o700, exist_ok=True)
    for name in os.listdir(place):
        if _hold(os.path.join(place, name)) is not None:
            shutil.rmtree(os.path.join(place, name), ignore_errors=True)
    folder = tempfile.mkdtemp(dir=place)
    _hold(folder)  # as long as this process lives
    return folder


def _hold(folder: str) -> int | None:
    """The folder held by this process; None if another process holds it."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return descriptor
        except OSError:
            os.close(descriptor)
    except OSError:
        pass
    return None


def _guard(prefix: bytes) -> None:
    """Put ``prefix`` in front of the functions that are pickled here."""
    import importlib

    from pyspark.serializers import CloudPickleSerializer

    class Guarded(CloudPickleSerializer):  # type: ignore[misc]
        def dumps(self, obj: Any) -> bytes:
            return prefix + CloudPickleSerializer.dumps(self, obj)  # type: ignore[no-any-return]

    for name in _MODULES:
        module = importlib.import_module("pyspark.sql.connect." + name)
        if "CloudPickleSerializer" in module.__dict__:
            module.CloudPickleSerializer = Guarded  # type: ignore[attr-defined]


def _absolute(folder: str) -> str:
    """As ``bootstrap.absolute``: executors name their folder ``.``, and a task may have called ``os.chdir``."""
    if os.path.isabs(folder):
        return folder
    try:
        start = os.readlink(f"/proc/{os.getppid()}/cwd")
    except OSError:
        start = os.getcwd()
    return os.path.normpath(os.path.join(start, folder))


def _put_down(given: dict[str, Any]) -> None:
    files = sys.modules.get("pyspark.core.files") or sys.modules["pyspark.files"]
    if files.SparkFiles._root_directory is None:
        files.SparkFiles._root_directory = _folder()
        _guard(given["G"])
    root = _absolute(files.SparkFiles._root_directory)
    for name, content in given.items():
        path = os.path.join(root, name)
        if name.endswith(".egg") and not os.path.exists(path):
            part = f"{path}.{os.getpid()}.part"  # many processes may start together
            try:
                with open(part, "wb") as file:  # noqa: PTH123
                    file.write(content)
                os.rename(part, path)
            except OSError as error:
                raise ImportError(
                    f"autoegg: {name} was sent with its function, but cannot be written on node {os.uname()[1]} (process "
                    f"{os.getpid()}): {error}. Free some space or make the folder writable, and restart the query."
                ) from None


_put_down(globals())
