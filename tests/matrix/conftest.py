"""A notebook for each mode, kept from test to test, and the library that it works with."""

from __future__ import annotations

import contextlib
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "kernel"))
sys.path.insert(0, str(Path(__file__).parents[1] / "cluster"))
sys.path.insert(0, str(Path(__file__).parents[1] / "connect"))

from kernel_notebook import Notebook, private_spark_home
from modes import Mode

HERE = Path(__file__).parent
CELLS = ["functions", "frames", "sources", "rdds", "streams"]


class Story:
    """One notebook, its Spark session, and the library beside it."""

    def __init__(self, mode: Mode, folder: Path) -> None:
        self._end = contextlib.ExitStack()
        self.is_whole = True
        """Whether the last cell did what it should: else what it left behind may make other tests fail."""
        self._library = folder / "src" / "palette"
        shutil.copytree(HERE / "palette", self._library, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("notebook", "shared", "local"):
            (folder / name).mkdir()
        try:
            served = self._end.enter_context(mode.serve(folder))
            environment = {
                "SPARK_HOME": str(private_spark_home(folder)),
                "SPARK_LOCAL_IP": "127.0.0.1",
                "XDG_CACHE_HOME": str(folder / "cache"),
                "IPYTHONDIR": str(folder / "ipython"),
            }
            self.notebook = Notebook(folder / "notebook", environment)
            self._end.callback(self.notebook.close)
            self.notebook.done(f"import sys\nsys.path.insert(0, {str(self._library.parent)!r})")
            self.notebook.done(_cell("common"))
            self.notebook.done(f"here = Path({str(folder / 'shared')!r})")
            self.notebook.done(mode.start(served, folder))
            self._end.callback(lambda: self.notebook.run("spark.stop()"))
            for name in CELLS:
                self.notebook.done(_cell(name))
        except BaseException:
            self.close()
            raise

    def edit(self, version: str) -> None:
        """The whole library says ``version`` from now on. Its files keep their sizes."""
        for file in (HERE / "palette").rglob("*.py"):
            text = file.read_text().replace("v1", version)
            (self._library / file.relative_to(HERE / "palette")).write_text(text)

    def make(self, name: str, api: str) -> None:
        """Makes the object that ``api`` is about."""
        self._run(f"{name} = {api}()")

    def ask(self, name: str) -> set[str]:
        """What the object says now."""
        return set(self._run(f"'|'.join(sorted(set({name}())))").strip("'\"").split("|"))

    def tidy(self) -> None:
        """Ends what a test left running in Spark."""
        self._run("for query in spark.streams.active: query.stop()")

    def _run(self, code: str) -> str:
        self.is_whole = False
        outcome = self.notebook.done(code)
        self.is_whole = True
        return outcome.value or ""

    def close(self) -> None:
        self._end.close()


def _cell(name: str) -> str:
    """A file of ``cells/`` as a cell. What it takes from the others is in the notebook already."""
    lines = (HERE / "cells" / f"{name}.py").read_text().splitlines()
    return "\n".join(line for line in lines if not line.startswith("from common import"))


class Stories:
    """The notebook of a mode. One lives at a time, and none outlives a cell that failed."""

    def __init__(self, folder: Callable[[str], Path]) -> None:
        self._folder = folder
        self._live: tuple[Mode, Story] | None = None
        self._without: dict[str, str] = {}

    def of(self, mode: Mode) -> Story:
        if self._live is None or self._live[0] is not mode:
            self.close()
            # What cannot start is not tried again for each of forty tests.
            assert mode.name not in self._without, self._without[mode.name]
            try:
                self._live = mode, Story(mode, self._folder(mode.name))
            except Exception as error:
                self._without[mode.name] = f"no notebook with a session ({mode.name}): {error}"
                raise
        return self._live[1]

    def tidy(self) -> None:
        """After each test: what it left behind must not fail the next."""
        if self._live is None:
            return
        story = self._live[1]
        if story.is_whole:
            with contextlib.suppress(AssertionError):
                story.tidy()
        if not story.is_whole:
            self.close()

    def close(self) -> None:
        live, self._live = self._live, None
        if live is not None:
            live[1].close()


@pytest.fixture(scope="session")
def stories(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stories]:
    stories = Stories(tmp_path_factory.mktemp)
    yield stories
    stories.close()
