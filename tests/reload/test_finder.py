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


def test_uninstall_leaves_the_import_system(tmp_path: Path) -> None:
    before = list(sys.meta_path)
    with Notebook(tmp_path, {"lib/__init__.py": ""}) as notebook:
        assert len(sys.meta_path) == len(before) + 1
        notebook.reloader.install()  # twice is once
        assert len(sys.meta_path) == len(before) + 1
    assert sys.meta_path == before


EDITABLE = """
import importlib.machinery, sys

class Derived(importlib.machinery.SourceFileLoader):
    def set_data(self, path, data, *, _mode=0o666):
        pass
    def get_resource_reader(self, name):
        return "built files"

class Around:
    def __init__(self, loader):
        self.loader = loader
    def __getattr__(self, name):
        return getattr(self.loader, name)
    def get_resource_reader(self, name):
        return "built files"

class Changing(importlib.machinery.SourceFileLoader):
    def source_to_code(self, data, path, **options):
        return super().source_to_code(bytes(data).replace(b"1", b"11"), path, **options)

class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if name.startswith("lib."):
            make = {loader}
            spec.loader = make(name, spec.origin)
        return spec

sys.meta_path.insert(1, Finder)
"""


@pytest.mark.parametrize(
    ("loader", "follows"),
    [
        ("Derived", True),  # meson-python
        ("lambda *args: Around(importlib.machinery.SourceFileLoader(*args))", True),  # scikit-build-core
        ("Changing", False),  # typeguard, beartype
        ("lambda *args: Around(Changing(*args))", False),
    ],
)
def test_loaders_that_load_as_pythons_own_does_are_followed(
    tmp_path: Path, loader: str, follows: bool
) -> None:
    with Notebook(tmp_path, {"lib/__init__.py": "", "lib/a.py": "x = 1\n"}) as notebook:
        notebook.run(EDITABLE.replace("{loader}", loader) + "import lib.a")
        try:
            assert (str(tmp_path / "lib/a.py") in notebook.reloader.executed()) is follows
            assert notebook.value("lib.a.x") == (1 if follows else 11)
            if follows:
                assert notebook.value("lib.a.__loader__.get_resource_reader('lib.a')") == "built files"
                notebook.edit({"lib/a.py": "x = len('22')\n"})
                assert notebook.value("lib.a.x") == 2
        finally:
            notebook.run("sys.meta_path.remove(Finder)")
