"""What an edit replaces is let go at once: nothing of the reload's own keeps it alive."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from reload_harness import Notebook

BIG = "class Big:\n    def __init__(self, size): self.size, self.rows = size, [0] * size\n"


@pytest.fixture(autouse=True)
def _no_collection() -> Iterator[None]:
    """The collector would only hide it, some time later."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize(
    "text",
    [
        "from .a import Big\nVALUE = Big({})\n",
        "from .a import Big\nclass Holder:\n    VALUE = Big({})\n",
        "from .a import Big\nHELD = {{'x': [Big({})]}}\n",
        "from .a import Big\nVALUE = Big({})\nVALUE.me = [VALUE.__init__]\n",
        "from .a import Big\nclass Holder:\n    VALUE = Big({})\n    VALUE.me = VALUE.__init__\n",
        "from .a import Big\nclass Holder:\n    VALUE = Big({})\nALL = [value for value in vars(Holder).values() if isinstance(value, Big)]\n"
        "def first():\n    return ALL[0].size\nSIZE = first()\n",
        "from .a import Big\ndef make(big):\n    return lambda: big\nget = make(Big({}))\n",
    ],
)
def test_a_value_that_is_computed_again(tmp_path: Path, text: str) -> None:
    with Notebook(
        tmp_path, {"lib/__init__.py": "", "lib/a.py": BIG, "lib/b.py": text.format(1000)}
    ) as notebook:
        notebook.run("import lib.b, lib.a")
        size = 1000
        for _ in range(3):
            size += 1
            notebook.edit({"lib/b.py": text.format(size)})
            assert _sizes(text) == [size]
        notebook.edit({"lib/a.py": BIG.replace("0", "1"), "lib/b.py": text.format(2000)})
        assert _sizes(text) == [2000]


def _sizes(text: str) -> list[int]:
    if ".me" in text:  # it refers to itself
        gc.collect()
    big = sys.modules["lib.a"].Big
    return [obj.size for obj in gc.get_objects() if type(obj) is big]
