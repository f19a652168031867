"""Where the folder for temporary files has no room, another place is used, or a sentence says so; nothing is left there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

SHIM = Path(__file__).parents[2] / "python-shim"
FILLED = 'mount -t tmpfs -o size=16k none "$1" && head -c 32k /dev/zero >"$1/filling"; shift; exec "$@"'
PROGRAM = """
import json, os, sys, tempfile
from pathlib import Path
full = Path(sys.argv[1])
tempfile.tempdir = sys.argv[2]
from autoegg.daemon.launch import ChildDaemon
from autoegg.errors import DaemonUnavailable
try:
    daemon = ChildDaemon(Path(sys.argv[3]))
except DaemonUnavailable as error:
    said = str(error)
else:
    said = os.path.dirname(os.path.dirname(json.loads(daemon.rendezvous.read_text())["socket"]))
    daemon.close()
print(json.dumps([said, os.listdir(full)]))
"""


@pytest.fixture
def places() -> Iterator[tuple[Path, Path]]:
    """Two with short paths, as sockets need."""
    with TemporaryDirectory(prefix="ae-") as one, TemporaryDirectory(prefix="ae-") as other:
        yield Path(one), Path(other)


def said(full: Path, kernels: Path, environment: dict[str, Path], store: Path) -> tuple[str, list[str]]:
    """Where a daemon has its socket, or why there is none, while the disk at ``full`` is so; and what it has left there."""
    namespace = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]
    program = [sys.executable, "-c", PROGRAM, str(full), str(kernels), str(store)]
    done = subprocess.run(
        [*namespace, "sh", "-c", FILLED, "sh", str(full), *program],
        env={
            **os.environ,
            "PYTHONPATH": str(SHIM),
            **{name: str(path) for name, path in environment.items()},
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr
    place, left = json.loads(done.stdout)
    return place, left


def test_a_daemon_whose_first_place_is_full_takes_the_next(places: tuple[Path, Path], tmp_path: Path) -> None:
    full, other = places
    environment = {"XDG_RUNTIME_DIR": full, "TMPDIR": other}
    assert said(full, other, environment, tmp_path / "store") == (str(other), ["filling"])


def test_a_kernel_that_has_no_room_for_its_daemon_says_so(places: tuple[Path, Path], tmp_path: Path) -> None:
    full, other = places
    why, left = said(full, full, {"TMPDIR": other}, tmp_path / "store")
    assert "autoegg's daemon could not be started" in why and "No space left" in why
    assert left == ["filling"]
