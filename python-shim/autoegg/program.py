"""``autoegg.ship(spark)`` in a plain program, run by ``python`` or spark-submit: once, without a notebook.

A program's own modules do not change while it runs, so nothing is watched or reloaded: the library of the calling frame,
and what else is local among the imported modules, is packed by the daemon's code, and Spark's workers switch to it.
"""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Iterator
from types import FrameType
from typing import Any

from autoegg.daemon.client import error_of
from autoegg.daemon.folder import private_folder
from autoegg.daemon.link import DaemonLink
from autoegg.errors import LibraryMissing, ShipFailed
from autoegg.kernel.delivery import Delivering
from autoegg.kernel.library import Library
from autoegg.kernel.locality import Locality
from autoegg.kernel.status import SHORT
from autoegg.protocol import LibrarySpec
from autoegg.spark import hooks, target_of
from autoegg.versions.version import Version

_delivering: Delivering | None = None
_libraries: dict[LibrarySpec, Library] = {}


def ship(spark: Any, caller: FrameType) -> str:
    """Ships the caller's library to Spark and says in one sentence which version.

    Args:
        spark: the program's SparkSession or SparkContext.
        caller: the frame that asks.

    Raises:
        LibraryMissing: neither the caller nor what it has imported belongs to a local library.
        ShipFailed: there is no live Spark session, or Spark did not take the eggs.
    """
    target = target_of(spark)
    if target is None:
        raise ShipFailed(
            "autoegg.ship(spark) needs a live Spark session; build it first with SparkSession.builder.getOrCreate()"
        )
    delivering = _only_delivering()
    specs = list(dict.fromkeys(_libraries_of(caller)))
    if not specs:
        raise LibraryMissing(
            f"{caller.f_code.co_filename} belongs to no package and has imported none of your own; import your library before autoegg.ship(spark)",
            file=caller.f_code.co_filename,
        )
    link = DaemonLink("program")
    try:
        keys = {spec: link.open(spec) for spec in specs}
        answers = link.barrier({key: None for key in keys.values()})
        for spec, key in keys.items():
            answer = answers[key]
            if answer.failure is not None:
                raise error_of(answer.failure)
            assert answer.delivery is not None  # no version was named as known
            library = _libraries.setdefault(spec, Library(spec))
            library.version = Version(spec, answer.delivery)
        hooks.install(lambda _target: delivering.state)
        delivering.bring(target, _libraries.values())
    finally:
        link.close()
    return "shipped " + ", ".join(
        f"{library.name} {library.version.name[:SHORT]}" for library in _libraries.values() if library.version
    )


def _only_delivering() -> Delivering:
    global _delivering
    if _delivering is None:
        _delivering = Delivering(uuid.uuid4().hex, private_folder() / "eggs")
    return _delivering


def _libraries_of(caller: FrameType) -> Iterator[LibrarySpec]:
    locality = Locality()
    yield from _enclosing_package(os.path.realpath(caller.f_code.co_filename), locality)
    yield from locality.imported([name for name in list(sys.modules) if name != "__main__"])


def _enclosing_package(file: str, locality: Locality) -> Iterator[LibrarySpec]:
    """The package whose directory holds the caller's file, also when the file was run as a script."""
    if not os.path.isfile(file) or not locality.owns(file):
        return
    top = None
    folder = os.path.dirname(file)
    while os.path.isfile(os.path.join(folder, "__init__.py")):
        top, folder = folder, os.path.dirname(folder)
    if top is not None:
        yield LibrarySpec(os.path.basename(top), "package", top)
