"""One definition of a random library, and its text. What it refers to is picked by its seeds, among what its module knows."""

from __future__ import annotations

import random
import zlib
from dataclasses import dataclass

KINDS = [
    "const", "const", "value", "func", "func", "func", "class", "class", "deco", "reg", "lazy", "filled", "listed", "made",
    "data", "closure", "branch", "enum", "common", "patch",
]  # fmt: skip

SHARED = ["T0", "T1", "T2"]
"""Names of definitions of kind ``common``: several modules may have one each."""

USED_AS = {
    "const": "value", "lazy": "func", "filled": "value", "listed": "value", "made": "value", "data": "class",
    "closure": "func", "branch": "func", "enum": "value", "common": "func",
}  # fmt: skip


@dataclass
class Definition:
    """``shape`` draws what its statement looks like, ``body`` what is in it.

    Kind ``alias`` is another name in the same module, ``reexport`` an import from where it lives now, of number ``of``.
    """

    number: int
    name: str
    kind: str
    shape: int
    body: int
    broken: bool = False
    of: int = 0

    @property
    def binds(self) -> list[str]:
        """The names that others can use."""
        if self.kind == "reg":
            return [self.name, f"add_{self.name}"]
        if self.kind == "made":
            return [self.name, f"Of_{self.name}"]
        return [self.name]


@dataclass(frozen=True)
class Known:
    """A definition as a module can name it: with ``prefix``, ``m1.`` or nothing."""

    definition: Definition
    prefix: str

    def __str__(self) -> str:
        return self.prefix + self.definition.name


def draw(*salt: object) -> int:
    return zlib.crc32(repr(salt).encode())


class Scope:
    """What a module knows at one place. A pick changes only if what was picked goes, or something new comes before it."""

    def __init__(self) -> None:
        self._known: dict[str, dict[int, Known]] = {}

    def add(self, known: Known, kind: str) -> None:
        self._known.setdefault(USED_AS.get(kind, kind), {})[known.definition.number] = known

    def pick(self, use: str, *salt: object) -> Known | None:
        found = self._known.get(use, {})
        return found[min(found, key=lambda number: draw(number, use, salt))] if found else None


def text_of(it: Definition, scope: Scope) -> list[str]:
    shape, body = random.Random(it.shape), random.Random(it.body)
    n, name = body.randrange(1000), it.name
    picked = scope.pick("value", it.body) if body.random() < 0.7 else None
    called = scope.pick("func", it.body) if body.random() < 0.6 else None
    value = str(picked or n)
    result = f"{called}()" if called else value
    if it.broken:
        value = result = "missing_name"  # at import or when called, as it comes
    if it.kind in ("class", "data", "made", "enum"):
        return _class(it, scope, shape, n, value, result)
    if it.kind in ("const", "value"):
        return [f"{name} = {n}"] if it.kind == "const" else [f"{name} = ['v', {result}]"]
    if it.kind == "deco":
        return [f"def {name}(f):", f"    def w(): return ['{name}', {n}, f()]", "    return w"]
    if it.kind == "reg":
        return [f"{name} = []", f"def add_{name}(f):", f"    {name}.append(({n}, f))", "    return f"]
    if it.kind == "filled":
        filler = [f"def fill_{name}():", f"    {name}['k{n % 3}'] = {result}"]
        return [f"{name} = {{}}", *filler, f"fill_{name}()"]
    if it.kind == "listed":
        lines = [f"{name} = [{shape.randrange(9)}]", f"{name}.append({result})"]
        return [*lines, f"{name} += [{n}]"] if n % 2 else lines
    if it.kind == "closure":
        lines = [f"def make_{name}(n):", f"    def {name}(x={n}): return [x, n, {result}]"]
        return [*lines, f"    return {name}", f"{name} = make_{name}({value})"]
    if it.kind == "patch":
        return _patch(it, scope, shape, n)
    if it.kind == "branch":
        lines = [f"if {n % 2}:", f"    def {name}(x=0): return ['yes', x, {result}]", "else:"]
        return [*lines, f"    def {name}(x=1): return ['no', x, {n}]"]
    return _function(it, scope, shape, n, value, result)


def _function(
    it: Definition, scope: Scope, shape: random.Random, n: int, value: str, result: str
) -> list[str]:
    decorated, registered = shape.random() < 0.4, shape.random() < 0.3
    decorator = scope.pick("deco", it.shape) if decorated else None
    registry = scope.pick("reg", it.shape) if registered else None
    lines = [f"@{decorator}"] if decorator else []
    if registry:
        lines.append(f"@{registry.prefix}add_{registry.definition.name}")
    lines.append(f"def {it.name}(x={shape.choice([value, '0'])}):")
    if it.kind == "lazy":
        lines += ["    from . import m0", "    x = [x, m0.__name__]"]
    return [*lines, f"    return [x, {n}, {result}]"]


def _class(it: Definition, scope: Scope, shape: random.Random, n: int, value: str, result: str) -> list[str]:
    if it.kind == "made":
        lines = [f"class Of_{it.name}:", f"    def __init__(self): self.v = {value}"]
        return [*lines, f"    def m_0(self): return [self.v, {result}]", f"{it.name} = Of_{it.name}()"]
    if it.kind == "enum":
        lines = ["import enum", f"class In_{it.name}(enum.Enum):"]
        lines += [f"    R{index} = {n + index}" for index in range(shape.randint(1, 3))]
        return [
            *lines,
            f"    def m_0(self): return [self.name, self.value, {result}]",
            f"{it.name} = In_{it.name}.R0",
        ]
    if it.kind == "data":
        lines = [
            "import dataclasses",
            f"@dataclasses.dataclass(slots={bool(shape.randrange(2))})",
            f"class {it.name}:",
        ]
        lines += [f"    f{index}: object = {n}" for index in range(shape.randint(1, 2))]
        return [*lines, f"    def m_0(self): return [self.f0, {result}]"]
    derived, passes_on, methods = shape.random() < 0.6, shape.random() < 0.5, shape.randint(1, 3)
    base = scope.pick("class", it.shape) if derived else None
    lines = [f"class {it.name}({base or ''}):", f"    attr = {n}"]
    for index in range(methods):
        lines.append(f"    def m_{index}(self): return [{n + index}, {result}]")
    if base and passes_on:
        lines += ["    def m_0(self):", f"        return [super().m_0(), {n}]"]
    return lines


def _patch(it: Definition, scope: Scope, shape: random.Random, n: int) -> list[str]:
    """Another class, of this module or another one, is changed in place."""
    lines = [f"def {it.name}(f):", f"    def w(self): return ['{it.name}', {n}, f(self)]", "    return w"]
    cls = scope.pick("class", it.shape)
    if cls is None:
        return lines
    if shape.random() < 0.5:
        return [*lines, f"{cls}.m_0 = {it.name}({cls}.m_0)"]
    return [*lines, f"{cls}.patched = getattr({cls}, 'patched', 0) + {n}"]
