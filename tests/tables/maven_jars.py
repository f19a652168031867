"""Jars of table formats, from Maven, as they are known: kept in the checkout's cache."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

_CACHE = Path(__file__).parents[2] / ".cache" / "jars" / "tables"

_JARS = {
    "io.delta:delta-spark_2.12:3.3.2": "4e92085d5d794cf949c50bb665b91384857cad58680c2d0bfc9c7ad353e98e85",
    "io.delta:delta-storage:3.3.2": "c096975a2ca97ccc9b4005aa5cce16c9ac3903139d340da6665b66ace67d7c36",
    "org.apache.iceberg:iceberg-spark-runtime-3.5_2.12:1.10.0": "70f9471870b2d456167d703c829f098a446b86bb1379eee338c0efa03a341026",
}
"""Coordinates → sha256. All are for Spark 3.5; what else they need is part of Spark."""


def jars() -> list[Path]:
    """The jars; those that are missing are fetched."""
    return [_jar(coordinates, digest) for coordinates, digest in _JARS.items()]


def _jar(coordinates: str, digest: str) -> Path:
    _, name, version = coordinates.split(":")
    jar = _CACHE / f"{name}-{version}.jar"
    if not jar.is_file():
        maven = shutil.which("mvn")
        assert maven, f"{coordinates} comes by Maven, and there is no mvn to get it with"
        get = ["dependency:copy", f"-Dartifact={coordinates}", f"-DoutputDirectory={_CACHE}"]
        subprocess.run([maven, "-q", "-B", *get], check=True, timeout=300)
    found = hashlib.sha256(jar.read_bytes()).hexdigest()
    assert found == digest, f"{jar} is not {coordinates} as it is known (sha256 {found}): remove it"
    return jar
