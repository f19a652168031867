"""Library modules that several threads import at a time: each is whole, none waits for another, and edits reach them all."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from reload_harness import Notebook

from autoegg.errors import LibraryUnsettled
from autoegg.reload.observe import recorder

WAITS = "import gate\nX = 1\ngate.entered.set()\nassert gate.leave.wait(20)\ndef f(): return X\nY = f()\n"


@contextmanager
def importing(notebook: Notebook, module: str) -> Iterator[threading.Event]:
    """A thread is in the middle of the import of a module; it goes on when the event is set, or at the end."""
    gate = type(sys)("gate")
    gate.entered, gate.leave = threading.Event(), threading.Event()  # type: ignore[attr-defined]
    sys.modules["gate"] = gate
    thread = threading.Thread(target=lambda: notebook.run(f"import {module}"))
    thread.start()
    try:
        assert gate.entered.wait(20)
        yield gate.leave
    finally:
        gate.leave.set()
        thread.join()
        del sys.modules["gate"]


def test_a_module_that_waits_for_a_thread_which_imports_another_one(tmp_path: Path) -> None:
    text = "import threading\ndef load(): import lib.b\nthread = threading.Thread(target=load)\nthread.start()\nthread.join(20)\nfrom .b import y\nz = y + 1\n"
    with Notebook(
        tmp_path, {"lib/__init__.py": "", "lib/a.py": text, "lib/b.py": "y = len('1')\n"}
    ) as notebook:
        notebook.run("import lib.a\nassert lib.a.z == 2 and not lib.a.thread.is_alive()")
        notebook.edit({"lib/b.py": "y = len('22')\n"})
        notebook.run("assert (lib.b.y, lib.a.y, lib.a.z) == (2, 2, 3)")


def test_what_another_thread_imports_meanwhile_follows_its_edits_too(tmp_path: Path) -> None:
    files = {
        "lib/__init__.py": "",
        "lib/slow.py": WAITS,
        "lib/quick.py": "import functools\n@functools.cache\ndef f(): return 1\nZ = f()\n",
    }
    with Notebook(tmp_path, files) as notebook:
        with importing(notebook, "lib.slow") as leave:
            notebook.run("import lib.quick\nassert lib.quick.Z == 1")
            leave.set()
        notebook.edit(
            {
                "lib/slow.py": WAITS.replace("X = 1", "X = 2")
                .replace("import gate\n", "")
                .replace("gate.entered.set()\nassert gate.leave.wait(20)\n", "")
            }
        )
        notebook.run("assert (lib.slow.X, lib.slow.Y) == (2, 2)")
        notebook.edit({"lib/quick.py": files["lib/quick.py"].replace("return 1", "return 2")})
        notebook.run("assert lib.quick.Z == lib.quick.f() == 2")
        notebook.edit({"lib/quick.py": files["lib/quick.py"].replace("return 1", "return 3")})
        notebook.run("assert lib.quick.Z == lib.quick.f() == 3")


def test_a_reload_waits_for_an_import_and_says_for_which_if_it_does_not_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {"lib/__init__.py": "", "lib/slow.py": WAITS, "lib/quick.py": "Z = len('1')\n"}
    with Notebook(tmp_path, files) as notebook:
        notebook.run("import lib.quick")
        monkeypatch.setattr(recorder, "PATIENCE", 0.05)
        with importing(notebook, "lib.slow") as leave:
            changed, removed = notebook.write({"lib/quick.py": "Z = len('22')\n"})
            with pytest.raises(
                LibraryUnsettled, match=r"lib\.slow is still being imported by another thread"
            ):
                notebook.reloader.reload(changed, removed)
            notebook.run("assert lib.quick.Z == 1")
            monkeypatch.setattr(recorder, "PATIENCE", 20)
            threading.Timer(0.2, leave.set).start()
            notebook.reloader.reload(changed, removed)
            notebook.run("assert lib.quick.Z == 2")
        notebook.run("assert lib.slow.Y == 1")


def test_a_thread_that_computes_does_not_hold_up_a_reload(tmp_path: Path) -> None:
    """It would, if the interpreter were not to be taken from it while files are read."""
    modules = {f"lib/m{number}.py": f"from .a import x\ny = x + {number}\n" for number in range(20)}
    with Notebook(tmp_path, {"lib/__init__.py": "", "lib/a.py": "x = len('1')\n", **modules}) as notebook:
        notebook.run("\n".join(f"import lib.m{number}" for number in range(20)))
        stop = threading.Event()

        def compute() -> None:
            while not stop.is_set():
                sum(range(1000))

        thread = threading.Thread(target=compute)
        thread.start()
        try:
            notebook.edit({"lib/a.py": "x = len('22')\n"})
        finally:
            stop.set()
            thread.join()
        notebook.run("assert lib.m19.y == 21")
