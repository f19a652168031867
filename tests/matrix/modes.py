"""The columns of the matrix: how a notebook gets its Spark session."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

COMMON = {
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "2",
    "spark.default.parallelism": "4",
    # What stateful processors need (Spark 4).
    "spark.sql.streaming.stateStore.providerClass": (
        "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider"
    ),
}


@dataclass(frozen=True)
class Served:
    """What a session needs to run there: the master or the address, and what it is built with."""

    address: str
    settings: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)


Serve = Callable[[Path], contextlib.AbstractContextManager[Served]]


@dataclass(frozen=True)
class Mode:
    """``serve`` gives, for a folder of its own, where a session runs, as long as it is needed."""

    name: str
    serve: Serve
    builder: str = "master"

    def start(self, served: Served, folder: Path) -> str:
        """The cell that starts the session."""
        settings = {**COMMON, **served.settings}
        if self.builder == "master":
            settings["spark.local.dir"] = str(folder / "local")
        return "\n".join(
            (
                "import os",
                "os.environ.pop('PYTHONPATH', None)  # nothing of this project is on workers",
                f"os.environ.update({served.environment!r})",
                "from pyspark.sql import SparkSession",
                f"builder = SparkSession.builder.{self.builder}({served.address!r})",
                f"for name, value in {settings!r}.items():",
                "    builder = builder.config(name, value)",
                "spark = builder.getOrCreate()",
            )
        )


def _by_name(master: str) -> Serve:
    return lambda folder: contextlib.nullcontext(Served(master))


@contextlib.contextmanager
def _standalone(folder: Path) -> Iterator[Served]:
    from standalone import Standalone

    with Standalone(folder / "cluster", workers=2, cores=2, memory="1g") as cluster:
        yield Served(cluster.url)


@contextlib.contextmanager
def _connect(folder: Path) -> Iterator[Served]:
    from connect_server import ConnectServer

    server = ConnectServer(folder / "server", master="local-cluster[2,1,1024]", **COMMON)
    try:
        yield Served(server.url)
    finally:
        server.close()


@contextlib.contextmanager
def _yarn(folder: Path) -> Iterator[Served]:
    from yarn import Yarn

    with Yarn(folder / "yarn", folder / "src") as cluster:
        yield Served(cluster.master, cluster.settings, cluster.environment)


@contextlib.contextmanager
def _kubernetes(folder: Path) -> Iterator[Served]:
    from k8s import Kubernetes

    with Kubernetes(folder / "kubernetes", folder / "src") as cluster:
        yield Served(cluster.master, cluster.settings, cluster.environment)


MODES = [
    Mode("local", _by_name("local[2]")),
    Mode("local-cluster", _by_name("local-cluster[2,1,1024]")),
    Mode("standalone", _standalone),
    Mode("connect", _connect, "remote"),
    Mode("yarn", _yarn),
    Mode("kubernetes", _kubernetes),
]
