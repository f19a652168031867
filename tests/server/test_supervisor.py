"""The supervisor with real processes in the daemon's place: small Python programs that misbehave on purpose."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from autoegg.errors import DaemonUnavailable
from autoegg.protocol import PROTOCOL
from jupyterlab_autoegg import supervisor as module
from jupyterlab_autoegg.mirror import DaemonState
from jupyterlab_autoegg.supervisor import Supervisor

READY = {"event": "ready", "protocol": PROTOCOL, "pid": 1, "socket": "/s", "node": "v20.19.0"}
WELL_BEHAVED = "sys.stdin.read()"


def program(*lines: Any, then: str = WELL_BEHAVED) -> list[str]:
    """A process that writes ``lines`` (events, or raw text) and then runs ``then``."""
    text = "".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines)
    return [sys.executable, "-c", f"import sys, time; sys.stdout.write({text!r}); sys.stdout.flush(); {then}"]


class Witness:
    """What a supervisor reported."""

    def __init__(self) -> None:
        self.states: list[DaemonState] = []
        self.events: list[dict[str, Any]] = []
        self._news = asyncio.Event()

    def on_state(self, state: DaemonState) -> None:
        self.states.append(state)
        self._news.set()

    def on_event(self, event: dict[str, Any]) -> None:
        self.events.append(event)
        self._news.set()

    async def until(self, ask: Callable[[], Any]) -> None:
        while not ask():
            self._news.clear()
            await asyncio.wait_for(self._news.wait(), 60)

    def conditions(self) -> list[str]:
        return [state.condition for state in self.states]

    def supervise(self, command: Callable[[], list[str]], first_pause: float = 0.001) -> Supervisor:
        log = logging.getLogger("autoegg test")
        return Supervisor(command, self.on_state, self.on_event, log, first_pause=first_pause)


def run(scene: Callable[[Witness], Coroutine[Any, Any, None]]) -> Witness:
    async def play() -> Witness:
        witness = Witness()
        await scene(witness)
        return witness

    return asyncio.run(play())


def test_reports_a_daemon_from_its_start_to_its_end() -> None:
    async def scene(witness: Witness) -> None:
        supervisor = witness.supervise(lambda: program(READY, {"event": "closed", "library": "k"}))
        supervisor.need()
        await witness.until(lambda: witness.events)
        await supervisor.stop()

    witness = run(scene)
    assert witness.conditions() == ["starting", "running", "idle"]
    assert witness.states[1].pid == 1
    assert witness.events == [{"event": "closed", "library": "k"}]


def test_a_second_need_starts_no_second_daemon() -> None:
    starts: list[int] = []

    def command() -> list[str]:
        starts.append(1)
        return program(READY)

    async def scene(witness: Witness) -> None:
        supervisor = witness.supervise(command)
        supervisor.need()
        supervisor.need()
        await witness.until(lambda: "running" in witness.conditions())
        supervisor.need()
        await supervisor.stop()

    run(scene)
    assert len(starts) == 1


def test_pauses_double_while_the_daemon_keeps_failing_and_say_why() -> None:
    async def scene(witness: Witness) -> None:
        supervisor = witness.supervise(lambda: program(then="sys.exit('no room left.')"))
        supervisor.need()
        await witness.until(lambda: witness.conditions().count("restarting") == 4)
        await supervisor.stop()

    messages = [state.message or "" for state in run(scene).states if state.condition == "restarting"]
    pauses = [re.search(r"restarting it in (\S+) s\.$", message) for message in messages]
    assert [float(pause[1]) for pause in pauses if pause] == [0.001, 0.002, 0.004, 0.008]
    assert all("ended with exit status 1: no room left; restarting" in message for message in messages)


def test_pauses_never_pass_the_longest_and_start_over_after_a_healthy_life(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "LONGEST_PAUSE", 0.002)
    failing = program(then="sys.exit(1)")

    async def scene(witness: Witness) -> None:
        supervisor = witness.supervise(lambda: failing)
        supervisor.need()
        await witness.until(lambda: witness.conditions().count("restarting") == 4)
        monkeypatch.setattr(module, "STEADY_SECONDS", 0.0)
        seen = len(witness.states)
        await witness.until(lambda: len(witness.states) > seen)
        await supervisor.stop()

    pauses = [str(s.message).split()[-2] for s in run(scene).states if s.condition == "restarting"]
    assert pauses[:4] == ["0.001", "0.002", "0.002", "0.002"]
    assert pauses[4] == "0.001"


def test_lines_that_are_no_events_are_passed_over() -> None:
    async def scene(witness: Witness) -> None:
        lines = ("Debugger listening\n", "[1]\n", "{}\n", READY, {"event": "closed", "library": "k"})
        supervisor = witness.supervise(lambda: program(*lines))
        supervisor.need()
        await witness.until(lambda: witness.events)
        await supervisor.stop()

    assert run(scene).conditions() == ["starting", "running", "idle"]


def test_a_daemon_of_another_protocol_is_refused_and_both_numbers_are_named() -> None:
    async def scene(witness: Witness) -> None:
        supervisor = witness.supervise(lambda: program({**READY, "protocol": 99}))
        supervisor.need()
        await witness.until(lambda: "unavailable" in witness.conditions())
        await supervisor.stop()

    witness = run(scene)
    assert "running" not in witness.conditions()
    assert f"speaks protocol 99 and this server extension {PROTOCOL}" in str(witness.states[1].message)


def test_a_daemon_that_ignores_its_lifeline_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "END_SECONDS", 0.1)

    async def scene(witness: Witness) -> None:
        supervisor = witness.supervise(lambda: program(READY, then="time.sleep(600)"))
        supervisor.need()
        await witness.until(lambda: "running" in witness.conditions())
        await supervisor.stop()

    assert run(scene).conditions()[-1] == "idle"


def test_a_daemon_that_never_gets_ready_is_killed_and_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "READY_SECONDS", 0.1)

    async def scene(witness: Witness) -> None:
        supervisor = witness.supervise(lambda: program())
        supervisor.need()
        await witness.until(lambda: "restarting" in witness.conditions())
        await supervisor.stop()

    assert "ended with signal SIGKILL: not ready within 0.1 s" in str(run(scene).states[1].message)


def test_without_node_it_is_unavailable_said_once_and_a_restart_looks_again() -> None:
    answers: list[Any] = [DaemonUnavailable("no Node"), program(READY)]

    def command() -> list[str]:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return list(answer)

    async def scene(witness: Witness) -> None:
        supervisor = witness.supervise(command)
        await supervisor.look()
        supervisor.need()
        assert witness.states == [DaemonState("unavailable", "no Node")]
        await supervisor.restart()
        await witness.until(lambda: "running" in witness.conditions())
        await supervisor.stop()

    run(scene)
    assert answers == []


def test_a_program_that_is_not_there_is_tried_again() -> None:
    async def scene(witness: Witness) -> None:
        commands = [["/nowhere/node"], program(READY)]
        supervisor = witness.supervise(lambda: commands.pop(0))
        supervisor.need()
        await witness.until(lambda: "running" in witness.conditions())
        await supervisor.stop()

    assert run(scene).conditions() == ["starting", "restarting", "running", "idle"]
