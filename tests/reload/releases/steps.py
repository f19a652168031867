"""Replays the releases of a distribution under one driver, and judges each step against a fresh process."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import package_index
import reload_harness  # noqa: F401  # the driver's engine, and this one's, are chosen there
from checkout import Checkout, metadata
from driver import Edit, Outcome
from fresh import ENVIRONMENT, Fresh, Imported, Question, receive, send
from holdings import STATE_NAMES, is_told, steady

import autoegg
from autoegg.contents import brief, differences, variable

HERE = Path(__file__).resolve().parent
PATIENCE = 300
"""Seconds after which a driver that does not answer is ended."""

TRIES = 3
"""Fresh processes that are asked what differs among themselves."""

TIME_AN_IMPORT = """
import sys, time
start = time.process_time()
import importlib
sys.path[:0] = {paths}
for name in {names}:
    try:
        importlib.import_module(name)
    except BaseException:
        pass
print(time.process_time() - start, file=sys.stderr)
"""


@dataclass(frozen=True)
class Distribution:
    """``tops``: its packages; ``needs``: releases that are installed beside it; ``leave``: modules that are not imported."""

    name: str
    tops: list[str]
    needs: list[str]
    leave: list[str]
    versions: list[str]


@dataclass
class Step:
    """One release after another; ``verdict``: ``right``; ``told``: what differs is named by the report; ``wrong``; ``refused``, though

    a fresh process can import it; ``died``; ``broken``: the release itself cannot be imported.
    """

    distribution: str
    before: str
    after: str
    verdict: str
    detail: str = ""
    seconds: float = 0.0
    """CPU time of the driver before the cell."""
    fresh: float = 0.0
    """CPU time of importing all of it in a new process with .pyc files; 0: not measured."""
    compiling: float = 0.0
    """CPU time of compiling what has changed, which such a process would have to do first."""
    modules: int = 0
    figures: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        what = f"{self.distribution} {self.before} → {self.after}"
        figures = " ".join(f"{k} {len(v) if isinstance(v, list) else v}" for k, v in self.figures.items() if v is not None)  # fmt: skip
        cpu = f"{self.seconds * 1000:7.0f} ms" + (f" of {self.fresh * 1000:.0f}" if self.fresh else "")
        return f"{what:36} {self.verdict:8} {cpu:18} {figures}" + (f"\n{self.detail}" if self.detail else "")


def distributions() -> dict[str, Distribution]:
    rows = json.loads((HERE / "distributions.json").read_text())
    return {name: Distribution(name, **row) for name, row in rows.items()}


class Driver:
    def __init__(self, root: Path, paths: list[Path]) -> None:
        shim = Path(autoegg.__file__).parents[1]
        places = [*paths, shim, HERE, HERE.parent, HERE.parents[1] / "corpus"]
        self._process = subprocess.Popen(
            [sys.executable, "-S", "-B", str(HERE / "driver.py"), str(root), *map(str, places)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=ENVIRONMENT,
        )  # fmt: skip

    def answer(self, edit: Edit) -> Outcome | None:
        """None: it died."""
        assert self._process.stdin is not None and self._process.stdout is not None
        timer = threading.Timer(PATIENCE, self._process.kill)
        timer.start()
        try:
            send(self._process.stdin, edit)
            found = receive(self._process.stdout)
        except BrokenPipeError:
            found = None
        finally:
            timer.cancel()
        return found if isinstance(found, Outcome) else None

    def end(self) -> str:
        """How it ended."""
        self._process.kill()
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        code = self._process.wait()
        return signal.Signals(-code).name if code < 0 else f"exit {code}"


def replay(
    distribution: Distribution, folder: Path, steps: int | None = None, skip: int = 0, cpu: bool = False
) -> Iterator[Step]:
    """The steps from release ``skip`` on. ``cpu``: measure the import in a fresh process too."""
    versions = distribution.versions[skip : None if steps is None else skip + steps + 1]
    root = folder / "root"
    root.mkdir(parents=True)
    checkout = Checkout(root)
    needs = package_index.installed(distribution.needs)
    needs.append(metadata(_wheel(distribution, versions[0]), folder / "metadata"))
    paths = [root, *needs]
    driver: Driver | None = None
    before = ""
    known: set[str] = set()
    try:
        with Fresh(paths, folder / "bytecode") as fresh:
            for version in versions:
                former = checkout.files
                changed, removed = checkout.take(_wheel(distribution, version))
                names = checkout.modules(distribution.tops, distribution.leave)
                question = Question(names, distribution.tops, leave_out=STATE_NAMES)
                expected = fresh.imports(question)
                if expected.errors.keys() & set(distribution.tops):
                    if driver is not None:
                        driver.end()
                        driver = None
                    yield Step(distribution.name, before, version, "broken", str(expected.errors)[:300])
                    before = version
                    continue
                if driver is None:
                    driver, step, known = _begin(distribution, version, root, needs, fresh, question, expected)  # fmt: skip
                    if step is not None:
                        yield step
                    before = version
                    continue
                edit = Edit(names, distribution.tops, STATE_NAMES, changed, removed, steady(former, checkout.files))  # fmt: skip
                outcome = driver.answer(edit)
                verdict, detail = _judge(outcome, driver, fresh, question, expected, known)
                step = Step(distribution.name, before, version, verdict, detail, modules=len(names))
                if outcome is not None:
                    step.seconds, step.figures = outcome.seconds, outcome.figures
                if cpu:
                    step.fresh = _time_an_import(paths, names, folder / "bytecode")
                    step.compiling = _time_compiling(changed)
                yield step
                if verdict != "right":
                    driver.end()
                    driver, step, known = _begin(distribution, version, root, needs, fresh, question, expected)  # fmt: skip
                before = version
    finally:
        if driver is not None:
            driver.end()


def _wheel(distribution: Distribution, version: str) -> Path:
    return package_index.download(f"{distribution.name}=={version}", wheel=True, any_python=True)


def _begin(
    distribution: Distribution,
    version: str,
    root: Path,
    needs: list[Path],
    fresh: Fresh,
    question: Question,
    expected: Imported,
) -> tuple[Driver | None, Step | None, set[str]]:
    """A new driver that has imported all; what differs from the start is a failure, and then forgiven."""
    driver = Driver(root, needs)
    outcome = driver.answer(Edit(question.names, question.tops, question.leave_out))
    if outcome is None:
        return None, Step(distribution.name, "", version, "died", driver.end()), set()
    differing = _differing(outcome, fresh, question, expected)
    if not differing:
        return driver, None, set()
    return driver, Step(distribution.name, "", version, "wrong", brief(differing)), set(differing)


def _differing(outcome: Outcome, fresh: Fresh, question: Question, expected: Imported) -> dict[str, Any]:
    errors = {f"{name}:": (expected.errors.get(name), outcome.errors.get(name)) for name in {*expected.errors, *outcome.errors}}  # fmt: skip
    found = {name: both for name, both in errors.items() if both[0] != both[1]}
    found |= differences(expected.values, outcome.values)
    for _ in range(TRIES if found else 0):  # what no two processes have in common says nothing
        other = fresh.imports(dataclasses.replace(question, elsewhere=True))
        vague = {variable(name) for name in differences(expected.values, other.values)}
        found = {name: both for name, both in found.items() if variable(name) not in vague}
    if any(
        _is_reordered(*both) for both in found.values()
    ):  # by a set of texts, whose order is drawn in each process
        with Fresh(fresh.paths, seed="1") as drawn:
            values = drawn.imports(question).values
        found = {name: both for name, both in found.items() if not (_is_reordered(*both) and _is_reordered(expected.values.get(name), values.get(name)))}  # fmt: skip
    return found


def _is_reordered(one: Any, other: Any) -> bool:
    """Two containers that hold the same in another order."""
    if type(one) is not dict or type(other) is not dict or one == other or one.keys() != other.keys():
        return False
    return all(
        value == other[key]
        or (
            type(value) is type(other[key]) is list
            and sorted(map(repr, value)) == sorted(map(repr, other[key]))
        )
        for key, value in one.items()
    )


def _judge(
    outcome: Outcome | None,
    driver: Driver,
    fresh: Fresh,
    question: Question,
    expected: Imported,
    known: set[str],
) -> tuple[str, str]:
    if outcome is None:
        return "died", "  " + driver.end()
    if outcome.refused is not None:
        files = [name.replace(".", "/") for name in expected.errors]
        if any(f"{file}.py" in outcome.refused or f"{file}/__init__.py" in outcome.refused for file in files):
            return "broken", "  " + outcome.refused[:400]  # a fresh process cannot import that module either
        return "refused", "  " + outcome.refused[:400]
    differing = {n: both for n, both in _differing(outcome, fresh, question, expected).items() if n not in known}  # fmt: skip
    said = "\n".join(outcome.lines)
    untold = {name: both for name, both in differing.items() if not is_told(".".join(variable(name)), said)}
    lost = [item for item in outcome.lost if not is_told(item, said)]
    if untold or lost:
        return "wrong", "\n".join([brief(untold), *(f"  lost: {text}" for text in lost[:4])]).strip("\n")
    if differing or outcome.lost:
        return "told", "\n".join(f"  {line}" for line in outcome.lines)
    return "right", ""


def _time_an_import(paths: list[Path], names: list[str], bytecode: Path) -> float:
    program = TIME_AN_IMPORT.format(paths=[*map(str, paths)], names=names)
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-X", f"pycache_prefix={bytecode}", "-c", program],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    lines = done.stderr.split()
    return float(lines[-1]) if lines else 0.0


def _time_compiling(paths: list[str]) -> float:
    start = time.process_time()
    for path in paths:
        if path.endswith(".py"):
            with contextlib.suppress(SyntaxError, ValueError), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                compile(Path(path).read_bytes(), path, "exec", dont_inherit=True)
    return time.process_time() - start
