"""Modules that were imported before the reloader came, or that somebody else has changed since, and are then edited."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

SHIM = Path(__file__).resolve().parents[2] / "python-shim"

PROCESS = """
import json, os, sys
root, shim, when, meanwhile = sys.argv[1:]
sys.path[:0] = [root, shim]
import made.a
from made.a import tag, Shape, adder, cached
from pathlib import Path
from autoegg.reload import Reloader, reloader as front
shape, add, file = Shape(), adder(1), Path(made.a.__file__)
# What `proven` says is not the question here (test_proof.py), and rests on files that are seconds old.
front.proven = lambda module, path, sources: sources.load(path)
namespace = globals()
reloader = Reloader(lambda: namespace, lambda path: path.startswith(root + os.sep))
if when == "before":
    exec(meanwhile)
reloader.install()
if when == "after":
    exec(meanwhile)
    reloader.doubt()
known = reloader.executed()[str(file)] is not None
file.write_text(file.read_text().replace("one", "two"))
lines = reloader.reload([str(file)]).lines
seen = [known, tag(), shape.name(), add(1), cached(), made.a.tag is tag]
file.write_text(file.read_text().replace("two", "three"))
print(json.dumps([*seen, lines, reloader.reload([str(file)]).lines, tag()]))
"""

MODULE = """
import functools
def tag(): return 'one'
class Shape:
    def name(self): return 'one'
def adder(n):
    def add(m): return n + m, 'one'
    return add
@functools.lru_cache
def cached(): return 'one'
"""

OTHER_CODE = """
text = file.read_text().replace("one", "patched")
other = {}
exec(compile(text, str(file), "exec"), other)
tag.__code__ = other["tag"].__code__
"""

EXPECTED = ["two", "two", [2, "two"], "two", True]
TOLD = [["Imported before autoegg was loaded, and therefore run again as a whole: made.a."], [], "three"]


def after_an_edit(tmp_path: Path, when: str, meanwhile: str) -> list[object]:
    """Whether the module's code was known, and what function, method, closure, cached function and module say then."""
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "__init__.py").write_text("")
    (tmp_path / "made" / "a.py").write_text(MODULE)
    line = [sys.executable, "-B", "-c", PROCESS, str(tmp_path), str(SHIM), when, meanwhile]
    done = subprocess.run(line, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    answer: list[object] = json.loads(done.stdout)
    return answer


def test_an_edit_reaches_a_module_that_was_imported_before(tmp_path: Path) -> None:
    assert after_an_edit(tmp_path, "before", "") == [True, *EXPECTED, *TOLD]


def test_a_module_whose_functions_somebody_else_replaced_before_counts_as_unknown(tmp_path: Path) -> None:
    assert after_an_edit(tmp_path, "before", OTHER_CODE) == [False, *EXPECTED, *TOLD]


def test_a_module_whose_functions_somebody_else_replaced_later_counts_as_unknown(tmp_path: Path) -> None:
    assert after_an_edit(tmp_path, "after", OTHER_CODE) == [False, *EXPECTED, *TOLD]


def test_a_module_that_nobody_touched_is_still_known_after_a_doubt(tmp_path: Path) -> None:
    assert after_an_edit(tmp_path, "after", "") == [True, *EXPECTED, *TOLD]
