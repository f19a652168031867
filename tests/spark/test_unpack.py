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


@pytest.mark.parametrize("caches", ["none", "elsewhere", "optimised"])
def test_a_same_size_edit_is_seen_wherever_python_keeps_its_pyc_files(
    library: Library, root: Path, tmp_path: Path, caches: str
) -> None:
    prepare = {
        "none": "sys.dont_write_bytecode = True\n",
        "elsewhere": f"sys.pycache_prefix = {str(tmp_path / 'caches')!r}\n",
        "optimised": "",
    }[caches]
    options = ["-OO"] if caches == "optimised" else []
    load = prepare + OPEN.replace("say(", "directory = (")
    load += "sys.path.insert(0, directory)\nimport lib.code, lib.old\nsay(lib.code.TAG)\n"
    for tag in ("v1", "v2", "v3", "v1", "v4", "v5", "v6", "v7"):
        library.edit({"lib/code.py": f"TAG = '{tag}'\n"})
        process = isolated.start(load, options, root=root, library=fetched(library, root))
        assert isolated.answer(process) == tag
    kept = [path for path in (tmp_path / "caches").rglob("*.egg") if path.is_dir()]
    assert len(kept) <= len(list((root / "autoegg").glob("*.egg"))), "they go with their directory"
    beside = list((root / "autoegg").rglob("*.pyc"))
    assert bool(beside) is (caches == "optimised")


def test_a_file_that_somebody_changed_in_place_is_not_carried_over(library: Library, root: Path) -> None:
    first = Path(isolated.run(OPEN, root=root, library=fetched(library, root)))
    (first / "lib/data/table.txt").write_text("2")
    library.edit({"lib/code.py": "TAG = 'v2'\n"})
    assert contents(isolated.run(OPEN, root=root, library=fetched(library, root))) == library.files


def test_many_processes_at_once_make_it_once(library: Library, root: Path) -> None:
    code = "written = []\nput = unpack._put\n"
    code += "unpack._put = lambda target, content: (written.append(target), put(target, content))\n"
    code += "print('ready', flush=True)\nsys.stdin.readline()\n"
    code += "directory = unpack.open_directory(arguments['root'], arguments['library'])[0]\n"
    code += "sys.path.insert(0, directory)\nimport lib.code\nsay([len(written), lib.code.TAG])\n"
    named = fetched(library, root)
    processes = [isolated.start(code, root=root, library=named) for _ in range(16)]
    for process in processes:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
    answers = [isolated.answer(process, "go\n") for process in processes]
    assert {tag for _, tag in answers} == {"v1"}
    assert len([written for written, _ in answers if written]) == 1
    assert [path.name for path in (root / "autoegg").glob("*.part")] == []


KILLED_AT = {
    "the folder is there and empty": ("os", "makedirs", "part"),
    "the first file is written": ("unpack", "_put", "lib"),
    "its manifest is written": ("unpack", "_put", "autoegg.json"),
    "all is there but its name": ("unpack", "_put", "in-use"),
    "it has its name": ("os", "rename", ".egg"),
    "an old one is being removed": ("os", "rename", ".part"),
}
KILL = """
import os, signal
owner = {"os": os, "unpack": unpack}[arguments["owner"]]
original = getattr(owner, arguments["function"])
def once(*paths, **named):
    result = original(*paths, **named)
    if any(arguments["after"] in str(path).rpartition("/autoegg/")[2] for path in paths[-1 if owner is os else 0:][:1]):
        os.kill(os.getpid(), signal.SIGKILL)
    return result
setattr(owner, arguments["function"], once)
unpack.open_directory(arguments["root"], arguments["library"])
"""


@pytest.mark.parametrize("when", KILLED_AT)
def test_a_process_killed_in_the_middle_leaves_nothing_half(library: Library, root: Path, when: str) -> None:
    owner, function, after = KILLED_AT[when]
    for number in range(6):  # so that there is something to link from and something to remove
        library.edit({"lib/code.py": f"TAG = {number}\n"})
        os.utime(
            Path(isolated.run(OPEN, root=root, library=fetched(library, root))) / "EGG-INFO/in-use",
            (number, number),
        )
    library.edit({"lib/code.py": "TAG = 'new'\n"})
    named = fetched(library, root)
    killed = isolated.start(KILL, root=root, library=named, owner=owner, function=function, after=after)
    killed.communicate(timeout=60)
    assert killed.returncode == -signal.SIGKILL
    for directory in (root / "autoegg").glob("*.egg"):
        assert len(contents(str(directory))) == len(library.files), "whatever has a name is whole"
    assert contents(isolated.run(OPEN, root=root, library=named)) == library.files
    library.edit({"lib/code.py": "TAG = 'last'\n"})
    assert contents(isolated.run(OPEN, root=root, library=fetched(library, root))) == library.files
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
    damaged = f"its egg {base.name} is damaged: "
    assert damaged + "lib/code.py differs from its manifest" in isolated.run(
        REFUSED, root=root, library=named
    )
    assert f"its egg {base.name} was damaged and set aside" in isolated.run(REFUSED, root=root, library=named)
    base.write_bytes(b"no zip")
    assert damaged in isolated.run(REFUSED, root=root, library=named)
    assert contents(isolated.run(OPEN, root=root, library=fetched(library, root))) == library.files, (
        "Spark may bring it once more"
    )
    assert not [path for path in root.iterdir() if path.suffix == ".damaged"]


def test_a_patch_belongs_to_one_base(library: Library, root: Path, tmp_path: Path) -> None:
    (base,) = library.eggs()
    library.edit({"lib/code.py": "TAG = 'v2'\n"})
    named = fetched(library, root)
    patch = library.eggs()[1]
    other = Library("lib", tmp_path / "other", tmp_path / "store", {"lib/__init__.py": "", "lib/odd.py": ""})
    (wrong,) = other.eggs()
    stranger = Library("stranger", tmp_path / "stranger", tmp_path / "store", {"stranger.py": ""}, "module")
    for egg in (wrong, *stranger.eggs()):
        shutil.copy(egg.path, root)
    for eggs in (
        [wrong.name, patch.name],
        [patch.name],
        [patch.name, base.name],
        [base.name, base.name],
        [stranger.eggs()[0].name],
    ):
        said = isolated.run(REFUSED, root=root, library={**named, "eggs": eggs})
        assert said is not None and "does not belong to this version" in said, eggs
    assert contents(isolated.run(OPEN, root=root, library=named)) == library.files


def test_a_directory_that_holds_another_version_is_not_used(library: Library, root: Path) -> None:
    """Its name has 16 digits of the version, and somebody may have put there what he likes."""
    named = fetched(library, root)
    directory = Path(isolated.run(OPEN, root=root, library=named))
    longer = {**named, "version": named["version"][:16] + "0" * 48}
    assert f"{directory} holds {library.version[:12]}" in isolated.run(REFUSED, root=root, library=longer)
    # Refused or not, it must not stay held: then nobody could remove it.
    held = "import fcntl\ntry:\n    unpack.open_directory(arguments['root'], arguments['library'])\nexcept ImportError:\n"
    held += "    file = open(arguments['directory'] + '/EGG-INFO/in-use', 'r+')\n"
    held += "    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)\n    say('free')\n"
    assert isolated.run(held, root=root, library=longer, directory=directory) == "free"


@pytest.mark.parametrize("meanwhile", ["removed", "removed and made anew"])
def test_a_directory_that_is_removed_while_it_is_being_opened(
    library: Library, root: Path, meanwhile: str
) -> None:
    """Another process removes it after its file was opened and before it was locked: the lock is on a file that is gone."""
    named = fetched(library, root)
    directory = isolated.run(OPEN, root=root, library=named)
    code = (
        "import fcntl, shutil\nlock, once = fcntl.flock, []\ndef meanwhile(descriptor, how):\n"
        "    if how & fcntl.LOCK_SH and not once:\n        once.append(1)\n        place = arguments['directory']\n"
        "        os.rename(place, place + '.part')\n"
        "        if arguments['meanwhile'] != 'removed':\n            shutil.copytree(place + '.part', place)\n"
        "        shutil.rmtree(place + '.part')\n    return lock(descriptor, how)\nfcntl.flock = meanwhile\n"
        "directory, held = unpack.open_directory(arguments['root'], arguments['library'])\n"
        "say([once, os.path.samestat(os.fstat(held), os.stat(directory + '/EGG-INFO/in-use'))])\n"
    )
    assert isolated.run(code, root=root, library=named, directory=directory, meanwhile=meanwhile) == [
        [1],
        True,
    ]
    assert contents(directory) == library.files


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
    second = isolated.run(code, root=root, library=fetched(library, root))
    assert contents(second) == library.files
    library.edit({"lib/code.py": "TAG = 'v3'\n"})
    third = isolated.run(OPEN, root=root, library=fetched(library, root))
    assert Path(third, "lib/old.py").samefile(Path(second, "lib/old.py")), (
        "a copy is as good as what it came from"
    )


def test_directories_that_nobody_uses_go_and_those_in_use_stay(library: Library, root: Path) -> None:
    hold = "held = unpack.open_directory(arguments['root'], arguments['library'])\nsay(held[0])\nsys.stdin.read()\n"
    holder = isolated.start(hold, root=root, library=fetched(library, root))
    try:
        assert holder.stdout is not None
        first = Path(__import__("json").loads(holder.stdout.readline()))
        os.utime(first / "EGG-INFO/in-use", (1, 1))  # used last of all, so nothing but its lock keeps it
        made = []
        for number in range(8):
            library.edit({"lib/code.py": f"TAG = {number}\n"})
            made.append(Path(isolated.run(OPEN, root=root, library=fetched(library, root))))
            os.utime(made[-1] / "EGG-INFO/in-use", (1000 + number, 1000 + number))
        there = set((root / "autoegg").glob("*.egg"))
        assert first in there and made[-1] in there and made[0] not in there
        assert len(there) <= 6
        assert (first / "lib/code.py").read_text() == "TAG = 'v1'\n"
    finally:
        holder.kill()
        holder.communicate()
    library.edit({"lib/code.py": "TAG = 'last'\n"})
    isolated.run(OPEN, root=root, library=fetched(library, root))
    assert not first.exists(), "nobody holds it any more"


def test_workers_know_the_distribution_that_the_egg_names(library: Library, root: Path) -> None:
    (base,) = library.eggs()
    with zipfile.ZipFile(base.path, "a") as egg:
        egg.writestr(
            "acme_tools-1.2.dist-info/METADATA", "Metadata-Version: 2.1\nName: acme-tools\nVersion: 1.2\n"
        )
        egg.writestr("acme_tools-1.2.dist-info/entry_points.txt", "[plugins]\na = lib.code:TAG\n")
    library.edit({"lib/code.py": "TAG = 'v2'\n"})
    code = (
        "import importlib.metadata as metadata\n"
        "sys.path.insert(0, unpack.open_directory(arguments['root'], arguments['library'])[0])\n"
        "(plugin,) = metadata.entry_points(group='plugins')\n"
        "say([metadata.version('acme-tools'), plugin.load()])\n"
    )
    assert isolated.run(code, root=root, library=fetched(library, root)) == ["1.2", "v2"]
