"""Snapshots of containers say what a comparison of each by itself would, and are not trusted after a change."""

from __future__ import annotations

from typing import Any

import pytest

from autoegg.reload.observe.snapshot import Snapshot


class _Counted(dict[str, int]):
    def __iter__(self) -> Any:
        raise AssertionError("a snapshot runs nobody's code")


def taken(*containers: Any) -> Snapshot:
    snapshot = Snapshot(dict(enumerate(containers)))
    snapshot.found_as_seen(())
    snapshot.found_as_seen(())
    return snapshot


@pytest.fixture
def containers() -> tuple[list[Any], dict[str, Any], set[str]]:
    return ["a", "b"], {"one": object(), "two": object()}, {"x"}


def test_nothing_has_changed(containers: tuple[list[Any], dict[str, Any], set[str]]) -> None:
    assert taken(*containers).is_current()


def test_what_is_asked_once_is_compared_by_itself(
    containers: tuple[list[Any], dict[str, Any], set[str]],
) -> None:
    snapshot = Snapshot(dict(enumerate(containers)))
    snapshot.found_as_seen(())
    assert not snapshot.is_current()


@pytest.mark.parametrize("change", ["append", "move", "value", "key", "order", "element"])
def test_any_change_is_seen(change: str, containers: tuple[list[Any], dict[str, Any], set[str]]) -> None:
    names, table, chosen = containers
    other: list[Any] = []
    snapshot = taken(names, other, table, chosen)
    if change == "append":
        names.append("c")
    elif change == "move":  # all of them together hold the same as before
        other.append(names.pop())
    elif change == "value":
        table["two"] = object()
    elif change == "key":
        table["three"] = table.pop("two")
    elif change == "order":
        table["one"] = table.pop("one")
    else:
        chosen.clear()
        chosen.add("y")
    assert not snapshot.is_current()


def test_is_not_taken_while_one_of_them_differs(
    containers: tuple[list[Any], dict[str, Any], set[str]],
) -> None:
    snapshot = Snapshot(dict(enumerate(containers)))
    snapshot.found_as_seen(())
    snapshot.found_as_seen([1])
    assert not snapshot.is_current()


def test_is_never_taken_again_once_one_has_changed(
    containers: tuple[list[Any], dict[str, Any], set[str]],
) -> None:
    snapshot = taken(*containers)
    snapshot.forget()
    snapshot.found_as_seen(())
    snapshot.found_as_seen(())
    assert not snapshot.is_current()


def test_containers_with_methods_of_their_own_are_left_to_others(
    containers: tuple[list[Any], dict[str, Any], set[str]],
) -> None:
    snapshot = taken(*containers, _Counted(one=1))
    assert snapshot.is_current()
    assert 3 not in snapshot.containers
