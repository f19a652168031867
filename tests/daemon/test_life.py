"""How a daemon begins and ends."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from autoegg.daemon.client import Client
from autoegg.daemon.launch import ChildDaemon, command
from autoegg.daemon.node import find_node
from autoegg.errors import DaemonUnavailable
from autoegg.protocol import LibrarySpec


def is_gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, 0)
            return Path("/proc").is_dir()
        return True
    return state == "Z"


def test_a_child_daemon_ends_with_a_parent_that_is_killed(store: Path, waiting: Any) -> None:
    code = (
        "import sys, pathlib; from autoegg.daemon.launch import ChildDaemon\n"
        "daemon = ChildDaemon(pathlib.Path(sys.argv[1])); print(daemon.pid, daemon.rendezvous, flush=True)\n"
        "sys.stdin.read()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(store)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert parent.stdout is not None
        pid, rendezvous = parent.stdout.readline().split()
        place = Path(json.loads(Path(rendezvous).read_text())["socket"])
        assert place.exists()
    finally:
        parent.kill()
        parent.communicate()
    waiting(lambda: is_gone(int(pid)), "the daemon has ended")
    assert not Path(rendezvous).exists() and not place.parent.exists()


def test_what_killed_processes_left_behind_goes_when_the_next_daemon_starts(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waiting: Any
) -> None:
    # The path of a socket must stay short.
    with tempfile.TemporaryDirectory(prefix="autoegg-test-") as place:
        monkeypatch.setenv("TMPDIR", place)
        monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
        code = (
            "import os, pathlib, signal, sys; from autoegg.daemon.launch import ChildDaemon\n"
            "daemon = ChildDaemon(pathlib.Path(sys.argv[1]))\n"
            "os.kill(daemon.pid, signal.SIGKILL); os.kill(os.getpid(), signal.SIGKILL)"
        )
        killed = subprocess.run([sys.executable, "-c", code, str(store)])
        assert killed.returncode == -signal.SIGKILL
        left = set(Path(place).iterdir())
        assert len(left) == 2
        monkeypatch.setattr(tempfile, "tempdir", None)
        daemon = ChildDaemon(store=store)
        try:
            waiting(lambda: not left & set(Path(place).iterdir()), "the folders of the dead are gone")
            assert len(list(Path(place).iterdir())) == 2
            assert daemon.alive()
        finally:
            daemon.close()
        assert not list(Path(place).iterdir())


def test_an_interrupt_does_not_end_a_child_daemon(daemon: ChildDaemon) -> None:
    os.kill(daemon.pid, signal.SIGINT)
    Client(daemon.rendezvous, "program").close()
    assert daemon.alive()


def test_sigterm_ends_it_and_takes_its_files_away(store: Path, tmp_path: Path) -> None:
    rendezvous = tmp_path / "daemon.json"
    process = subprocess.Popen(
        command(rendezvous, store, tmp_path / "log"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert (ready["event"], ready["pid"], ready["protocol"]) == ("ready", process.pid, 1)
        assert rendezvous.stat().st_mode & 0o777 == 0o600
        assert Path(ready["socket"]).parent.stat().st_mode & 0o777 == 0o700
        process.terminate()
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
        process.communicate()
    assert not rendezvous.exists() and not Path(ready["socket"]).parent.exists()
    log = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert [entry["event"] for entry in log] == ["ready", "end"]


def test_a_library_is_released_some_time_after_its_last_connection(
    store: Path, spec: LibrarySpec, tmp_path: Path
) -> None:
    rendezvous = tmp_path / "daemon.json"
    process = subprocess.Popen(
        [*command(rendezvous, store), "--grace", "50"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        process.stdout.readline()
        one, two = Client(rendezvous, "kernel"), Client(rendezvous, "kernel")
        key = one.call("open", spec.to_json())["library"]
        assert two.call("open", spec.to_json())["library"] == key
        one.close()
        assert [item["library"] for item in two.call("status")["libraries"]] == [key]
        two.close()
        closed = next(line for line in process.stdout if '"closed"' in line)
        assert json.loads(closed) == {"event": "closed", "library": key}
    finally:
        process.kill()
        process.communicate()


def test_node_that_is_too_old_is_named_with_the_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    node = tmp_path / "node"
    node.write_text("#!/bin/sh\necho v12.22.9\n")
    node.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("autoegg.daemon.node._from_wheel", lambda: None)
    with pytest.raises(DaemonUnavailable, match=r"12\.22\.9.*jupyterlab-autoegg\[node\]"):
        find_node()
