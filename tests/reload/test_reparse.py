"""An edited file that is parsed only where it differs has the statements that parsing all of it finds."""

from __future__ import annotations

import ast
import random

import pytest

from autoegg.reload.source.unit import Unit

TEXT = '''\
"""Of the module.

Its text.
"""
from __future__ import annotations
import os, sys
from .other import (
    one,
    two as too,
)
# a comment
x = 1; y = 2
z = {
    "a": 1,

}
@deco
@other(
    1,
)
def f(a, b=x):
    """Of f."""
    # inside
    return a
if x:
    a = 1
elif y:
    a = 2
else:
    a = 3
try:
    import missing
except ImportError:
    missing = None
class C(Base):
    attribute: int = 1

    def method(self):
        return """
def f(a, b=x):
text
"""
    # after
for i in range(3): print(i)
x = 1
text = \'\'\'
@deco
\'\'\'
value = x + \\
    y
async def g():
    await f()
ä = "ü"; ö = 1
"just a text"
def f(a, b=x):
    return b
'''
LINES = TEXT.split("\n")
MORE = [
    "", "@deco", "else:", "    pass", "x = (", ")", '"""', "'''", "value = \\", "# comment", "  # indented", "def f(): pass", "x: int = 3",
    "from __future__ import annotations", "if x: pass", "finally:", "  y", "\f", "import os", "class C(Base): pass", "elsewhere = 1", "a = 1; b = 2", '"""\nimport os, sys\nx = 1\n"""',
]  # fmt: skip


def _edited(drawn: random.Random) -> str:
    lines = list(LINES)
    for _ in range(drawn.randint(1, 4)):
        at, other = drawn.randrange(len(lines)), drawn.randrange(len(lines))
        match drawn.randrange(6):
            case 0:
                del lines[at]
            case 1:
                lines.insert(at, drawn.choice(MORE))
            case 2:
                lines[at], lines[other] = lines[other], lines[at]
            case 3:
                lines[at] = drawn.choice(MORE)
            case 4:
                lines[at:at] = lines[other : other + drawn.randint(1, 6)]
            case _:
                del lines[at : at + drawn.randint(1, 8)]
    return "\n".join(lines)


def _found(text: str, former: Unit | None) -> object:
    try:
        unit = Unit("m.py", text.encode(), former)
    except (SyntaxError, ValueError) as error:
        return type(error), str(error)
    texts = [unit.text(index) for index in range(len(unit.statements))]
    return unit.flags, [statement.as_tuple() for statement in unit.statements], texts


@pytest.mark.parametrize("seed", range(10))
def test_edits_of_lines(seed: int) -> None:
    drawn = random.Random(seed)
    former, compiled = TEXT, 0
    for _ in range(60):
        text = _edited(drawn)
        whole = _found(text, None)
        assert _found(text, Unit("m.py", former.encode())) == whole, text
        compiled += len(whole) == 3  # type: ignore[arg-type]
        if drawn.random() < 0.2 and len(whole) == 3:  # type: ignore[arg-type]
            former = text
    assert compiled


def test_a_docstring_comes_and_goes() -> None:
    former = Unit("m.py", b'x = 1\n"text"\ny = 2\n')
    (first, *_) = Unit("m.py", b'"text"\nx = 1\ny = 2\n', former).statements
    assert first.binds == ("__doc__",)
    former = Unit("m.py", b'"text"\nx = 1\n')
    assert not Unit("m.py", b'x = 1\n"text"\n', former).statements[1].binds


def test_only_what_differs_is_parsed() -> None:
    unit = Unit("m.py", TEXT.replace("return b", "return a").encode(), Unit("m.py", TEXT.encode()))
    lines = [node.lineno for node in unit._nodes or () if isinstance(node, ast.stmt)]
    assert LINES.index("def f(a, b=x):", 40) + 1 in lines
    assert len(lines) < 10 < len(unit.statements)
