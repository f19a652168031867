"""Cached data and the versions that computed it: a change of code does not change it, so the user must be able to see it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from autoegg.errors import ShipFailed
from autoegg.spark import live_target
from autoegg.spark.classic import caches

_log = logging.getLogger("autoegg")


class CachedData:
    """What the live SparkContext has cached, as of the end of the last cell.

    Args:
        namespace: gives the notebook's names.
        versions: gives the version of each library that has one, by import name.
    """

    def __init__(
        self, namespace: Callable[[], Mapping[str, Any]], versions: Callable[[], Mapping[str, str]]
    ) -> None:
        self._namespace = namespace
        self._versions = versions
        self._made_on: dict[tuple[str, int], dict[str, str]] = {}
        self._found: list[caches.Kept] = []
        self._application = ""

    def look(self) -> None:
        """Asks Spark; on the notebook's own thread, between cells."""
        target = live_target()
        if target is None or target.kind != "classic":
            self._found, self._made_on = [], {}
            return
        try:
            self._found = caches.kept_by(target.handle, self._namespace())
        except Exception as error:  # a JVM that has died, for one: a cell will say it
            _log.info("cached data is not listed: %s", str(error).partition("\n")[0])
            self._found = []
        self._application = target.key
        now = dict(self._versions())
        self._made_on = {
            (target.key, kept.id): self._made_on.get((target.key, kept.id), now) for kept in self._found
        }

    def unpersist(self, number: int) -> str:
        """Frees one; returns what was done, in one sentence. Raises ShipFailed if it does not exist."""
        target, kept = self._one(number)
        caches.throw_away(target.handle, kept)
        self._made_on.pop((target.key, number), None)
        self.look()
        return f"{kept.name} is no longer cached; it is recomputed with the current code when used"

    def recompute(self, number: int) -> str:
        """Recomputes one with the current code; returns what was done. Raises ShipFailed if that is impossible."""
        target, kept = self._one(number)
        if kept.holder is None:
            raise ShipFailed(
                f"{kept.name} cannot be recomputed from here, because no variable of the notebook refers to it: "
                "unpersist it and run the cell that created it"
            )
        caches.make_again(kept)
        self._made_on.pop((target.key, number), None)
        self.look()
        return f"{kept.name} was recomputed with the current code"

    def to_json(self) -> list[dict[str, Any]]:
        return [
            {
                "id": kept.id,
                "kind": kept.kind,
                "name": kept.name,
                "named": kept.holder is not None,
                "memoryBytes": kept.memory,
                "diskBytes": kept.disk,
                "partitions": kept.partitions,
                "versions": self._made_on.get((self._application, kept.id), {}),
            }
            for kept in self._found
        ]

    def _one(self, number: int) -> tuple[Any, caches.Kept]:
        self.look()
        target = live_target()
        for kept in self._found:
            if kept.id == number and target is not None:
                return target, kept
        raise ShipFailed(f"Spark no longer has cached data with the number {number}")
