"""Keeps one daemon alive: started on first need, restarted with growing pauses when it ends, ended with the server."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from logging import Logger
from typing import Any

from autoegg.errors import DaemonUnavailable
from autoegg.protocol import PROTOCOL

from .mirror import DaemonState

FIRST_PAUSE = 0.25
LONGEST_PAUSE = 30.0
STEADY_SECONDS = 60.0
"""A daemon that lived this long was healthy: when it ends, the pauses start over."""
READY_SECONDS = 30.0
"""Time that a daemon has to say ``ready``; it needs 0.1 s on an idle machine."""
REACH_SECONDS = 2.0
"""Pause between two looks whether the daemon can be reached; a kernel waits 5 s for one."""
END_SECONDS = 3.0
"""Time that a daemon has to end after its standard input is closed; it needs 0.01 s."""
LINE_LIMIT = 16 * 1024 * 1024
"""Longest line of the daemon's output, in bytes. One line is one library's status, some hundred bytes."""


class Supervisor:
    """Runs ``command()`` and reports its life and its events.

    The daemon's standard input is a pipe that is never written to: it ends when the pipe closes, so that even a server
    killed with SIGKILL leaves no daemon. All methods belong to the event loop's thread.

    ``command`` may raise DaemonUnavailable (no Node.js, for one): the condition is then ``unavailable`` and stays so
    until ``restart``. ``reachable`` says whether kernels can connect, and is asked in a thread every now and then while a
    daemon runs: one that lives and cannot be reached (its folder was removed) is replaced. ``on_event`` gets each DaemonEvent (``src/protocol/events.ts``) except ``ready``.
    """

    def __init__(
        self,
        command: Callable[[], list[str]],
        on_state: Callable[[DaemonState], None],
        on_event: Callable[[dict[str, Any]], None],
        log: Logger,
        *,
        reachable: Callable[[], bool] = lambda: True,
        first_pause: float = FIRST_PAUSE,
        reach_pause: float = REACH_SECONDS,
    ) -> None:
        self._command = command
        self._on_state = on_state
        self._on_event = on_event
        self._log = log
        self._reachable = reachable
        self._first_pause = first_pause
        self._reach_pause = reach_pause
        self._task: asyncio.Task[None] | None = None
        self._last_words = ""
        self._refusal: str | None = None
        # Two daemons on one rendezvous file must never live side by side.
        self._ending = asyncio.Lock()

    async def look(self) -> None:
        """Finds out, without starting it, whether the daemon can be started here; reports it when not."""
        try:
            # In a thread, because it asks Node.js for its version.
            await asyncio.to_thread(self._command)
        except DaemonUnavailable as error:
            self._refuse(str(error))

    def need(self) -> None:
        """Starts the daemon if it has not been needed yet."""
        if self._task is None and self._refusal is None:
            self._on_state(DaemonState("starting"))
            self._task = asyncio.get_running_loop().create_task(self._supervise(), name="autoegg daemon")

    async def restart(self) -> None:
        """Ends the daemon, if there is one, and starts another at once."""
        async with self._ending:
            await self._end_task()
            self._refusal = None
            self.need()

    async def stop(self) -> None:
        """Ends the daemon; returns when its process is gone."""
        async with self._ending:
            await self._end_task()
            self._on_state(DaemonState("idle"))

    def _refuse(self, message: str) -> None:
        if self._refusal != message:
            self._refusal = message
            self._log.error("%s", message)
            self._on_state(DaemonState("unavailable", message))

    async def _end_task(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _supervise(self) -> None:
        failures = 0
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            try:
                ending = await self._live(await asyncio.to_thread(self._command))
            except DaemonUnavailable as error:
                self._refuse(str(error))
                return
            except Exception as error:
                # Whatever it was (a Node.js that vanished, an event of the wrong shape): the server lives on.
                self._log.debug("autoegg daemon", exc_info=True)
                ending = f"The autoegg daemon could not be run ({type(error).__name__}: {error})"
            if loop.time() - began >= STEADY_SECONDS:
                failures = 0
            pause = min(self._first_pause * 2**failures, LONGEST_PAUSE)
            failures += 1
            message = f"{ending}; restarting it in {pause:g} s."
            self._log.warning("%s", message)
            self._on_state(DaemonState("restarting", message))
            await asyncio.sleep(pause)

    async def _live(self, command: list[str]) -> str:
        """One daemon from start to end; returns what ended it, as the beginning of a sentence."""
        self._last_words = ""
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            limit=LINE_LIMIT,
            # Ctrl-C in the server's terminal asks "shut down?" first: the daemon must still run at that point.
            start_new_session=True,
        )
        errors = asyncio.create_task(self._listen_to_errors(process), name="autoegg daemon's errors")
        late = f"not ready within {READY_SECONDS:g} s"
        overdue = asyncio.get_running_loop().call_later(READY_SECONDS, self._give_up_on, process, late)
        reach: list[asyncio.Task[None]] = []

        def is_ready() -> None:
            overdue.cancel()
            reach.append(asyncio.create_task(self._reach(process), name="autoegg daemon's address"))

        try:
            await self._listen(process, is_ready)
            return self._describe_end(process.pid, await self._end(process))
        finally:
            overdue.cancel()
            for task in reach:
                task.cancel()
            await self._end(process)
            await errors

    async def _reach(self, process: Process) -> None:
        """Watches that the daemon can be reached, as long as it lives."""
        while True:
            await asyncio.sleep(self._reach_pause)
            if not await asyncio.to_thread(self._reachable):
                self._give_up_on(process, "it could no longer be reached")
                return

    async def _listen(self, process: Process, is_ready: Callable[[], None]) -> None:
        assert process.stdout is not None
        while line := await process.stdout.readline():
            try:
                event = json.loads(line)
                kind = event["event"]
            except (ValueError, KeyError, TypeError):
                self._log.warning("The autoegg daemon wrote a line that is not an event: %.200r", line)
                continue
            if kind == "ready":
                is_ready()
                self._greet(event)
            else:
                self._on_event(event)

    def _greet(self, event: dict[str, Any]) -> None:
        if event["protocol"] != PROTOCOL:
            raise DaemonUnavailable(
                f"The autoegg daemon speaks protocol {event['protocol']} and this server extension {PROTOCOL}: "
                "install jupyterlab-autoegg again and restart the Jupyter server."
            )
        self._log.info("autoegg daemon %s runs on Node.js %s", event["pid"], event["node"])
        self._on_state(DaemonState("running", None, event["pid"]))

    async def _listen_to_errors(self, process: Process) -> None:
        assert process.stderr is not None
        while line := await process.stderr.readline():
            text = line.decode(errors="replace").strip()
            if text:
                self._last_words = text
                self._log.warning("autoegg daemon: %s", text)

    def _give_up_on(self, process: Process, reason: str) -> None:
        self._last_words = reason
        with contextlib.suppress(ProcessLookupError):
            process.kill()

    def _describe_end(self, pid: int, status: int) -> str:
        how = f"signal {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
        said = f": {self._last_words[:200].rstrip('.')}" if self._last_words else ""
        return f"The autoegg daemon (process {pid}) ended with {how}{said}"

    async def _end(self, process: Process) -> int:
        """Closes the lifeline and sees the process off; kills one that does not go."""
        assert process.stdin is not None
        process.stdin.close()
        try:
            return await asyncio.wait_for(process.wait(), END_SECONDS)
        except asyncio.TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            return await process.wait()
