"""The guard in front of a pickle: small, harmless to what follows, and all that a worker needs."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from eggs import Library

from autoegg.protocol import LibraryState, State
from autoegg.spark.guard import disarm_here, prologue

STATE = State("0" * 32, 7, (LibraryState("lib", "package", "a" * 64, ("lib-a-1.egg", "lib-b-1.patch.egg")),))


def test_what_follows_is_read_as_if_the_guard_were_not_there() -> None:
    disarm_here()
    shared = ["x" * 100]
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        value = pickle.loads(prologue(STATE) + pickle.dumps([shared, shared, "y"], protocol))
        assert value == [shared, shared, "y"] and value[0] is value[1]


def test_two_states_of_equal_libraries_give_different_bytes() -> None:
    later = State(STATE.session, STATE.generation + 1, STATE.libraries)
    assert prologue(STATE) == prologue(State(STATE.session, STATE.generation, STATE.libraries))
    assert prologue(STATE) != prologue(later)


def test_it_is_small() -> None:
    assert len(prologue(STATE)) < 6000


def test_a_process_without_autoegg_is_put_on_the_state_and_a_refusal_can_be_printed(tmp_path: Path) -> None:
    library = Library("lib", tmp_path / "src", tmp_path, {"lib/__init__.py": "TAG = 'v1'\n"})
    code = """
import pickle, sys, traceback, types
files = sys.modules["pyspark.files"] = types.ModuleType("f")
files.SparkFiles = types.SimpleNamespace(_root_directory=sys.argv[1])
good, bad = [bytes.fromhex(text) for text in sys.argv[2:]]
print(pickle.loads(good))
import lib
print(lib.TAG, "autoegg" in sys.modules)
try:
    pickle.loads(bad)
except ImportError:
    traceback.print_exc(file=sys.stdout)
"""
    good = prologue(State("s", 1, (library.state(),))) + pickle.dumps("body")
    bad = prologue(State("s", 2, (LibraryState("lib", "package", "f" * 64, ("gone.egg",)),))) + pickle.dumps(
        "body"
    )
    command = [sys.executable, "-I", "-S", "-c", code, str(tmp_path), good.hex(), bad.hex()]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert lines[:2] == ["body", "v1 False"]
    assert lines[-1].startswith("ImportError: autoegg: this task needs lib ffffffffffff, but on node ")
