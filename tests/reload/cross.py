"""Kinds of statements crossed with kinds of edits at all places; after each edit, what modules have is what a fresh import makes.

``python tests/reload/cross.py [SEEDS] [--first SEED] [--steps N]``: each seed takes the next N of the crossing, so that enough of them take all of it.
``--kind TEXT``, ``--edit TEXT``, ``--place TEXT``: only these. What goes wrong is tried again alone, made small and printed.
"""

from __future__ import annotations

import argparse
import copy
import difflib
import faulthandler
import json
import random
import signal
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from crossing.edits import EDITS, Place
from crossing.kinds import IN_CLASS, MODULE
from crossing.library import PLACES, Library
from crossing.session import Files, Session, alone
from crossing.shrinking import shrink
from crossing.statements import Statement, parse
from fresh import Fresh, Imported

PATIENCE = 900
"""Seconds after which a seed is ended."""
HANGS = 40
"""Seconds after which one edit is: it prints where it hangs."""


@dataclass(frozen=True)
class Crossing:
    kind: str
    edit: str
    place: str


@dataclass
class Failure:
    seed: int
    step: int
    crossing: Crossing
    what: str
    verdict: str
    detail: str
    before: Files
    after: Files

    def __str__(self) -> str:
        head = f"--- seed {self.seed}, step {self.step}: {self.what} ({self.crossing.kind!r}, {self.crossing.edit!r}, {self.crossing.place!r}): {self.verdict}"
        return f"{head}\n{self.detail}"


def crossings(kind: str = "", edit: str = "", place: str = "") -> list[Crossing]:
    """All of them, in an order that is the same every time."""
    found = [
        Crossing(k, e, p)
        for p in PLACES for k in (IN_CLASS if p == "class" else MODULE) for e in EDITS
        if kind in k and edit in e and place in p
    ]  # fmt: skip
    random.Random(0).shuffle(found)
    return found


def slice_of(seed: int, steps: int, of: list[Crossing]) -> list[Crossing]:
    start = (seed - 1) * steps
    return [of[i % len(of)] for i in range(start, start + steps)]


class Walk:
    """One library that goes through the edits of a list."""

    def __init__(self, seed: int, root: Path, fresh: Fresh, watched: bool = False) -> None:
        self.seed = seed
        self._rng = random.Random(seed)
        self._root, self._fresh, self._watched = root, fresh, watched
        self._step = 0
        self.counts: Counter[str] = Counter()
        self._library = self._good_library()
        self._session: Session | None = None

    def _begin(self) -> Session:
        """A new notebook, which has imported the library as it is."""
        session = Session(self._root, self._fresh)
        session.__enter__()
        session.write(self._library.files())
        if wrong := session.begin():
            self.counts["wrong at first"] += 1
            print(f"--- seed {self.seed}, step {self._step}: wrong at the first import\n{wrong}", flush=True)
        return session

    def _good_library(self) -> Library:
        """A fresh process can import it."""
        while True:
            library = Library(self._rng)
            with Session(self._root, self._fresh) as session:
                if not session.write(library.files()).errors:
                    return library

    def end(self) -> None:
        if self._session is not None:
            self._session.__exit__(None, None, None)
            self._session = None

    def run(self, of: list[Crossing]) -> Iterator[Failure]:
        for crossing in of:
            yield from self._crossing(crossing)
            yield from self._prune(crossing)

    def _crossing(self, crossing: Crossing) -> Iterator[Failure]:
        rng = self._rng
        library = copy.deepcopy(self._library)
        module, block, statement = self._put(library, crossing)
        _, failure = self._take(library, crossing, f"{crossing.kind} added to {module}")
        if failure:
            yield failure
        if self._library is not library:
            return  # the addition alone cannot be imported
        if statement not in block:
            return
        twin, its_block = copy.deepcopy((library, block))
        place = Place(twin, rng, module, its_block, block.index(statement))
        if not EDITS[crossing.edit](place):
            self.counts["no edit"] += 1
            return
        _, failure = self._take(twin, crossing, f"{crossing.edit} in {module}")
        if failure:
            yield failure
        if self._library is twin and rng.random() < 0.4:
            _, failure = self._take(library, crossing, f"{crossing.edit} in {module}, undone")
            if failure:
                yield failure

    def _put(self, library: Library, crossing: Crossing) -> tuple[str, list[Statement], Statement]:
        """A statement of the kind at the place, among others."""
        rng, in_class = self._rng, crossing.place == "class"
        blocks = library.blocks(crossing.place)
        if crossing.place in ("class", "branch") and (not blocks or rng.random() < 0.6):
            module = rng.choice(["m1", "m2", "m3"])
            body = library.modules[module]
            name = library.new_name().upper()
            text = f"class {name}:\n    a = 1" if in_class else "if True:\n    pass"
            body += parse(text, provides={"cls": name} if in_class else {})
            blocks = [(module, body[-1].suite or [])]
        if crossing.place == "module":
            blocks = [(m, b) for m, b in blocks if m != "base"]
        module, block = rng.choice(blocks)
        start = sum(1 for s in block if not s.kind and s.lines[0].startswith(("import", "from")))
        at = rng.randint(min(start, len(block)), len(block))
        above = block[:at] if in_class else [*self._above(library, module, block), *block[:at]]
        new = library.make(crossing.kind, module, above, in_class)
        block[at:at] = new
        return module, block, rng.choice([*new, new[-1]])

    @staticmethod
    def _above(library: Library, module: str, block: list[Statement]) -> list[Statement]:
        found = []
        for statement in library.modules[module]:
            if statement.suite is block or library.modules[module] is block:
                break
            found.append(statement)
        return found

    def _prune(self, crossing: Crossing) -> Iterator[Failure]:
        """Modules stay small."""
        for module, statements in self._library.modules.items():
            named = [s for s in statements if s.kind or s.provides or s.suite is not None or s.off]
            if module != "base" and len(named) > 14:
                library = copy.deepcopy(self._library)
                body = library.modules[module]
                for i in sorted(self._rng.sample(range(5, len(body)), len(body) // 3), reverse=True):
                    del body[i]
                _, failure = self._take(library, crossing, f"some of {module} removed")
                if failure:
                    yield failure

    def _take(self, library: Library, crossing: Crossing, what: str) -> tuple[str, Failure | None]:
        """Edit the files, and judge what came of it."""
        before, after = self._library.files(), library.files()
        if before == after:
            return "same", None
        session = self._session = self._session or self._begin()
        expected = session.write(after)
        if expected.errors and self._rng.random() < 0.8:
            session.write(before)
            return "broken", None
        self._step += 1
        verdict, detail = self._judge(session, expected)
        self.counts[verdict if not expected.errors else f"broken tree, {verdict}"] += 1
        if expected.errors and verdict == "right":
            what, before, after = f"{what}, and mended", after, before
            verdict, detail = self._judge(session, session.write(after))
            self.counts[verdict] += 1
        elif not expected.errors:
            self._library = library
        if verdict == "right":
            return verdict, None
        self.end()
        if verdict == "told":
            return verdict, None
        return verdict, self._failure(crossing, what, verdict, detail, before, after)

    def _judge(self, session: Session, expected: Imported) -> tuple[str, str]:
        if self._watched:
            faulthandler.dump_traceback_later(HANGS, exit=True, file=sys.stdout)
        try:
            return session.edited(expected)
        except Exception as error:
            return "error", f"  {type(error).__name__}: {error}"
        finally:
            if self._watched:
                faulthandler.cancel_dump_traceback_later()

    def _failure(
        self, crossing: Crossing, what: str, verdict: str, detail: str, before: Files, after: Files
    ) -> Failure:
        return Failure(self.seed, self._step, crossing, what, verdict, detail, before, after)


def small(failure: Failure, root: Path, fresh: Fresh) -> str:
    """For people: the smallest form of a failure, or that it needs what came before."""

    def fails(before: Files, after: Files) -> bool:
        return alone(before, after, root, fresh)[0] == failure.verdict

    if not fails(failure.before, failure.after):
        return "(not when tried alone)\n" + _diff(failure.before, failure.after)
    before, after = shrink(failure.before, failure.after, fails)
    _, detail = alone(before, after, root, fresh)
    texts = "".join(f"# {name}\n{text}" for name, text in before.items() if text.strip())
    return f"alone:\n{detail}\n{texts}\n{_diff(before, after)}"


def _diff(before: Files, after: Files) -> str:
    lines = []
    for name in {**before, **after}:
        lines += difflib.unified_diff(before.get(name, "").splitlines(), after.get(name, "").splitlines(), name, name, "", "", 2, "")  # fmt: skip
    return "\n".join(lines)


def one_seed(
    seed: int, of: list[Crossing], shrinking: bool = False, stop: bool = False, watched: bool = False
) -> Counter[str]:
    """The verdicts; failures are printed."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve() / "root"
        with Fresh([root]) as fresh:
            walk = Walk(seed, root, fresh, watched)
            try:
                for failure in walk.run(of):
                    diff = small(failure, root, fresh) if shrinking else _diff(failure.before, failure.after)
                    print(f"{failure}\n{diff}", flush=True)
                    if stop:
                        break
            finally:
                walk.end()
            return walk.counts


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("seeds", nargs="?", type=int, default=1)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--steps", type=int, default=50, help="crossings for each seed; a crossing is two or three edits")  # fmt: skip
    for choice in ("kind", "edit", "place"):
        parser.add_argument(f"--{choice}", default="")
    parser.add_argument("--whole", action="store_true", help="do not make failures small")
    parser.add_argument("--stop", action="store_true", help="at the first failure")
    parser.add_argument("--here", action="store_true", help="in this process: one seed, --first")
    given = parser.parse_args()
    if given.here:
        of = slice_of(given.first, given.steps, crossings(given.kind, given.edit, given.place))
        print("=" + json.dumps(one_seed(given.first, of, not given.whole, given.stop, watched=True)))
        return 0
    total: Counter[str] = Counter()
    rest = [argument for argument in sys.argv[1:] if argument != str(given.seeds)]
    for seed in range(given.first, given.first + given.seeds):
        command = [sys.executable, __file__, *rest, "--here", "--first", str(seed)]
        run = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        timer = threading.Timer(PATIENCE, run.kill)
        timer.start()
        assert run.stdout is not None
        ended, lines = False, 0
        for line in run.stdout:
            ended = line.startswith("=")
            if ended:
                total.update(json.loads(line[1:]))
            else:
                lines += 1
                print(line, end="", flush=True)
        code = run.wait()
        timer.cancel()
        if not ended:
            print(f"--- seed {seed}: died ({signal.Signals(-code).name if code < 0 else f'exit {code}'})")
            total["died"] += 1
        print(f"seed {seed}: {dict(total)}", flush=True)
        if given.stop and lines:
            break
    good = sum(total[verdict] for verdict in ("right", "told"))
    bad = total["wrong"] + total["refused"] + total["error"] + total["died"] + total["broken tree, wrong"]
    print(f"{good + bad} edits of importable libraries, {bad} failures: {dict(total)}")
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
