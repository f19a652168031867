"""A Spark Connect server as a process of its own, on either Spark line, in a folder of its own.

Nothing of it outlives the process that made it (``standalone.Part``), and it shares no folder with its clients: what
they need on the server has to come through gRPC.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "cluster"))

from standalone import Part, eventually, is_client_alone

_STARTED = re.compile(r"Spark Connect server started at: .*:(\d+)")
_CLASS = "org.apache.spark.sql.connect.service.SparkConnectServer"

# Spark 4 has the server in its package; 3.5 has it in a jar of its own, whose last release is the one before pyspark's.
_JAR_35 = "org.apache.spark:spark-connect_2.12:3.5.7"
_DIGEST_35 = "15366e21273a874c760b51fa00743a2acb8fa78642cc35d7a076a3ade0c5eef6"
"""sha256 of that jar."""

SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "2",
    "spark.connect.grpc.binding.port": "0",
}


def server_jar(cache: Path) -> Path | None:
    """The server's jar where the pyspark package does not have it: from Maven, kept in ``cache``."""
    if is_client_alone() or int(importlib.metadata.version("pyspark").split(".")[0]) >= 4:
        return None
    _, name, version = _JAR_35.split(":")
    known = Path.home() / ".m2" / "repository" / "org" / "apache" / "spark" / name / version
    places = [folder / f"{name}-{version}.jar" for folder in (known, cache)]
    jar = next((place for place in places if place.is_file()), None) or _from_maven(places[-1])
    found = hashlib.sha256(jar.read_bytes()).hexdigest()
    assert found == _DIGEST_35, f"{jar} is not {_JAR_35} as it is known (sha256 {found}): remove it"
    return jar


def _from_maven(jar: Path) -> Path:
    maven = shutil.which("mvn")
    assert maven, f"the Connect server of Spark 3.5 is {_JAR_35}, and there is no mvn to get it with"
    get = ["dependency:copy", f"-Dartifact={_JAR_35}", f"-DoutputDirectory={jar.parent}"]
    subprocess.run([maven, "-q", "-B", *get], check=True, timeout=300)
    return jar


class ConnectServer:
    """A running server; ``url`` is what ``SparkSession.builder.remote`` takes. ``close`` ends it with all its children.

    Its working directory, HOME, TMPDIR and local folders lie below ``folder``.
    """

    def __init__(
        self,
        folder: Path,
        master: str = "local[2]",
        port: int = 0,
        environment: dict[str, str] | None = None,
        **settings: str,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        home = folder / "home"
        home.mkdir(exist_ok=True)
        jar = server_jar(folder)
        arguments = ["--master", master, *(["--jars", str(jar)] if jar else [])]
        arguments += ["--driver-java-options", f"-Djava.io.tmpdir={folder / 'tmp'}"]
        for name, value in {**SETTINGS, "spark.connect.grpc.binding.port": str(port), **settings}.items():
            arguments += ["--conf", f"{name}={value}"]
        self._part = Part(
            folder,
            "connect",
            "org.apache.spark.deploy.SparkSubmit",
            *arguments,
            "--class",
            _CLASS,
            "spark-internal",
            **{"HOME": str(home), "SPARK_DAEMON_MEMORY": "1g", **(environment or {})},
        )
        try:
            self.port = int(eventually(lambda: _STARTED.search(self.said()), "the Connect server's port")[1])
        except BaseException:
            self.close()
            print(self.said()[-3000:])
            raise
        self.url = f"sc://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The server's JVM."""
        return self._part.pid

    def said(self) -> str:
        """Its log."""
        return self._part.said()

    def session(self, **settings: str) -> Any:
        """A new client session of its own in this process; ``stop`` it.

        From here on ``pyspark.sql.functions`` works for Connect in this process, until SPARK_CONNECT_MODE_ENABLED goes.
        """
        os.environ["SPARK_CONNECT_MODE_ENABLED"] = "1"
        from pyspark.sql.connect.session import SparkSession

        builder = SparkSession.builder.remote(self.url)
        for name, value in settings.items():
            builder = builder.config(name, value)
        return builder.create()

    def close(self) -> None:
        self._part.kill()
