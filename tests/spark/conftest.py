"""Real Spark for the tests: one SparkContext per master, and a notebook's view of it."""

from __future__ import annotations

import importlib
import importlib.util
import itertools
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from eggs import Files, Library

from autoegg.protocol import State
from autoegg.spark import Shipper, Target, install, live_target

MASTERS = ["local[2]", "local-cluster[2,1,1024]"]
_numbers = itertools.count(1)


class Notebook:
    """Stands for a kernel: it owns libraries, and brings Spark to the state that they are in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.shipper = Shipper(folder / "given")
        self.libraries: list[Library] = []
        self.state: State | None = None
        self.generation = 0
        self.targets: list[Target] = []
        self._active: tuple[str, int] | None = None

    def library(self, files: Callable[[str], Files], **options: Any) -> Library:
        """A new library, importable in the driver; ``files`` gets its name."""
        name = options.pop("name", None) or f"lib{next(_numbers)}"
        library = Library(name, self.folder / "src" / name, self.folder / "store", files(name), **options)
        sys.path.insert(0, str(library.root))
        self.libraries.append(library)
        self.changed()
        return library

    def changed(self) -> State:
        """The libraries are at new versions: names the next state, which is shipped when Spark is told to."""
        self.generation += 1
        self.state = State("notebook", self.generation, tuple(library.state() for library in self.libraries))
        return self.state

    def ship(self) -> State:
        """What happens before a cell: eggs first, then the state."""
        state = self.changed()
        target = live_target()
        if target is not None:
            self._bring(target)
        return state

    def prepare(self, target: Target) -> State | None:
        self.targets.append(target)
        if self.state is None or not self.state.libraries:
            return None
        if self._active != (target.key, self.state.generation):
            self._bring(target)
        return self.state

    def _bring(self, target: Target) -> None:
        assert self.state is not None
        for library in self.libraries:
            self.shipper.deliver(target, library.eggs())
        self.shipper.activate(target, self.state)
        self._active = (target.key, self.state.generation)

    def clear(self) -> None:
        for library in self.libraries:
            sys.path.remove(str(library.root))
            first = next(iter(library.files)).split("/")[0].partition(".")[0]
            for name in [name for name in sys.modules if name.split(".")[0] in (first, library.name)]:
                del sys.modules[name]
        importlib.invalidate_caches()
        self.libraries.clear()
        self.state = None


def end_of_java() -> None:
    """End the JVM of this process, whatever state it is in, and remove what a local cluster left behind."""
    context = getattr(sys.modules.get("pyspark"), "SparkContext", None)
    gateway = getattr(context, "_gateway", None)
    if gateway is not None:
        context._gateway = context._jvm = None
        gateway.shutdown()
        gateway.proc.stdin.close()
        try:
            gateway.proc.wait(20)
        except Exception:
            os.killpg(gateway.proc.pid, signal.SIGKILL) if os.getpgid(
                gateway.proc.pid
            ) == gateway.proc.pid else gateway.proc.kill()


@pytest.fixture(scope="session")
def java(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where Spark puts its files; ends the JVM after all tests."""
    folder = tmp_path_factory.mktemp("spark")
    spec = importlib.util.find_spec("pyspark")
    assert spec is not None and spec.origin is not None
    home = Path(spec.origin).parent
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_HOME", str(home))  # local-cluster starts its executors from there
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        patch.setenv("SPARK_LOCAL_DIRS", str(folder / "local"))
        patch.setenv(
            "SPARK_WORKER_DIR", str(folder / "work")
        )  # executors' folders: not below the installed Spark
        # Executors must not get the test's own PYTHONPATH: nothing of autoegg is installed on workers.
        patch.setenv("PYTHONPATH", "")
        yield folder
        end_of_java()
    shutil.rmtree(folder / "work", ignore_errors=True)


@pytest.fixture(scope="session")
def kernel(java: Path) -> Notebook:
    notebook = Notebook(java)
    install(notebook.prepare)
    return notebook


def start(master: str, **settings: str) -> Any:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(master)
    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.default.parallelism": "4",
        "spark.log.level": "ERROR",
        **settings,
    }
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    return session


@pytest.fixture(scope="session", params=MASTERS)
def session(request: pytest.FixtureRequest, kernel: Notebook) -> Iterator[Any]:
    spark = start(request.param)
    try:
        yield spark
    finally:
        spark.stop()


@pytest.fixture
def spark(session: Any) -> Any:
    return session


@pytest.fixture
def notebook(kernel: Notebook) -> Iterator[Notebook]:
    install(kernel.prepare)
    try:
        yield kernel
    finally:
        kernel.clear()
