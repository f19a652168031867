"""Where eggs are unpacked when they cannot be unpacked beside themselves, and which files leave an executor's folder."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import isolated
from eggs import Library

OPEN = """
os.environ.update(arguments.get("environment", {}))
try:
    say(unpack.open_directory(arguments['root'], arguments['library'])[0])
except ImportError as error:
    say(str(error))
"""

# Modes keep no root out. What is imported late comes first, since Python itself may be root's alone.
AS_SOMEBODY = (
    "import os, encodings.cp437\nif os.geteuid() == 0:\n    os.setgid(65534)\n    os.setuid(65534)\n"
)

TIDY = "tidy.eggs(arguments['root'], arguments['state'])\nsay(None)\n"


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library("lib", tmp_path / "src", tmp_path / "store", {"lib/__init__.py": "TAG = 'v1'\n"})


@pytest.fixture
def open_place() -> Iterator[Path]:
    """A folder that every user may enter."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def read_only(open_place: Path, library: Library) -> Path:
    """SparkFiles' folder with the egg, where nothing can be written."""
    root = open_place / "root"
    root.mkdir()
    shutil.copy(library.eggs()[0].path, root)
    root.chmod(0o555)
    return root


def named(library: Library) -> dict[str, Any]:
    state = library.state()
    return {"name": state.name, "kind": state.kind, "version": state.version, "eggs": state.eggs}


def folder_for_all(place: Path, name: str) -> Path:
    folder = place / name
    folder.mkdir()
    folder.chmod(0o777)
    return folder


def test_where_sparkfiles_is_read_only_sparks_own_temporary_folder_takes_it(
    library: Library, read_only: Path, open_place: Path
) -> None:
    local = folder_for_all(open_place, "blockmgr")
    environment = {"SPARK_LOCAL_DIRS": f"{open_place}/gone,{local}"}
    arguments = {"root": read_only, "library": named(library), "environment": environment}
    processes = [isolated.start(AS_SOMEBODY + OPEN, **arguments) for _ in range(4)]
    directories = {isolated.answer(process) for process in processes}
    assert len(directories) == 1
    directory = Path(directories.pop())
    assert directory.is_relative_to(local)
    assert (directory / "lib/__init__.py").read_text() == "TAG = 'v1'\n"
    assert directory.parent.stat().st_mode & 0o777 == 0o700
    switch = "switch.to(arguments['state'], arguments['root'])\nimport lib\nsay([lib.TAG, lib.__file__])\n"
    state = {"session": "s", "generation": 1, "libraries": [named(library)]}
    said = isolated.run(
        AS_SOMEBODY + "os.environ.update(arguments['environment'])\n" + switch, **arguments, state=state
    )
    assert said == ["v1", str(directory / "lib/__init__.py")]


@pytest.mark.parametrize("error", ["ENOSPC", "EDQUOT"])
def test_where_the_disk_is_full_no_other_place_is_taken(
    library: Library, open_place: Path, error: str
) -> None:
    """Spark's files fill the next disk, too. The system's own answer stands for a full disk, which only root could make."""
    root, local = folder_for_all(open_place, "root"), folder_for_all(open_place, "blockmgr")
    shutil.copy(library.eggs()[0].path, root)
    code = "import errno, os\ndef full(path, *more, **named):\n    raise OSError(getattr(errno, arguments['error']), 'full', path)\n"
    code += "real, os.makedirs = os.makedirs, full\n" + OPEN.replace(
        "say(str(error))", "os.makedirs = real; say(str(error))"
    )
    environment = {"SPARK_LOCAL_DIRS": str(local)}
    said = isolated.run(code, root=root, library=named(library), environment=environment, error=error)
    assert f"needs lib {library.version[:12]}" in said and "full" in said and "there is no folder" not in said
    assert list(local.iterdir()) == []


def test_without_any_place_it_is_refused_by_name(library: Library, read_only: Path, open_place: Path) -> None:
    code = AS_SOMEBODY + f"import tempfile\ntempfile.tempdir = {str(read_only)!r}\n" + OPEN
    said = isolated.run(code, root=read_only, library=named(library))
    assert f"needs lib {library.version[:12]}" in said and "there is no folder to unpack it in" in said
    assert said.count("\n") == 0 and str(read_only) in said


@pytest.mark.parametrize("squatter", ["a link", "a file", "a folder for all", "somebody else's"])
def test_a_private_folder_that_is_not_private_is_refused(
    library: Library, read_only: Path, open_place: Path, squatter: str
) -> None:
    place = folder_for_all(open_place, "place")
    find = "import hashlib\nsay(f\"autoegg-{os.geteuid()}-{hashlib.sha256(arguments['root'].encode()).hexdigest()[:16]}\")\n"
    private = place / isolated.run(AS_SOMEBODY + find, root=read_only)
    if squatter == "a link":
        private.symlink_to(folder_for_all(open_place, "theirs"))
    elif squatter == "a file":
        private.touch()
    elif squatter == "a folder for all":
        private.mkdir()
        if os.geteuid() == 0:
            os.chown(private, 65534, 65534)
        private.chmod(0o777)
    else:
        private.mkdir(0o700)
    as_whom = AS_SOMEBODY
    if squatter == "somebody else's" and os.geteuid() != 0:
        as_whom += "os.geteuid = lambda: 4711\n"
        private.rename(place / private.name.replace(f"-{os.geteuid()}-", "-4711-"))
    code = as_whom + f"import tempfile\ntempfile.tempdir = {str(place)!r}\n" + OPEN
    said = isolated.run(code, root=read_only, library=named(library), environment={"SPARK_LOCAL_DIRS": ""})
    assert "is not private to this user" in said
    assert not list(place.rglob("*.egg"))


@pytest.mark.parametrize("copies", ["spark-1", "."], ids=["in a folder of the executor", "on YARN"])
def test_eggs_that_spark_does_not_list_any_more_go_and_all_others_stay(
    library: Library, tmp_path: Path, copies: str
) -> None:
    root = tmp_path / "root"
    root.mkdir()
    local = tmp_path / "local" / "blockmgr-1"
    cache = tmp_path / "local" / copies
    local.mkdir(parents=True)
    cache.mkdir(exist_ok=True)
    eggs = [library.eggs()[0]]
    for number in range(4):
        library.edit({"lib/__init__.py": f"TAG = {number}\n"})
        eggs.append(library.eggs()[1])
    for number, egg in enumerate(eggs):
        shutil.copy(egg.path, root)
        shutil.copy(egg.path, cache / f"{number}_cache")
        (cache / f"{number}_lock").touch()
    (root / "users.egg").write_bytes(b"a user's own")
    base, first, _, young, listed = (root / egg.name for egg in eggs)
    for path in [*root.iterdir()]:
        os.utime(path, (1000, 1000))
    os.utime(young)
    names = [base.name, listed.name]

    def tidy(session: str, generation: int, names: list[str]) -> set[str]:
        state = {
            "session": session,
            "generation": generation,
            "listed": [zlib.crc32(n.encode()) for n in names],
        }
        code = "os.environ['SPARK_LOCAL_DIRS'] = arguments['local']\n" + TIDY
        isolated.run("import os\n" + code, root=root, state=state, local=local)
        return {path.name for path in root.glob("*.egg")}

    assert tidy("s", 8, [*names, first.name]) == {
        *(base.name, first.name, young.name, listed.name),
        "users.egg",
    }
    assert {path.name for path in cache.glob("*_*")} == {
        f"{n}_{kind}" for n in (0, 1, 3, 4) for kind in ("cache", "lock")
    }
    assert first.name in tidy("s", 7, names), "a job of an older state knows nothing of newer eggs"
    assert first.name in tidy("s", 8, names), "once for each state"
    assert tidy("s", 9, names) == {base.name, young.name, listed.name, "users.egg"}
    os.utime(young, (1000, 1000))
    assert tidy("another session", 1, names) == {base.name, listed.name, "users.egg"}
