"""The guard in front of a pickle: small, harmless to what follows, and all that a worker needs."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import pytest
from eggs import Library

from autoegg.protocol import LibraryState, State
from autoegg.spark.guard import disarm_here, program_file, program_name, prologue, sealed

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
    three = State(
        STATE.session,
        7,
        tuple(LibraryState(f"{n}" * 20, "package", "a" * 64, ("b" * 50,) * 2) for n in range(3)),
    )
    assert len(prologue(STATE)) < len(prologue(three)) < 4000


@pytest.mark.parametrize("inline", [False, True], ids=["from the file", "inline"])
def test_a_process_without_autoegg_is_put_on_the_state_and_a_refusal_can_be_printed(
    tmp_path: Path, inline: bool
) -> None:
    if not inline:
        program_file(tmp_path)
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
    good = prologue(State("s", 1, (library.state(),)), inline) + pickle.dumps("body")
    gone = State("s", 2, (LibraryState("lib", "package", "f" * 64, ("gone.egg",)),))
    bad = prologue(gone, inline) + pickle.dumps("body")
    command = [sys.executable, "-I", "-S", "-c", code, str(tmp_path), good.hex(), bad.hex()]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert lines[:2] == ["body", "v1 False"]
    assert lines[-1].startswith("ImportError: autoegg: this task needs lib ffffffffffff, but on node ")


def test_a_process_whose_folder_lacks_the_program_says_so_by_name(tmp_path: Path) -> None:
    code = """
import pickle, sys, types
files = sys.modules["pyspark.files"] = types.ModuleType("f")
files.SparkFiles = types.SimpleNamespace(_root_directory=sys.argv[1])
try:
    pickle.loads(bytes.fromhex(sys.argv[2]))
except ImportError as error:
    print(error)
"""
    command = [sys.executable, "-I", "-S", "-c", code, str(tmp_path), prologue(STATE).hex()]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said.startswith(f"autoegg: {program_name()} is not in {tmp_path} on node ")


def test_sealed_data_is_the_data_itself_in_the_driver() -> None:
    disarm_here()
    assert pickle.loads(sealed(pickle.dumps({"a": [1]}))) == {"a": [1]}
