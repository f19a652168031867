"""A process is put on one state: nothing of another state is left, and nothing that is not ours is touched."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import isolated
from eggs import Library

TO = """
import importlib
def to(number):
    state = arguments['states'][number]
    bootstrap.switch.to(state, arguments['root'])
def value(module, name='TAG'):
    return getattr(importlib.import_module(module), name)
"""


class States:
    """States of libraries one after the other, with their eggs in one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.states: list[dict[str, Any]] = []

    def add(self, *libraries: Library) -> None:
        named = []
        for library in libraries:
            for egg in library.eggs():
                shutil.copy(egg.path, self.root)
            state = library.state()
            named.append(
                {"name": state.name, "kind": state.kind, "version": state.version, "eggs": state.eggs}
            )
        self.states.append({"session": "s", "generation": len(self.states) + 1, "libraries": named})

    def run(self, code: str, **arguments: Any) -> Any:
        return isolated.run(TO + code, root=self.root, states=self.states, **arguments)


@pytest.fixture
def states(tmp_path: Path) -> States:
    (tmp_path / "root").mkdir()
    return States(tmp_path / "root")


def library(tmp_path: Path, name: str, files: dict[str, str], kind: Any = "package") -> Library:
    return Library(name, tmp_path / f"src-{name}", tmp_path / "store", files, kind)


def test_the_next_import_finds_the_new_version_first(tmp_path: Path, states: States) -> None:
    lib = library(tmp_path, "lib", {"lib/__init__.py": "", "lib/code.py": "TAG = 'v1'\n"})
    states.add(lib)
    lib.edit({"lib/code.py": "TAG = 'v2'\n"})
    states.add(lib)
    said = states.run(
        "to(0); a = value('lib.code'); to(1); say([a, value('lib.code'), sys.path[0], len(sys.path)])"
    )
    assert said[:2] == ["v1", "v2"]
    assert said[2].endswith(f"autoegg/lib-{lib.version[:16]}.egg")
    assert said[3] == states.run("to(0); say(len(sys.path))"), (
        "one directory per library, whatever came before"
    )


def test_alternating_states_do_not_import_again(tmp_path: Path, states: States) -> None:
    lib = library(tmp_path, "lib", {"lib/__init__.py": "", "lib/code.py": "TAG = 'v1'\n"})
    states.add(lib)
    lib.edit({"lib/code.py": "TAG = 'v2'\n"})
    states.add(lib)
    # By their numbers, as a reference from here would count as something that the library left in another package.
    code = "def look():\n    import lib.code\n    return [id(lib.code), lib.code.TAG]\n"
    code += "said = []\nfor number in (0, 1, 0, 1):\n    to(number); said.append(look())\nsay(said)"
    first, second, again, too = states.run(code)
    assert (first[1], second[1]) == ("v1", "v2")
    assert (again, too) == (first, second)


def test_a_copy_that_was_imported_from_elsewhere_goes_too(tmp_path: Path, states: States) -> None:
    lib = library(tmp_path, "lib", {"lib/__init__.py": "", "lib/code.py": "TAG = 'v1'\n"})
    states.add(lib)
    old = tmp_path / "elsewhere"
    (old / "lib").mkdir(parents=True)
    (old / "lib/__init__.py").write_text("")
    (old / "lib/code.py").write_text("TAG = 'old'\n")
    (old / "lib/gone.py").write_text("")
    (old / "library.py").write_text("TAG = 'a name that begins alike'\n")
    code = "sys.path.insert(0, arguments['old']); import lib.code, lib.gone, library\n"
    code += "to(0); say([value('lib.code'), 'lib.gone' in sys.modules, 'library' in sys.modules])"
    assert states.run(code, old=old) == ["v1", False, True]


def test_a_namespace_is_shared_with_what_is_installed(tmp_path: Path, states: States) -> None:
    ours = library(tmp_path, "google", {"google/mine/code.py": "TAG = 'v1'\n"}, "namespace")
    states.add(ours)
    ours.edit({"google/mine/code.py": "TAG = 'v2'\n"})
    states.add(ours)
    installed = tmp_path / "installed"
    (installed / "google/protobuf").mkdir(parents=True)
    (installed / "google/protobuf/__init__.py").write_text("TAG = 'theirs'\n")
    code = "sys.path.append(arguments['installed']); import google.protobuf; theirs = google.protobuf\n"
    code += "to(0); from google.mine import code as one; to(1); from google.mine import code as two\n"
    code += "import google.protobuf; say([one.TAG, two.TAG, google.protobuf is theirs])"
    assert states.run(code, installed=installed) == ["v1", "v2", True]


def test_an_attribute_of_a_parent_that_stays_follows_the_state(tmp_path: Path, states: States) -> None:
    ours = library(tmp_path, "shared", {"shared/mine.py": "TAG = 'v1'\n"}, "namespace")
    states.add(ours)
    ours.edit({"shared/mine.py": "TAG = 'v2'\n"})
    states.add(ours)
    installed = tmp_path / "installed"
    (installed / "shared").mkdir(parents=True)
    (installed / "shared/theirs.py").write_text("")
    code = "sys.path.append(arguments['installed']); import shared.theirs\ndef look():\n"
    code += "    from shared import mine\n    return mine.TAG\n"
    code += "said = []\nfor number in (0, 1, 0, 1):\n    to(number); said.append(look())\nsay(said)"
    assert states.run(code, installed=installed) == ["v1", "v2", "v1", "v2"]


def test_a_parent_that_stays_has_the_modules_of_the_state_as_attributes(
    tmp_path: Path, states: States
) -> None:
    """Without an import in between, as ``import shared.mine`` at the top of a function's module leaves it."""
    files = {"shared/mine.py": "TAG = 'v1'\n", "shared/name.py": "TAG = 'v1'\n"}
    ours = library(tmp_path, "shared", files, "namespace")
    states.add(ours)
    ours.edit({"shared/mine.py": "TAG = 'v2'\n"})
    states.add(ours)
    (tmp_path / "installed/shared").mkdir(parents=True)
    (tmp_path / "installed/shared/theirs.py").write_text("")
    code = "sys.path.append(arguments['installed']); import shared.theirs\nto(0)\n"
    code += "def load():\n    import shared.mine, shared.name\nload(); shared.name = 'set by somebody else'; said = []\n"
    code += "to(1); said.append(hasattr(shared, 'mine')); load(); said.append(shared.mine.TAG); shared.name = 'again'\n"
    code += "to(0); said += [shared.mine.TAG, 'shared.name' in sys.modules]\nto(1); said.append(shared.mine.TAG)\nsay(said)"
    assert states.run(code, installed=tmp_path / "installed") == [False, "v2", "v1", True, "v2"]
    code = "sys.path.append(arguments['installed']); import shared.theirs\nto(0)\n"
    code += "def load():\n    import shared.name\nload(); shared.name = 'set by somebody else'; to(1); say(shared.name)"
    assert states.run(code, installed=tmp_path / "installed") == "set by somebody else"


FREE = """
import fcntl
def free(directory):
    with open(directory + '/EGG-INFO/in-use', 'r+') as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True
"""


def test_a_state_that_cannot_be_had_holds_no_directory(tmp_path: Path, states: States) -> None:
    low = library(tmp_path, "low", {"low/__init__.py": ""})
    high = library(tmp_path, "high", {"high/__init__.py": ""})
    states.add(low, high)
    (states.root / high.eggs()[0].name).unlink()
    code = FREE + "try:\n    to(0)\nexcept ImportError as error:\n    said = str(error)\n"
    code += (
        "say([said, free(unpack.directory_of(arguments['root'], arguments['states'][0]['libraries'][0]))])"
    )
    said, free = states.run(code)
    assert "needs high" in said
    assert free is True


def test_directories_are_held_as_long_as_their_modules_are_kept(tmp_path: Path, states: States) -> None:
    lib = library(tmp_path, "lib", {"lib/__init__.py": "", "lib/code.py": "TAG = 0\n"})
    states.add(lib)
    for number in range(1, 6):
        lib.edit({"lib/code.py": f"TAG = {number}\n"})
        states.add(lib)
    code = (
        FREE
        + "place = [unpack.directory_of(arguments['root'], state['libraries'][0]) for state in arguments['states']]\n"
    )
    code += "for number in range(6):\n    to(number)\nsay([free(directory) for directory in place if os.path.isdir(directory)])"
    found = states.run(code)
    assert found[-4:] == [False] * 4 and all(found[:-4]), "four states are kept"


def test_libraries_switch_together_and_in_their_order(tmp_path: Path, states: States) -> None:
    low = library(tmp_path, "low", {"low/__init__.py": "TAG = 'low 1'\n"})
    high = library(tmp_path, "high", {"high.py": "import low\nTAG = low.TAG\n"}, "module")
    states.add(low, high)
    low.edit({"low/__init__.py": "TAG = 'low 2'\n"})
    states.add(low, high)
    states.add(high)
    code = "to(0); a = value('high'); to(1); b = value('high'); first = [p.rpartition('/')[2][:4] for p in sys.path[:2]]\n"
    code += (
        "to(2)\ntry:\n    value('high'); c = None\nexcept ModuleNotFoundError as error:\n    c = str(error)\n"
    )
    code += "say([a, b, c, first])"
    expected = ["low 1", "low 2", "No module named 'low'", ["low-", "high"]]
    assert states.run(code) == expected


def test_a_state_that_cannot_be_had_leaves_the_one_before(tmp_path: Path, states: States) -> None:
    lib = library(tmp_path, "lib", {"lib/__init__.py": "TAG = 'v1'\n"})
    states.add(lib)
    lib.edit({"lib/__init__.py": "TAG = 'v2'\n"})
    states.add(lib)
    (states.root / lib.eggs()[1].name).unlink()
    code = "to(0); import lib; here = list(sys.path)\ntry:\n    to(1); said = None\nexcept ImportError as error:\n    said = str(error)\n"
    code += "say([said, sys.modules.get('lib') is lib, sys.path == here, bootstrap.report()[0][1]])"
    said, same, path, runs = states.run(code)
    assert f"needs lib {lib.version[:12]}" in said
    assert (same, path, runs) == (True, True, states.states[0]["libraries"][0]["version"])


def test_a_lazy_module_is_not_woken_and_odd_entries_do_no_harm(tmp_path: Path, states: States) -> None:
    states.add(library(tmp_path, "lib", {"lib/__init__.py": "TAG = 'v1'\n"}))
    code = "import types\nclass Lazy(types.ModuleType):\n    def __getattr__(self, name):\n        raise RuntimeError(name)\n"
    code += "class Odd:\n    __slots__ = ()\n"
    code += "sys.modules['lazy'] = Lazy('lazy'); sys.modules['odd'] = Odd(); sys.modules['none'] = None\n"
    code += "to(0); say([value('lib'), 'lazy' in sys.modules, 'odd' in sys.modules])"
    assert states.run(code) == ["v1", True, True]


def test_a_blocked_import_is_blocked_no_longer_under_another_state(tmp_path: Path, states: States) -> None:
    lib = library(tmp_path, "lib", {"lib/__init__.py": "", "lib/code.py": "TAG = 'v1'\n"})
    states.add(lib)
    lib.edit({"lib/code.py": "TAG = 'v2'\n"})
    states.add(lib)
    code = "to(0); value('lib', '__name__'); sys.modules['lib.code'] = None\ntry:\n    value('lib.code'); first = None\n"
    code += "except ImportError as error:\n    first = type(error).__name__\n"
    code += "to(1); second = value('lib.code'); to(0); say([first, second, sys.modules['lib.code']])"
    assert states.run(code) == ["ModuleNotFoundError", "v2", None]


def test_an_edit_of_equal_size_is_never_run_from_an_older_compiled_file(
    tmp_path: Path, states: States
) -> None:
    lib = library(tmp_path, "lib", {"lib/__init__.py": "", "lib/code.py": "TAG = 'v1'\n"})
    states.add(lib)
    for number in range(2, 5):
        lib.edit({"lib/code.py": f"TAG = 'v{number}'\n"})
        states.add(lib)
    code = "said = []\nfor number in range(4):\n    to(number); said.append(value('lib.code'))\nsay(said)"
    expected = ["v1", "v2", "v3", "v4"]
    assert states.run(code) == expected
    assert states.run(code) == expected, "a second process finds the compiled files of the first"


def test_a_lazily_loading_library_switches(tmp_path: Path, states: States) -> None:
    lazy = "import importlib\ndef __getattr__(name):\n    return importlib.import_module('lib.' + name)\n"
    lib = library(tmp_path, "lib", {"lib/__init__.py": lazy, "lib/code.py": "TAG = 'v1'\n"})
    states.add(lib)
    lib.edit({"lib/code.py": "TAG = 'v2'\n"})
    states.add(lib)
    code = "said = []\nfor number in (0, 1, 0):\n    to(number); import lib; said.append(lib.code.TAG)\nsay(said)"
    assert states.run(code) == ["v1", "v2", "v1"]


def test_a_thread_that_is_left_behind_imports_from_the_present_state(tmp_path: Path, states: States) -> None:
    lib = library(tmp_path, "lib", {"lib/__init__.py": "", "lib/code.py": "TAG = 'v1'\n"})
    states.add(lib)
    lib.edit({"lib/code.py": "TAG = 'v2'\n"})
    states.add(lib)
    code = "import threading\ngo, said = threading.Event(), []\n"
    code += "def late():\n    go.wait(60); said.append(value('lib.code'))\n"
    code += "to(0); thread = threading.Thread(target=late); thread.start(); to(1); go.set(); thread.join(60); say(said)"
    assert states.run(code) == ["v2"]


def test_a_module_that_fails_the_second_time_is_named_and_remembered(tmp_path: Path, states: States) -> None:
    once = "import sys\nif hasattr(sys, 'once'):\n    raise ValueError('twice')\nsys.once = 1\nTAG = 'v1'\n"
    lib = library(tmp_path, "lib", {"lib/__init__.py": "", "lib/code.py": once})
    states.add(lib)
    lib.edit({"lib/code.py": once.replace("v1", "v2")})
    states.add(lib)
    code = "from autoegg.worker import again\nagain.install()\nto(0); value('lib.code'); before = again.refuses()\n"
    code += (
        "to(1)\ntry:\n    value('lib.code'); said = None\nexcept ValueError as error:\n    import traceback\n"
    )
    code += "    said = ''.join(traceback.format_exception(error))\nimport json.tool\nsay([before, said, again.refuses()])"
    before, said, after = states.run(code)
    assert "ValueError: twice" in said
    assert f"autoegg: lib.code of lib {lib.version[:12]} failed when worker process" in said
    assert (before, after) == (False, True), "such a process starts afresh before it goes to another state"


def test_a_genuine_error_of_a_first_import_is_left_alone(tmp_path: Path, states: States) -> None:
    lib = library(tmp_path, "lib", {"lib/__init__.py": "", "lib/code.py": "TAG = 'v1'\n"})
    states.add(lib)
    lib.edit({"lib/code.py": "import not_there_at_all\n"})
    states.add(lib)
    code = "from autoegg.worker import again\nagain.install()\nto(0); value('lib.code'); to(1)\n"
    code += "try:\n    value('lib.code'); said = None\nexcept ModuleNotFoundError as error:\n    said = str(error)\n"
    code += "say([said, again.refuses()])"
    assert states.run(code) == ["No module named 'not_there_at_all'", False]
