"""Compiled statements that are kept between processes: the same, from a folder that is the user's alone, or none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autoegg.reload import CompiledCode
from autoegg.reload.source import compiled
from autoegg.reload.source.disk import SourceCache

SOURCE = "def f(): return 1\n"


def code_of(text: str = SOURCE) -> bytes:
    """What is kept of a source: to the cache it is bytes."""
    return text.encode()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    return tmp_path / "cache" / "compiled"


def kept(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def put_one(folder: Path) -> Path:
    CompiledCode(folder).put("/lib/a.py", "d1", code_of())
    (file,) = kept(folder)
    return file


def get_one(folder: Path) -> bytes | None:
    return CompiledCode(folder).get("/lib/a.py", "d1")


def test_another_process_gets_the_same_code(folder: Path) -> None:
    put_one(folder)
    assert get_one(folder) == code_of()


def test_another_text_another_path_and_another_interpreter_are_not_there(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_one(folder)
    cache = CompiledCode(folder)
    assert cache.get("/lib/a.py", "d2") is None
    assert cache.get("/lib/b.py", "d1") is None
    monkeypatch.setattr(compiled.importlib.util, "MAGIC_NUMBER", b"other")
    assert cache.get("/lib/a.py", "d1") is None


@pytest.mark.parametrize("option", ["-O", "-OO"])
def test_what_another_optimisation_made_is_not_there(folder: Path, option: str) -> None:
    """``-O`` leaves out assert statements, ``-OO`` docstrings too."""
    text = "def f():\n    'says'\n    assert False\n"
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from autoegg.reload import CompiledCode\n"
        "cache = CompiledCode(Path(sys.argv[2]))\n"
        "print(cache.get('/lib/a.py', 'd1'))\n"
        "cache.put('/lib/a.py', 'd1', sys.argv[3].encode())\n"
    )
    cache = CompiledCode(folder)
    cache.put("/lib/a.py", "d1", code_of(text))
    shim = str(Path(__file__).resolve().parents[2] / "python-shim")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    line = [sys.executable, option, "-c", program, shim, str(folder), text]
    other = subprocess.run(line, env=environment, capture_output=True, text=True, check=True, timeout=60)
    assert other.stdout == "None\n"
    assert len(kept(folder)) == 2
    assert CompiledCode(folder).get("/lib/a.py", "d1") == code_of(text)


def test_folder_and_files_are_the_users_alone(folder: Path) -> None:
    file = put_one(folder)
    assert file.stat().st_mode & 0o777 == 0o600
    assert {path.stat().st_mode & 0o777 for path in (folder, file.parent)} == {0o700}


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "renamed"])
def test_what_is_damaged_or_misplaced_is_not_there(folder: Path, damage: str) -> None:
    file = put_one(folder)
    data = file.read_bytes()
    if damage == "renamed":  # the code of one source under the name of another
        CompiledCode(folder).put("/lib/a.py", "d2", code_of("def f(): return 2\n"))
        (other,) = (path for path in kept(folder) if path != file)
        file.write_bytes(other.read_bytes())
    else:
        file.write_bytes(
            {"cut": data[:-5], "flip": data[:-5] + bytes([data[-5] ^ 1]) + data[-4:], "empty": b""}[damage]
        )
    assert get_one(folder) is None
    CompiledCode(folder).put("/lib/a.py", "d1", code_of())
    assert get_one(folder) == code_of()


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o722])
def test_a_folder_that_others_can_enter_is_not_used(folder: Path, mode: int) -> None:
    put_one(folder)
    folder.chmod(mode)
    assert get_one(folder) is None
    CompiledCode(folder).put("/lib/a.py", "d2", code_of())
    assert len(kept(folder)) == 1


def test_a_file_that_others_could_have_written_is_not_used(folder: Path) -> None:
    put_one(folder).chmod(0o666)
    assert get_one(folder) is None


def test_a_folder_or_file_of_somebody_else_is_not_used(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_one(folder)
    mine = os.geteuid()
    monkeypatch.setattr(compiled.os, "geteuid", lambda: mine + 1)
    assert get_one(folder) is None


def test_links_are_not_followed(folder: Path, tmp_path: Path) -> None:
    file = put_one(folder)
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    assert get_one(folder) is None
    other = tmp_path / "link"
    other.symlink_to(folder)
    assert CompiledCode(other).get("/lib/a.py", "d1") is None


def test_nothing_is_written_when_no_bytecode_is_wanted_but_it_is_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_one(folder)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    CompiledCode(folder).put("/lib/b.py", "d1", code_of())
    assert len(kept(folder)) == 1
    assert get_one(folder) == code_of()


def test_a_place_that_cannot_be_written_is_no_error(tmp_path: Path, folder: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    cache = CompiledCode(blocked / "compiled")
    cache.put("/lib/a.py", "d1", code_of())
    assert cache.get("/lib/a.py", "d1") is None


def test_the_folder_stays_within_its_bounds_and_keeps_what_was_used_last(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = len(put_one(folder).read_bytes())
    monkeypatch.setattr(compiled, "SHARD_BYTES", 3 * size)
    monkeypatch.setattr(compiled, "_WATCHED", "0123456789abcdef")
    cache = CompiledCode(folder)
    for number in range(200):
        cache.put("/lib/a.py", f"n{number}", code_of())
        for file in kept(folder):
            os.utime(file, (file.stat().st_atime - 10, file.stat().st_mtime - 10))
    assert len(kept(folder)) <= 16 * 3
    assert cache.get("/lib/a.py", "n199") is not None


def test_half_a_file_of_a_killed_writer_goes_after_a_day(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled, "_WATCHED", "0123456789abcdef")
    left = put_one(folder).parent / ".tmp123"
    left.write_bytes(b"half")
    CompiledCode(folder).put("/lib/a.py", "d1", code_of())
    assert left.exists()
    os.utime(left, (10**9, 10**9))
    CompiledCode(folder).put("/lib/a.py", "d1", code_of())
    assert not left.exists()


def test_a_source_is_compiled_once_for_all_processes(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text(SOURCE)
    first = SourceCache(compiled=CompiledCode(folder)).load(str(file))
    assert first.known_unit is None
    unit = first.unit()
    assert first.known_unit is unit
    first.keep(unit)
    second = SourceCache(compiled=CompiledCode(folder)).load(str(file)).known_unit
    assert second is not None and second.groups == unit.groups
    assert second.groups[0].code.co_filename == str(file)
    file.write_text(SOURCE + "\n")
    assert SourceCache(compiled=CompiledCode(folder)).load(str(file)).known_unit is None


def test_the_default_folder_follows_the_users_setting(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert compiled.default_folder() == tmp_path / "jupyterlab-autoegg" / "compiled"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")  # to be ignored, as the XDG specification says
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert (tmp_path / "home") in compiled.default_folder().parents


def test_two_processes_that_write_at_once_leave_whole_entries(folder: Path) -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from autoegg.reload import CompiledCode\n"
        "cache = CompiledCode(Path(sys.argv[2]))\n"
        "for turn in range(200):\n"
        "    for number in range(3):\n"
        "        code = f'x = {number}'.encode()\n"
        "        cache.put('/lib/a.py', str(number), code)\n"
        "        found = cache.get('/lib/a.py', str(number))\n"
        "        assert found == code, (turn, number, found)\n"
    )
    shim = str(Path(__file__).resolve().parents[2] / "python-shim")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    line = [sys.executable, "-c", program, shim, str(folder)]
    writers = [subprocess.Popen(line, env=environment) for _ in range(2)]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0]
