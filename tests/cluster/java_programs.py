"""Small Java programs of these tests (``java/``): with the jars that their pom names, run from their source."""

from __future__ import annotations

import functools
import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

_SOURCES = Path(__file__).parent / "java"
_CACHE = Path(__file__).parents[2] / ".cache" / "jars"

QUICK = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]
"""For JVMs that live for minutes: half the processor time to start, and few threads."""


def command(name: str, *options: str) -> list[str]:
    """What runs the program in ``java/NAME``; its arguments follow. It is compiled in memory, which takes a JDK."""
    program = next((_SOURCES / name).glob("*.java"))
    return [str(java_home() / "bin" / "java"), *options, "-cp", f"{_jars(name)}/*", str(program)]


@functools.cache
def java_home() -> Path:
    """The JDK: JAVA_HOME, else where ``javac`` on the PATH belongs."""
    compiler = shutil.which("javac")
    homes = [Path(os.environ["JAVA_HOME"])] if "JAVA_HOME" in os.environ else []
    homes += [Path(compiler).resolve().parents[1]] if compiler else []
    home = next((home for home in homes if (home / "bin" / "javac").exists()), None)
    assert home, (
        "these tests compile a Java program: install a JDK 17 or 21 (openjdk-17-jdk-headless), a JRE is not enough"
    )
    return home


def _jars(name: str) -> Path:
    """The folder of the jars, from Maven; a changed pom has another."""
    pom = _SOURCES / name / "pom.xml"
    folder = _CACHE / f"{name}-{hashlib.sha256(pom.read_bytes()).hexdigest()[:12]}"
    if not folder.is_dir():
        maven = shutil.which("mvn")
        assert maven, f"the jars that {pom} names come by Maven, and there is no mvn (maven)"
        _CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=_CACHE) as part:
            # Whole or not at all: two suites may do this at the same time.
            copy = ["dependency:copy-dependencies", f"-DoutputDirectory={part}/jars"]
            subprocess.run(
                [maven, "-q", "-B", "-Dstyle.color=never", "-f", str(pom), *copy], check=True, timeout=600
            )
            if not folder.is_dir():
                (Path(part) / "jars").rename(folder)
    return folder
