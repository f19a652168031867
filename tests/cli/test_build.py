"""``autoegg build``: one egg for ``spark-submit --py-files``, equal bytes from equal files."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest


def test_equal_files_make_equal_bytes_wherever_they_lie_and_whenever_they_were_written(
    autoegg: Any, files: Any, project: Path, tmp_path: Path
) -> None:
    files(project, "src/acme/deep/__init__.py", "src/other.py")
    copy = tmp_path / "elsewhere" / "copy"
    shutil.copytree(project, copy)
    for path in sorted(copy.rglob("*"), reverse=True):
        os.utime(path, (1, 1))
        path.chmod(0o700 if path.is_dir() else 0o600)
    assert autoegg("build", project, "-o", "one.egg").returncode == 0
    assert autoegg("build", copy, "-o", "two.egg", env={"TZ": "Asia/Tokyo", "LANG": "C"}).returncode == 0
    assert (tmp_path / "one.egg").read_bytes() == (tmp_path / "two.egg").read_bytes()


def test_the_egg_can_be_imported_from_as_it_is(
    autoegg: Any, files: Any, project: Path, tmp_path: Path
) -> None:
    files(project, "src/ns/part/__init__.py", "src/one.py")
    (project / "src" / "acme" / "rates.py").write_text("RATE = 22\n")
    said = autoegg("build", project, "-o", "all.egg")
    assert said.stdout.startswith("all.egg: acme ")
    program = "import acme.rates, ns.part, one; print(acme.rates.RATE, acme.__file__)"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "all.egg")}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, cwd="/", capture_output=True, text=True, check=True
    )
    assert done.stdout == f"22 {tmp_path}/all.egg/acme/__init__.py\n"
    with zipfile.ZipFile(tmp_path / "all.egg") as archive:
        about = json.loads(archive.read("EGG-INFO/autoegg.json"))
        assert archive.read("EGG-INFO/top_level.txt") == b"acme\nns\none\n"
    assert [library["library"] for library in about["libraries"]] == ["acme", "ns", "one"]


def test_for_a_program_it_says_what_it_has_built(data: Any, project: Path, tmp_path: Path) -> None:
    import hashlib

    said = data("build", project, "-o", "acme.egg")
    content = (tmp_path / "acme.egg").read_bytes()
    assert (said["egg"], said["bytes"]) == (str(tmp_path / "acme.egg"), len(content))
    assert said["digest"] == hashlib.sha256(content).hexdigest()
    assert said["files"] == ["acme/__init__.py", "acme/rates.py", "acme/table.csv"]


def test_an_existing_egg_is_replaced_and_nothing_else_is(autoegg: Any, project: Path, tmp_path: Path) -> None:
    autoegg("build", project, "-o", "acme.egg")
    before = (tmp_path / "acme.egg").read_bytes()
    (project / "src" / "acme" / "rates.py").write_text("RATE = 3\n")
    assert autoegg("build", project, "-o", "acme.egg").returncode == 0
    assert (tmp_path / "acme.egg").read_bytes() != before
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
        archive.writestr("cat.jpg", "meow")
    for name, content in (("photos.zip", None), ("notes.egg", b"dear diary"), ("empty.egg", b"")):
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        kept = path.read_bytes()
        answer = autoegg("build", project, "-o", name)
        assert answer.returncode == 1
        assert f"{path} already exists and is not an egg of autoegg" in answer.stderr
        assert path.read_bytes() == kept
    assert not list(tmp_path.glob(".autoegg-*"))


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("acme.tar", "Spark accepts only names that end in .egg or .zip"),
        ("project/src/acme/deep.egg", "lies in {project}/src/acme, which it is built from"),
        ("link/deep.egg", "lies in {project}/src/acme, which it is built from"),
        ("folder.egg", "is a directory"),
        ("nowhere/acme.egg", "its folder does not exist"),
        ("/proc/acme.egg", "cannot be written"),
        ("pipe.egg", "is not a regular file"),
        ("pipe-behind-a-link.egg", "is not a regular file"),
    ],
)
def test_a_place_where_an_egg_cannot_be_is_refused(
    autoegg: Any, project: Path, tmp_path: Path, output: str, said: str
) -> None:
    (tmp_path / "folder.egg").mkdir()
    (tmp_path / "link").symlink_to(project / "src" / "acme")
    os.mkfifo(tmp_path / "pipe.egg")
    (tmp_path / "pipe-behind-a-link.egg").symlink_to("pipe.egg")
    answer = autoegg("build", project, "-o", output)
    assert answer.returncode == 1
    (line,) = answer.stderr.splitlines()
    assert said.format(project=project) in line


def test_two_projects_that_have_the_same_import_name_are_not_mixed(
    autoegg: Any, files: Any, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        files(tmp_path / "mono" / name, "pyproject.toml", "src/same/__init__.py")
    answer = autoegg("build", "mono", "-o", "mono.egg")
    assert answer.returncode == 1
    assert "are both imported as same/__init__.py" in answer.stderr


def test_what_zipimport_cannot_load_is_reported(autoegg: Any, files: Any, project: Path) -> None:
    files(project, "src/acme/fast.cpython-311-x86_64-linux-gnu.so")
    answer = autoegg("build", project, "-o", "acme.egg")
    assert answer.returncode == 0
    assert "fast.cpython-311-x86_64-linux-gnu.so cannot be imported from an egg" in answer.stderr
