"""The demo notebook, run cell by cell through the server, and what each cell has to show."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from notebook_kernel import Kernel, Reply
from probe import LIBRARY, Ran, probe, version_of

REFUSAL = "LibraryBroken"


@dataclass
class Step:
    """One row of the table. ``problems`` is empty when all agree."""

    title: str
    driver: str = ""
    workers: str = ""
    result: str = ""
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)


def code_cells(notebook: Path) -> list[dict[str, Any]]:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


class Story:
    """Runs the cells in order; ``executors`` is how many the master has to have."""

    def __init__(self, kernel: Kernel, folder: Path, executors: int) -> None:
        self._kernel = kernel
        self._package = str(folder / "src" / LIBRARY)
        self._executors = executors
        # What the last cell that ran was entitled to: the library as it was on disk when that cell started.
        self._expected = version_of(self._package)
        self._spark = False

    def run(self, cell: dict[str, Any]) -> Step:
        about = cell["metadata"]["autoegg-demo"]
        on_disk = version_of(self._package)
        code = "".join(cell["source"])
        reply = self._kernel.execute(code)
        step = Step(about["step"], seconds=reply.seconds)
        self._judge(step, reply, refused=about.get("refused", False))
        if about.get("edit"):
            if version_of(self._package) == on_disk:
                step.problems.append("the edit did not change the library on disk")
            return step
        if not about.get("refused"):
            self._expected = on_disk
        self._spark = self._spark or "getOrCreate" in code
        if (self._spark and not reply.error) or about.get("refused"):
            self._compare(step, about.get("refused", False))
        return step

    def _judge(self, step: Step, reply: Reply, refused: bool) -> None:
        if refused:
            name, message = reply.error or ("nothing", "the cell ran")
            step.result = f"{name}: {message}"
            if name != REFUSAL or "image.py" not in message or "line" not in message or reply.text:
                step.problems.append(f"expected a {REFUSAL} that names file and line; {step.result}")
        elif reply.error:
            name, message = reply.error
            # Spark's messages are whole tracebacks; the last line is what was raised.
            step.result = f"{name}: {message.strip().splitlines()[-1] if message.strip() else ''}"
            step.problems.append(step.result)
        else:
            step.result = last_line(reply.text)

    def _compare(self, step: Step, refused: bool) -> None:
        try:
            ran = probe(self._kernel)
        except RuntimeError as error:
            step.problems.append(str(error))
            return
        if refused:
            # verify does not vouch for code that cannot be shipped; the workers have to be on the last good version.
            step.driver, step.workers = "refused", " ".join(sorted({short(v) for v in ran.imported.values()}))
            step.problems += wrong_imports(ran, self._expected)
            return
        step.driver = short(ran.driver)
        step.workers = " ".join(short(version) for _, version in sorted(ran.executors.items()))
        step.problems += disagreements(ran, self._expected, self._executors)


def disagreements(ran: Ran, expected: str, executors: int) -> list[str]:
    """One sentence for each process that did not run the expected version."""
    if ran.refusal:
        return [f"verify refused: {ran.refusal}"]
    problems = wrong_imports(ran, expected)
    if ran.driver != expected:
        problems.append(f"the driver ran {short(ran.driver)}, the disk held {short(expected)}")
    if len(ran.executors) != executors:
        problems.append(f"{len(ran.executors)} executors answered, there should be {executors}")
    for name, version in ran.executors.items():
        if version != expected:
            problems.append(f"executor {name} ran {short(version)}, the disk held {short(expected)}")
    return problems


def wrong_imports(ran: Ran, expected: str) -> list[str]:
    """One sentence for each worker that imported from a directory of another version."""
    return [
        f"worker {pid} imported from {short(version)}, the disk held {short(expected)}"
        for pid, version in ran.imported.items()
        if version != expected
    ]


def last_line(text: str) -> str:
    """What a cell printed last, without Spark's progress bars (each ends in a carriage return)."""
    return (text.replace("\r", "\n").strip().splitlines() or ["ran"])[-1].strip()


def short(version: str | None) -> str:
    if version is None:
        return "unreached"
    return version if " " in version else version[:8]
