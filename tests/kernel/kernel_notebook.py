"""A notebook without a browser: a real kernel process, cells run one after another, outputs collected."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_client.manager import KernelManager

SHIM = Path(__file__).resolve().parents[2] / "python-shim"
CELL_SECONDS = 180


def neutral_environment() -> dict[str, str]:
    """The environment without the settings that whoever runs the tests has for Spark and autoegg.

    SPARK_CONF_DIR stays: `npm test` keeps options of the JVM there (scripts/testing/spark-conf.mjs).
    """
    return {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("SPARK", "PYSPARK", "AUTOEGG")) or key == "SPARK_CONF_DIR"
    }


def private_spark_home(folder: Path) -> Path:
    """The installed Spark under another name: `local-cluster` writes its executors' folders into ``$SPARK_HOME/work``."""
    import pyspark

    home = folder / "spark-home"
    home.mkdir()
    for entry in Path(pyspark.__file__).parent.iterdir():
        if entry.name != "work":
            (home / entry.name).symlink_to(entry)
    return home


@dataclass
class Outcome:
    """What one cell gave."""

    ok: bool = True
    stdout: str = ""
    stderr: str = ""
    value: str | None = None
    ename: str = ""
    evalue: str = ""
    traceback: list[str] = field(default_factory=list)
    expressions: dict[str, Any] = field(default_factory=dict)


class Notebook:
    """One kernel of this interpreter (or of another ``python``), in ``cwd``, that has loaded the extension (unless ``load`` is False)."""

    def __init__(
        self,
        cwd: Path,
        environment: Mapping[str, str | None] | None = None,
        load: bool = True,
        python: Path | None = None,
        first: Iterable[Path] = (),
    ) -> None:
        """``first``: folders on PYTHONPATH besides the extension's own."""
        env = neutral_environment()
        env["PYTHONPATH"] = os.pathsep.join(map(str, [SHIM, *first]))
        env["PYSPARK_PYTHON"] = sys.executable
        for key, value in (environment or {}).items():
            env.pop(key, None)
            if value is not None:
                env[key] = value
        self.cell_seconds: float = CELL_SECONDS
        """How long a cell may take."""
        self._manager = KernelManager()
        spec = self._manager.kernel_spec
        assert spec is not None
        spec.argv = [str(python or sys.executable), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        # Children of the kernel (the JVM, a daemon) are in its process group, which `close` ends.
        self._manager.start_kernel(cwd=str(cwd), env=env)
        self._client = self._manager.client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=60)
        if load:
            assert self.run("%load_ext autoegg").ok

    @property
    def pid(self) -> int:
        pid = self._manager.provisioner.pid
        assert pid is not None
        return pid

    def daemon_pid(self) -> int:
        """The daemon that is a child of this kernel."""
        children = subprocess.run(
            ["ps", "-o", "pid=,args=", "--ppid", str(self.pid)], capture_output=True, text=True, check=False
        )
        for line in children.stdout.splitlines():
            if "daemon.cjs" in line:
                return int(line.split()[0])
        raise AssertionError("the kernel has no daemon")

    def start(
        self,
        code: str,
        silent: bool = False,
        expressions: dict[str, str] | None = None,
        cell: str | None = None,
    ) -> str:
        """Sends a cell and does not wait for it; ``cell`` is its id in a notebook, which JupyterLab sends along."""
        content = {
            "code": code,
            "silent": silent,
            "store_history": not silent,
            "user_expressions": expressions or {},
            "allow_stdin": False,
            "stop_on_error": True,
        }
        metadata = {} if cell is None else {"cellId": cell}
        message = self._client.session.msg("execute_request", content, metadata=metadata)
        self._client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def finish(self, message: str) -> Outcome:
        """Waits for a cell that was sent."""
        outcome = Outcome()
        deadline = time.monotonic() + self.cell_seconds
        while True:
            try:
                event = self._client.get_iopub_msg(timeout=max(0.1, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(
                    f"the cell did not end within {self.cell_seconds} s; it printed {outcome.stdout!r} {outcome.stderr!r}"
                ) from None
            if event["parent_header"].get("msg_id") != message:
                continue
            kind, content = event["msg_type"], event["content"]
            if kind == "stream":
                setattr(outcome, content["name"], getattr(outcome, content["name"]) + content["text"])
            elif kind == "execute_result":
                outcome.value = content["data"]["text/plain"]
            elif kind == "status" and content["execution_state"] == "idle":
                break
        while True:
            reply = self._client.get_shell_msg(timeout=max(0.1, deadline - time.monotonic()))
            if reply["parent_header"].get("msg_id") == message:
                break
        content = reply["content"]
        outcome.ok = content["status"] == "ok"
        outcome.ename, outcome.evalue = content.get("ename", ""), content.get("evalue", "")
        outcome.traceback = content.get("traceback", [])
        outcome.expressions = content.get("user_expressions", {})
        return outcome

    def run(self, code: str) -> Outcome:
        return self.finish(self.start(code))

    def value(self, code: str) -> str:
        """The text of the cell's value; the cell must succeed."""
        outcome = self.run(code)
        assert outcome.ok, "\n".join([outcome.stdout, outcome.stderr, *outcome.traceback])
        assert outcome.value is not None, outcome
        return outcome.value

    def done(self, code: str) -> Outcome:
        """Runs a cell that must succeed."""
        outcome = self.run(code)
        assert outcome.ok, "\n".join([outcome.stdout, outcome.stderr, *outcome.traceback])
        return outcome

    def action(self, expression: str) -> dict[str, Any]:
        """Evaluates what the browser evaluates: an expression of an empty silent request."""
        outcome = self.finish(
            self.start(
                "", silent=True, expressions={"r": f'__import__("autoegg").kernel.actions.{expression}'}
            )
        )
        answer = outcome.expressions["r"]
        assert answer["status"] == "ok", answer
        data: dict[str, Any] = answer["data"]["application/json"]
        return data

    def interrupt(self) -> None:
        self._manager.interrupt_kernel()

    def restart(self) -> None:
        self._manager.restart_kernel(now=True)
        self._client.wait_for_ready(timeout=60)
        assert self.run("%load_ext autoegg").ok

    def close(self) -> None:
        """Ends the kernel with all that it has started."""
        group = os.getpgid(self.pid) if self._manager.has_kernel else None
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)
        if group is not None and group != os.getpgid(0):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)
