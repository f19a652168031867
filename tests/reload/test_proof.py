"""Modules that were imported before the extension was loaded: which code they ran is proven, or they count as stale."""

from __future__ import annotations

import json
import os
import py_compile
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from autoegg.reload.plan import proven as proof

ONE, TWO = "def tag(): return 'one'\n", "def tag(): return 'two'\n"

PROCESS = """
import json, os, sys
from pathlib import Path
root, edit, moment = sys.argv[1:]
sys.path.insert(0, root)
import made.a
from autoegg.reload import Reloader
if edit:
    Path(made.a.__file__).write_text(edit)
    os.utime(made.a.__file__, ns=(int(moment), int(moment)))
reloader = Reloader(dict, lambda path: path.startswith(root + os.sep))
reloader.install()
known = reloader.executed()[made.a.__file__] is not None
ran = made.a.tag()
reloader.reload(None)
print(json.dumps({"known": known, "ran": ran, "after": made.a.tag()}))
"""


class Library:
    """A package whose files were saved some time ago, as far as file systems can tell."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.file = root / "made" / "a.py"
        self.file.parent.mkdir(parents=True)
        (root / "made" / "__init__.py").touch()
        self.file.write_text(ONE)
        self.moment = self.file.stat().st_mtime_ns

    def save(self, text: str) -> None:
        """As in the same instant: size and modification time stay."""
        self.file.write_text(text)
        os.utime(self.file, ns=(self.moment, self.moment))

    def imported(self, edit: str = "") -> dict[str, Any]:
        """What a new process says that imports it, edits it, and loads the reloader then."""
        line = [sys.executable, "-c", PROCESS, str(self.root), edit, str(self.moment)]
        done = subprocess.run(line, capture_output=True, text=True, check=True)
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer


def wait() -> None:
    time.sleep(proof.MARGIN_NS / 1e9 + 0.1)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path.resolve() / "root")


PROVEN_ONE = {"known": True, "ran": "one", "after": "one"}


def test_code_is_proven_by_a_file_and_a_pyc_older_than_the_process(library: Library) -> None:
    wait()
    assert library.imported() == PROVEN_ONE, "the process itself wrote the .pyc"
    assert library.imported() == PROVEN_ONE, "the .pyc was there"


def test_an_edit_in_the_instant_of_the_import_is_seen_though_the_pyc_names_the_same_time_and_size(
    library: Library,
) -> None:
    wait()
    assert library.imported(edit=TWO) == {"known": False, "ran": "one", "after": "two"}


def test_a_pyc_of_an_earlier_save_of_the_same_second_proves_nothing(library: Library) -> None:
    py_compile.compile(str(library.file), doraise=True)
    library.save(TWO)
    wait()
    assert library.imported() == {"known": False, "ran": "one", "after": "two"}


def test_a_file_that_was_saved_just_before_the_process_began_is_run_again(library: Library) -> None:
    assert library.imported() == {"known": False, "ran": "one", "after": "one"}


def test_a_system_that_does_not_tell_when_a_process_began_is_asked_in_vain(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_such_name(name: str) -> int:
        raise ValueError(f"unrecognized configuration name {name}")

    monkeypatch.setattr("os.sysconf", no_such_name)
    proof.process_began_ns.cache_clear()
    try:
        assert proof.process_began_ns() is None
    finally:
        proof.process_began_ns.cache_clear()


def test_the_process_began_between_its_start_and_now() -> None:
    before = time.time_ns()
    line = [
        sys.executable,
        "-c",
        "from autoegg.reload.plan.proven import process_began_ns; print(process_began_ns())",
    ]
    began = int(subprocess.run(line, capture_output=True, text=True, check=True).stdout)
    assert before - proof.MARGIN_NS < began < time.time_ns()
