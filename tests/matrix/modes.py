"""The columns of the matrix: how a notebook gets its Spark session."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
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

Address = Callable[[Path], contextlib.AbstractContextManager[str]]


@dataclass(frozen=True)
class Mode:
    """``serve`` gives, for a folder of its own, the master or the address, as long as it is needed."""

    name: str
    serve: Address
    builder: str = "master"

    def start(self, address: str, folder: Path) -> str:
        """The cell that starts the session."""
        settings = (
            {**COMMON, "spark.local.dir": str(folder / "local")} if self.builder == "master" else COMMON
        )
        return "\n".join(
            (
                "import os",
                "os.environ.pop('PYTHONPATH', None)  # nothing of this project is on workers",
                "from pyspark.sql import SparkSession",
                f"builder = SparkSession.builder.{self.builder}({address!r})",
                f"for name, value in {settings!r}.items():",
                "    builder = builder.config(name, value)",
                "spark = builder.getOrCreate()",
            )
        )


def _by_name(master: str) -> Address:
    return lambda folder: contextlib.nullcontext(master)


@contextlib.contextmanager
def _standalone(folder: Path) -> Iterator[str]:
    from standalone import Standalone

    with Standalone(folder / "cluster", workers=2, cores=2, memory="1g") as cluster:
        yield cluster.url


@contextlib.contextmanager
def _connect(folder: Path) -> Iterator[str]:
    from connect_server import ConnectServer

    server = ConnectServer(folder / "server", master="local-cluster[2,1,1024]", **COMMON)
    try:
        yield server.url
    finally:
        server.close()


MODES = [
    Mode("local", _by_name("local[2]")),
    Mode("local-cluster", _by_name("local-cluster[2,1,1024]")),
    Mode("standalone", _standalone),
    Mode("connect", _connect, "remote"),
]
