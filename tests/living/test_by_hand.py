"""Modules that a notebook or a library loads by hand are in nobody's way."""

from __future__ import annotations

from pathlib import Path

from kernel_library import Open, write

LOAD = """
import importlib.util, sys
def load(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
mine = load("my_module", "my-module.py")
"""
LAZY = """
import importlib.util, sys
def lazy(name):
    spec = importlib.util.find_spec(name)
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
"""


def test_a_module_that_was_loaded_by_its_file_is_not_taken_for_a_library(
    open_notebook: Open, tmp_path: Path, tagger: Path
) -> None:
    write(tmp_path / "my-module.py", "x = 1\n")
    notebook = open_notebook(load=False)
    notebook.done(f"{LOAD}\nimport tagger")
    notebook.done("%load_ext autoegg")
    assert notebook.value("tagger.tag(), mine.x") == "('one', 1)"
    write(tmp_path / "my-module.py", "x = 2\n")
    assert notebook.value("mine.x") == "1"
    said = notebook.done("%autoegg").stdout
    assert "tagger" in said and "my_module" not in said, said
    assert notebook.value("mine = load('my_module', 'my-module.py'); mine.x") == "2"


def test_lazy_modules_sleep_until_they_are_touched_and_are_no_obstacle(
    open_notebook: Open, tmp_path: Path, tagger: Path
) -> None:
    write(tagger / "__init__.py", f"{LAZY}\nfrom tagger.words import tag\nheavy = lazy('tagger.heavy')\n")
    write(tagger / "heavy.py", "x = 1\n")
    write(tmp_path / "alone.py", "x = 1\n")
    notebook = open_notebook(load=False)
    notebook.done(f"{LAZY}\nkept = [lazy('wave'), lazy('alone')]")
    notebook.done("%load_ext autoegg\nimport tagger")
    asleep = "[name for name, found in sys.modules.items() if type(found).__name__ == '_LazyModule']"
    assert notebook.value(asleep) == "['wave', 'alone', 'tagger.heavy']"
    write(tagger / "heavy.py", "x = 2\n")
    assert notebook.value("tagger.tag()") == "'one'"
    assert notebook.value(asleep) == "['wave', 'alone', 'tagger.heavy']"
    assert notebook.value("tagger.heavy.x") == "2"
    assert notebook.value("sys.modules['alone'].x") == "1"
    write(tagger / "heavy.py", "x = 3\n")
    write(tmp_path / "alone.py", "x = 3\n")
    assert notebook.value("tagger.heavy.x, sys.modules['alone'].x") == "(3, 3)"
