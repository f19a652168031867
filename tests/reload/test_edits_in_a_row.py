"""One edit after another: what the first one left alone is followed as well by the second."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from reload_harness import Notebook

TEXT = "def first():\n    return 1\n\ndef second():\n    return 1\n\ndef third():\n    return 1\n"


@pytest.fixture
def notebook(tmp_path: Path) -> Iterator[Notebook]:
    with Notebook(tmp_path) as made:
        yield made


def _edited(text: str, name: str, value: int) -> str:
    head, body = text.split(f"def {name}():\n", 1)
    return f"{head}def {name}():\n    return {value}\n" + body.split("\n", 1)[1]


@pytest.mark.parametrize("order", [("third", "first"), ("first", "third"), ("second", "second", "first")])
def test_functions_are_edited_one_after_the_other(notebook: Notebook, order: tuple[str, ...]) -> None:
    notebook.write({"lib.py": TEXT})
    notebook.run("from lib import first, second, third")
    text, expected = TEXT, {"first": 1, "second": 1, "third": 1}
    for value, name in enumerate(order, 2):
        text, expected[name] = _edited(text, name, value), value
        notebook.edit({"lib.py": text})
        assert {key: notebook.value(f"{key}()") for key in expected} == expected


def test_functions_on_one_line_are_told_apart(notebook: Notebook) -> None:
    text = "f = lambda: 1; g = lambda: 2\n\ndef h():\n    return 3\n"
    notebook.write({"lib.py": text})
    notebook.run("import lib")
    for old, new in (("3", "4"), ("2", "5"), ("1", "6")):
        text = text.replace(old, new)
        notebook.edit({"lib.py": text})
    assert notebook.value("[lib.f(), lib.g(), lib.h()]") == [6, 5, 4]


def test_lines_move_between_edits(notebook: Notebook) -> None:
    notebook.write({"lib.py": TEXT})
    notebook.run("from lib import first, second, third")
    text = _edited(TEXT, "third", 2)
    notebook.edit({"lib.py": text})
    notebook.edit({"lib.py": "import os\n\n" + text})
    notebook.edit({"lib.py": "import os\n\n" + _edited(text, "second", 3)})
    assert notebook.value("[first(), second(), third()]") == [1, 3, 2]
