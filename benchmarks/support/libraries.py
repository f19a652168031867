"""Libraries to measure with: made to a size, or a real one copied so that it counts as the user's own code."""

from __future__ import annotations

import shutil
from pathlib import Path

from .places import PEERS

EDITED = "part_5"
"""The module that ``edit`` changes: three others import it directly, most of them in the end."""

_MODULE = '''"""Part {number} of a made library, of the size and shape of ordinary code."""

from __future__ import annotations

import math
from dataclasses import dataclass
{imports}

LIMIT = {number}
NAMES = {{"part": "{number}", "kind": "made", "unit": "none"}}


@dataclass
class Record{number}:
    """What this part works on."""

    key: str
    weight: float = {number}.5
    tags: tuple[str, ...] = ()

    def heavier(self, other: Record{number}) -> bool:
        return self.weight > other.weight

    def label(self) -> str:
        return f"{{self.key}}:{{self.weight:.2f}}:{{','.join(self.tags)}}"


class Store{number}:
    """Keeps records by key."""

    def __init__(self) -> None:
        self._records: dict[str, Record{number}] = {{}}

    def add(self, record: Record{number}) -> None:
        if record.key in self._records and not record.heavier(self._records[record.key]):
            return
        self._records[record.key] = record

    def total(self) -> float:
        return math.fsum(record.weight for record in self._records.values())

    def __len__(self) -> int:
        return len(self._records)


def normal(values: list[float]) -> list[float]:
    """Values scaled to a length of one."""
    length = math.sqrt(math.fsum(value * value for value in values))
    return [value / length for value in values] if length else values


def step(value: int) -> int:
    """One step of the chain that the job runs."""
    return value + 1


def summary(texts: list[str], limit: int = LIMIT) -> dict[str, int]:
    counts: dict[str, int] = {{}}
    for text in texts:
        for word in text.split():
            counts[word] = counts.get(word, 0) + 1
    return {{word: count for word, count in counts.items() if count <= limit}}
'''

_CHAIN = '''"""What a job calls: needs every part."""

{imports}


def run(value: int) -> int:
    """The number of the last edit, whatever ``value`` is."""
    return part_5.step(value) - value
'''


def made(root: Path, name: str, modules: int) -> Path:
    """A flat package of exactly ``modules`` ordinary files below ``root``; its ``chain`` imports all others."""
    package = root / name
    package.mkdir(parents=True)
    numbers = range(modules - 2)
    (package / "__init__.py").write_text('"""A made library."""\n')
    for number in numbers:
        _write_part(package, name, number)
    parts = "\n".join(f"from {name} import part_{number}" for number in numbers)
    (package / "chain.py").write_text(_CHAIN.format(imports=parts))
    return package


def made_deep(root: Path, name: str, folders: int, modules: int) -> Path:
    """``folders`` times ``modules`` files in a package of packages; importing it imports one module of the first."""
    package = root / name
    for folder in range(folders):
        inner = package / f"group_{folder}"
        inner.mkdir(parents=True)
        (inner / "__init__.py").write_text("")
        # One less in the first: the whole with its own __init__ is folders * modules files.
        for number in range(modules - (2 if folder == 0 else 1)):
            _write_part(inner, name, number, linked=False)
    (package / "__init__.py").write_text(f"from {name}.group_0 import part_0\n")
    return package


def installed(root: Path, name: str) -> Path:
    """A copy of an installed package below ``root``, as of somebody who works on it."""
    return Path(shutil.copytree(PEERS / name, root / name, ignore=shutil.ignore_patterns("__pycache__")))


def edit(package: Path, number: int) -> None:
    """A save of a one-line change in a function's body, as editors do it: a new file takes the old one's name."""
    target = package / f"{EDITED}.py"
    text = target.read_text()
    head, rest = text.split("    return value", 1)
    _, tail = rest.split("\n", 1)
    fresh = package / f".{EDITED}.py~"
    fresh.write_text(f"{head}    return value + {number}\n{tail}")
    fresh.replace(target)


def _write_part(folder: Path, name: str, number: int, linked: bool = True) -> None:
    used = [earlier for earlier in (number // 2, number - 1) if 0 <= earlier < number] if linked else []
    imports = "".join(f"\nfrom {name} import part_{earlier}" for earlier in sorted(set(used)))
    text = _MODULE.format(number=number, imports=imports)
    (folder / f"part_{number}.py").write_text(text)
