from __future__ import annotations

import asyncio
from typing import Any

from jupyterlab_autoegg.mirror import DaemonState, Mirror


def library(name: str) -> dict[str, Any]:
    return {"event": "library", "status": {"library": name, "name": name, "path": f"/lib/{name}"}}


def test_a_burst_of_changes_is_published_once_and_completely() -> None:
    async def scene() -> list[dict[str, Any]]:
        published: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        mirror = Mirror(published.put_nowait)
        mirror.set_daemon(DaemonState("running", None, 7))
        for name in ("c", "a", "b"):
            mirror.take(library(name))
        mirror.take({"event": "closed", "library": "c"})
        first = await asyncio.wait_for(published.get(), 60)
        mirror.take(library("d"))
        second = await asyncio.wait_for(published.get(), 60)
        assert published.empty()
        return [first, second]

    first, second = asyncio.run(scene())
    assert first["daemon"] == {"condition": "running", "message": None, "pid": 7}
    assert [it["name"] for it in first["libraries"]] == ["a", "b"]
    assert [it["name"] for it in second["libraries"]] == ["a", "b", "d"]


def test_a_daemon_that_went_away_watches_nothing() -> None:
    async def scene() -> None:
        mirror = Mirror(lambda state: None)
        mirror.set_daemon(DaemonState("running", None, 7))
        mirror.take(library("a"))
        mirror.set_daemon(DaemonState("restarting", "gone"))
        assert mirror.state()["libraries"] == []
        mirror.close()

    asyncio.run(scene())


def test_nothing_is_published_after_close() -> None:
    async def scene() -> None:
        published: list[Any] = []
        mirror = Mirror(published.append)
        mirror.set_daemon(DaemonState("running", None, 7))
        mirror.close()
        await asyncio.sleep(0.1)
        assert published == []

    asyncio.run(scene())
