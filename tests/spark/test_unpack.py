"""Eggs become directories: once, complete or absent, and never with a stale .pyc."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import isolated
from eggs import Library, write_egg

OPEN = "say(unpack.open_directory(arguments['root'], arguments['library'])[0])\n"
REFUSED = """
try:
    unpack.open_directory(arguments['root'], arguments['library'])
    say(None)
except ImportError as error:
    say(str(error))
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Stands for SparkFiles' folder of one executor."""
    (tmp_path / "root").mkdir()
    return tmp_path / "root"


@pytest.fixture
def library(tmp_path: Path) -> Library:
    files = {
        "lib/__init__.py": "",
        "lib/code.py": "TAG = 'v1'\n",
        "lib/data/table.txt": "1",
        "lib/old.py": "",
    }
    return Library("lib", tmp_path / "src", tmp_path / "store", files)


def fetched(library: Library, root: Path) -> dict[str, Any]:
    """The eggs as Spark brings them, and the library as the state names it."""
    for egg in library.eggs():
        shutil.copy(egg.path, root)
    state = library.state()
    return {"name": state.name, "kind": state.kind, "version": state.version, "eggs": state.eggs}


def contents(directory: str) -> dict[str, bytes]:
    files = [path for path in Path(directory).rglob("*") if path.is_file()]
    inside = {path.relative_to(directory).as_posix(): path.read_bytes() for path in files}
    return {
        name: data
        for name, data in inside.items()
        if not name.startswith("EGG-INFO") and "__pycache__" not in name
    }


def test_a_base_and_a_patch_give_the_files_of_the_version(library: Library, root: Path) -> None:
    directory = isolated.run(OPEN, root=root, library=fetched(library, root))
    assert Path(directory) == root / "autoegg" / f"lib-{library.version[:16]}.egg"
    assert contents(directory) == library.files
    library.edit({"lib/code.py": "TAG = 'v2'\n", "lib/new/more.py": ""}, deleted=("lib/old.py",))
    assert contents(isolated.run(OPEN, root=root, library=fetched(library, root))) == library.files
    (root / "elsewhere").mkdir()
    again = isolated.run(OPEN, root=root / "elsewhere", library=fetched(library, root / "elsewhere"))
    assert contents(again) == library.files, "also where the base was never unpacked"


def test_unchanged_files_are_linked_with_their_pyc_and_edited_ones_are_not(
    library: Library, root: Path
) -> None:
    first = Path(isolated.run(OPEN, root=root, library=fetched(library, root)))
    load = "import sys\nsys.path.insert(0, arguments['directory'])\nimport lib.code, lib.old\nsay(lib.code.TAG)\n"
    assert isolated.run(load, directory=first) == "v1"
    library.edit({"lib/code.py": "TAG = 'v2'\n"})  # equal size, and eggs have equal times
    second = Path(isolated.run(OPEN, root=root, library=fetched(library, root)))
    assert (second / "lib/old.py").samefile(first / "lib/old.py")
    compiled = {path.name.partition(".")[0] for path in (second / "lib/__pycache__").iterdir()}
    assert compiled == {"__init__", "old"}
    assert isolated.run(load, directory=second) == "v2"


def test_a_file_that_somebody_changed_in_place_is_not_carried_over(library: Library, root: Path) -> None:
    first = Path(isolated.run(OPEN, root=root, library=fetched(library, root)))
    (first / "lib/data/table.txt").write_text("2")
    library.edit({"lib/code.py": "TAG = 'v2'\n"})
    assert contents(isolated.run(OPEN, root=root, library=fetched(library, root))) == library.files


def test_many_processes_at_once_make_it_once(library: Library, root: Path) -> None:
    code = "import os\nwritten = []\nput = unpack._put\n"
    code += "unpack._put = lambda target, content: (written.append(target), put(target, content))\n"
    code += "unpack.open_directory(arguments['root'], arguments['library'])\nsay(len(written))\n"
    named = fetched(library, root)
    processes = [isolated.start(code, root=root, library=named) for _ in range(6)]
    writers = [written for written in map(isolated.answer, processes) if written]
    assert len(writers) == 1
    assert [path.name for path in (root / "autoegg").glob("*.part")] == []


def test_a_process_killed_in_the_middle_leaves_nothing_that_counts(library: Library, root: Path) -> None:
    code = "import os, signal\nput = unpack._put\n"
    code += "def once(target, content):\n    put(target, content)\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    code += "unpack._put = once\nunpack.open_directory(arguments['root'], arguments['library'])\n"
    named = fetched(library, root)
    killed = isolated.start(code, root=root, library=named)
    killed.communicate(timeout=60)
    assert killed.returncode == -signal.SIGKILL
    assert not (root / "autoegg" / f"lib-{library.version[:16]}.egg").exists()
    assert contents(isolated.run(OPEN, root=root, library=named)) == library.files
    assert list((root / "autoegg").glob("*.part")) == []


@pytest.mark.parametrize("path", ["../out.py", "/out.py", "lib/../../out.py", "lib\\out.py", ""])
def test_entries_that_lead_out_of_the_folder_are_refused(tmp_path: Path, root: Path, path: str) -> None:
    manifest = {"format": 1, "library": "lib", "kind": "package", "version": "e" * 64}
    entry = {"digest": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "size": 0}
    write_egg(root / "bad.egg", {"lib/__init__.py": b""}, {**manifest, "files": {path: entry}})
    named = {"name": "lib", "kind": "package", "version": "e" * 64, "eggs": ["bad.egg"]}
    assert "outside of its folder" in isolated.run(REFUSED, root=root, library=named)
    assert [entry.name for entry in (root / "autoegg").iterdir()] == ["lib.lock"]
    assert not (tmp_path / "out.py").exists()


def test_what_is_not_the_wanted_version_is_refused_by_name(library: Library, root: Path) -> None:
    named = fetched(library, root)
    base = root / named["eggs"][0]
    missing = isolated.run(REFUSED, root=root, library={**named, "eggs": ["lib-gone.egg"]})
    assert f"needs lib {library.version[:12]}" in missing and f"found: {base.name}" in missing
    other = isolated.run(REFUSED, root=root, library={**named, "version": "f" * 64})
    assert f"the eggs bring version {library.version[:12]}" in other
    with zipfile.ZipFile(base) as egg:
        manifest = egg.read("EGG-INFO/autoegg.json").decode()
    import json

    write_egg(base, {**library.files, "lib/code.py": b"TAG = 'xx'\n"}, json.loads(manifest))
    assert "lib/code.py in the egg is damaged" in isolated.run(REFUSED, root=root, library=named)
    base.write_bytes(b"no zip")
    assert "cannot be unpacked" in isolated.run(REFUSED, root=root, library=named)


def test_a_full_disk_is_said_and_leaves_nothing_half(library: Library, root: Path) -> None:
    code = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
    code += "import signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n" + REFUSED
    library.edit({"lib/code.py": "#" * 200})
    named = fetched(library, root)
    assert "cannot be unpacked: OSError" in isolated.run(code, root=root, library=named)
    assert list((root / "autoegg").glob("lib-*")) == []


def test_copies_where_hard_links_are_refused(library: Library, root: Path) -> None:
    isolated.run(OPEN, root=root, library=fetched(library, root))
    library.edit({"lib/code.py": "TAG = 'v2'\n"})
    code = "import os\ndef refuse(*_):\n    raise PermissionError(1, 'no')\nos.link = refuse\n" + OPEN
    assert contents(isolated.run(code, root=root, library=fetched(library, root))) == library.files


def test_directories_that_nobody_uses_go_and_those_in_use_stay(library: Library, root: Path) -> None:
    hold = "held = unpack.open_directory(arguments['root'], arguments['library'])\nsay(held[0])\nsys.stdin.read()\n"
    holder = isolated.start(hold, root=root, library=fetched(library, root))
    try:
        assert holder.stdout is not None
        first = Path(__import__("json").loads(holder.stdout.readline()))
        made = []
        for number in range(8):
            library.edit({"lib/code.py": f"TAG = {number}\n"})
            made.append(Path(isolated.run(OPEN, root=root, library=fetched(library, root))))
            os.utime(made[-1] / "EGG-INFO/in-use", (1000 + number, 1000 + number))
        there = set((root / "autoegg").glob("*.egg"))
        assert first in there and made[-1] in there and made[0] not in there
        assert len(there) <= 6
    finally:
        holder.kill()
        holder.communicate()
