"""What was executed is known, byte for byte."""

from __future__ import annotations

import hashlib
import importlib
import os
import sys
from pathlib import Path

import pytest
from reload_harness import Notebook

from autoegg.errors import LibraryBroken
from autoegg.reload import Reloader


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_executed_digests_follow_the_disk(tmp_path: Path) -> None:
    with Notebook(tmp_path, {"lib/__init__.py": "", "lib/a.py": "x = 1\n"}) as notebook:
        notebook.run("import lib.a")
        path = tmp_path / "lib/a.py"
        assert notebook.reloader.executed()[str(path)] == digest(path)
        for text in ("x = 2\n", "x = 2\n# comment\n", "x = len('abc')\n"):
            notebook.edit({"lib/a.py": text})
            assert notebook.reloader.executed()[str(path)] == digest(path)
        executed = notebook.reloader.executed()
        with pytest.raises(LibraryBroken):
            notebook.edit({"lib/a.py": "x = \n"})
        assert notebook.reloader.executed() == executed


def test_the_given_reader_supplies_the_bytes(tmp_path: Path) -> None:
    with Notebook(tmp_path, {"lib/__init__.py": "", "lib/a.py": "x = 'disk'\n"}) as notebook:
        notebook.reloader.uninstall()
        stored = {str(tmp_path / "lib/a.py"): b"x = 'store'\n"}
        reloader = Reloader(
            lambda: {}, notebook.owns, lambda path: stored.get(path) or Path(path).read_bytes()
        )
        reloader.install()
        try:
            notebook.namespace["lib"] = importlib.import_module("lib.a")
            assert notebook.value("lib.x") == "store"
            assert (
                reloader.executed()[str(tmp_path / "lib/a.py")]
                == hashlib.sha256(b"x = 'store'\n").hexdigest()
            )
        finally:
            reloader.uninstall()


def test_a_stale_pyc_is_never_used(tmp_path: Path) -> None:
    """A .pyc is keyed by the second and the size of its source: an edit within both goes unseen by plain Python."""
    with Notebook(tmp_path, {"lib/__init__.py": "", "lib/a.py": "x = 1\n"}) as notebook:
        import py_compile

        path = tmp_path / "lib/a.py"
        py_compile.compile(str(path), doraise=True)
        times = path.stat()
        path.write_text("x = 2\n")
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        notebook.run("import lib.a\nassert lib.a.x == 2")


def test_on_import_names_modules_imported_outside_a_reload(tmp_path: Path) -> None:
    with Notebook(
        tmp_path, {"lib/__init__.py": "", "lib/a.py": "from . import b\n", "lib/b.py": "x = len('1')\n"}
    ) as notebook:
        seen: list[str] = []
        notebook.reloader.on_import = lambda name, path: seen.append(name)
        notebook.run("import lib.a")
        assert sorted(seen) == ["lib", "lib.a", "lib.b"]
        notebook.edit({"lib/b.py": "x = len('22')\n"})
        assert len(seen) == 3


def adopted(tmp_path: Path, warm: bool) -> tuple[Notebook, Path]:
    notebook = Notebook(tmp_path, {"adopted/__init__.py": "", "adopted/a.py": "def f(): return 1\n"})
    if warm:
        import py_compile

        py_compile.compile(str(tmp_path / "adopted/a.py"), doraise=True)
        py_compile.compile(str(tmp_path / "adopted/__init__.py"), doraise=True)
    sys.path.insert(0, str(tmp_path))
    importlib.invalidate_caches()
    importlib.import_module("adopted.a")
    return notebook, tmp_path / "adopted/a.py"


@pytest.fixture
def clean_modules(tmp_path: Path):  # type: ignore[no-untyped-def]
    yield
    for name in ("adopted.a", "adopted"):
        sys.modules.pop(name, None)
    while str(tmp_path) in sys.path:
        sys.path.remove(str(tmp_path))


@pytest.mark.usefixtures("clean_modules")
def test_modules_imported_before_are_proven_by_their_pyc(tmp_path: Path) -> None:
    notebook, path = adopted(tmp_path, warm=True)
    notebook.reloader.install()
    try:
        assert notebook.reloader.executed()[str(path)] == digest(path)
        assert not notebook.reloader.reload(None).changed
    finally:
        notebook.reloader.uninstall()


@pytest.mark.usefixtures("clean_modules")
def test_modules_imported_before_without_proof_are_stale(tmp_path: Path) -> None:
    notebook, path = adopted(tmp_path, warm=True)
    function = sys.modules["adopted.a"].f
    path.write_text("def f(): return 'something else'\n")
    notebook.reloader.install()
    try:
        assert notebook.reloader.executed()[str(path)] is None
        report = notebook.reloader.reload(None)
        assert report.modules == ["adopted.a"] and function() == "something else"
        assert notebook.reloader.executed()[str(path)] == digest(path)
    finally:
        notebook.reloader.uninstall()


def test_uninstall_leaves_the_import_system(tmp_path: Path) -> None:
    before = list(sys.meta_path)
    with Notebook(tmp_path, {"lib/__init__.py": ""}) as notebook:
        assert len(sys.meta_path) == len(before) + 1
        notebook.reloader.install()  # twice is once
        assert len(sys.meta_path) == len(before) + 1
    assert sys.meta_path == before
