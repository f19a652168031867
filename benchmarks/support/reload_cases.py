"""Libraries and notebooks for measuring a reload: what is edited, and how much there is beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

IMPORTERS = 66
INSTANCES = 100_000
OBJECTS = 2_000_000


@dataclass(frozen=True)
class Case:
    """``make`` writes the library below a folder; ``cell`` imports it; ``edit`` writes save ``number``; ``ask`` then says that number."""

    name: str
    make: Callable[[Path], None]
    cell: str
    edit: Callable[[Path, int], None]
    ask: str
    rounds: int = 9


def save(file: Path, text: str) -> None:
    """As editors do it: a new file takes the old one's name."""
    fresh = file.with_name(f".{file.name}~")
    fresh.write_text(text)
    fresh.replace(file)


def _leaf(modules: int) -> Case:
    from . import libraries

    def make(root: Path) -> None:
        libraries.made(root, "library", modules)
        edit(root, 0)

    def edit(root: Path, number: int) -> None:
        file = root / "library" / f"part_{modules - 3}.py"
        text = file.read_text()
        head, rest = text.split("    return value", 1)
        save(file, f"{head}    return value + {number}\n" + rest.split("\n", 1)[1])

    ask = f"library.part_{modules - 3}.step(0)"
    return Case(f"a leaf of {modules} modules", make, "import library.chain", edit, ask)


_HUB = "NUMBER = len({line!r})\ndef number():\n    return {number}\n"
_SPOKE = "from star.hub import NUMBER, number\nTABLE = [NUMBER] * 3\ndef ask():\n    return number()\n"
_SPOKES = "import " + ", ".join(f"star.spoke_{index}" for index in range(IMPORTERS))


def _make_hub(root: Path) -> None:
    package = root / "star"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    for index in range(IMPORTERS):
        (package / f"spoke_{index}.py").write_text(_SPOKE)
    (package / "hub.py").write_text(_HUB.format(line="", number=0))


def _edit_hub(root: Path, number: int) -> None:
    save(root / "star" / "hub.py", _HUB.format(line="", number=number))


def _edit_hubs_value(root: Path, number: int) -> None:
    save(root / "star" / "hub.py", _HUB.format(line="x" * number, number=number))


_CLASS = "class Item:\n    __slots__ = ({slots}'value',)\n    def ask(self):\n        return {number}\n"


def _make_class(root: Path) -> None:
    root.mkdir(parents=True)
    _edit_class(root, 0)


def _edit_class(root: Path, number: int) -> None:
    save(root / "shop.py", _CLASS.format(slots="", number=number))


def _edit_layout(root: Path, number: int) -> None:
    save(root / "shop.py", _CLASS.format(slots=f"'slot_{number}', ", number=number))


_ITEMS = f"import shop\nitems = [shop.Item() for _ in range({INSTANCES})]"
_HEAP = f"import shop\nitem = shop.Item()\nheap = [[index] for index in range({OBJECTS})]"

CASES = [
    *(_leaf(modules) for modules in (50, 200, 800)),
    Case(
        f"a function of a hub with {IMPORTERS} importers",
        _make_hub,
        _SPOKES,
        _edit_hub,
        f"star.spoke_{IMPORTERS - 1}.ask()",
    ),
    Case(
        f"a value of a hub that {IMPORTERS} importers took",
        _make_hub,
        _SPOKES,
        _edit_hubs_value,
        f"star.spoke_{IMPORTERS - 1}.TABLE[2]",
    ),
    Case(f"a method, {INSTANCES:,} instances", _make_class, _ITEMS, _edit_class, "items[-1].ask()"),
    Case(
        f"a class's layout, {INSTANCES:,} instances",
        _make_class,
        _ITEMS,
        _edit_layout,
        "shop.Item().ask()",
        rounds=5,
    ),
    Case(f"a method, {OBJECTS:,} objects", _make_class, _HEAP, _edit_class, "item.ask()"),
    Case(
        f"a class's layout, {OBJECTS:,} objects",
        _make_class,
        _HEAP,
        _edit_layout,
        "shop.Item().ask()",
        rounds=5,
    ),
]
