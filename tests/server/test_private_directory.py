"""Servers of one user and one host name share a runtime directory: none takes another's folder, and dead ones' go."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from jupyterlab_autoegg.inheritance import PrivateDirectory

SHIM = Path(__file__).resolve().parents[2] / "python-shim"
PROGRAM = """
import os, sys
from pathlib import Path
from jupyterlab_autoegg.inheritance import PrivateDirectory
print(PrivateDirectory(Path(sys.argv[1])).path, flush=True)
if sys.argv[2] == "killed":
    os._exit(1)
"""


def other_server(runtime: Path, end: str, *around: str) -> Path:
    """What another process has made there."""
    done = subprocess.run(
        [*around, sys.executable, "-c", PROGRAM, str(runtime), end],
        env={**os.environ, "PYTHONPATH": str(SHIM)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr
    return Path(done.stdout.strip())


def test_a_server_in_another_pid_namespace_leaves_a_living_ones_folder_alone(tmp_path: Path) -> None:
    mine = PrivateDirectory(tmp_path)
    try:
        theirs = other_server(tmp_path, "ended", "unshare", "--map-root-user", "--pid", "--fork")
        assert mine.path.is_dir() and (mine.shim / "autoegg" / "__init__.py").exists()
        assert not theirs.exists()
    finally:
        mine.close()
    assert not mine.path.exists()


def test_what_a_killed_server_has_left_goes_with_the_next_one(tmp_path: Path) -> None:
    left = other_server(tmp_path, "killed")
    assert left.is_dir()
    PrivateDirectory(tmp_path).close()
    assert list(tmp_path.iterdir()) == []


def test_what_was_left_before_the_machine_was_restarted_is_removed_too(tmp_path: Path) -> None:
    left = other_server(tmp_path, "killed")
    owner = left / "owner.json"
    owner.write_text(owner.read_text().replace('"machine": "', '"machine": "another-boot-'))
    PrivateDirectory(tmp_path).close()
    assert not left.exists()
