"""What a fresh import makes: each answer comes from a process that has imported nothing of the library before.

Such a process is a fork of one that never imports the library, but what the library needs of other packages, once
it has seen that: so an answer costs no more than the import itself.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import pickle
import random
import struct
import subprocess
import sys
import time
import warnings
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

SHIM = Path(__file__).resolve().parents[2] / "python-shim"
sys.path += [str(Path(__file__).parent), str(SHIM)]  # run as a program without its folder
from autoegg import contents  # noqa: E402

ENVIRONMENT = {**{k: v for k, v in os.environ.items() if k != "PYTHONPATH"}, "PYTHONHASHSEED": "0"}
"""attrs writes hashes of names into the code that it makes."""


@dataclass
class Imported:
    """``errors``: module -> name of the exception with which its import ended; ``seconds``: CPU time of the imports."""

    errors: dict[str, str] = field(default_factory=dict)
    values: contents.Values = field(default_factory=dict)
    seconds: float = 0.0


@dataclass(frozen=True)
class Question:
    """``elsewhere``: objects have other addresses than in the answers before, so that sets of them have another order."""

    names: list[str]
    tops: list[str]
    lines: bool = False
    leave_out: tuple[str, ...] = ()
    elsewhere: bool = False


def import_all(names: Iterable[str]) -> dict[str, str]:
    """Module -> name of the exception, for those that cannot be imported."""
    errors = {}
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        for name in names:
            try:
                importlib.import_module(name)
            except BaseException as error:
                errors[name] = type(error).__name__
    return errors


class Fresh:
    """``paths``: what ``sys.path`` begins with; nothing else that is installed can be imported.

    ``bytecode``: where ``.pyc`` files are kept, if anywhere. ``seed``: of the hashes of texts, which the order of sets depends on.
    """

    def __init__(self, paths: Collection[Path], bytecode: Path | None = None, seed: str = "0") -> None:
        self.paths = paths
        keep = ["-X", f"pycache_prefix={bytecode}"] if bytecode else ["-B"]
        self._server = subprocess.Popen(
            [sys.executable, "-S", *keep, __file__, *map(str, paths)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**ENVIRONMENT, "PYTHONHASHSEED": seed},
        )

    def __enter__(self) -> Fresh:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.communicate()

    def imports(self, question: Question) -> Imported:
        assert self._server.stdin is not None and self._server.stdout is not None
        send(self._server.stdin, question)
        found = receive(self._server.stdout)
        assert isinstance(found, Imported), "a fresh process died while it imported the library"
        return found


def send(stream: BinaryIO | io.BufferedIOBase, message: object) -> None:
    data = pickle.dumps(message)
    stream.write(struct.pack("!Q", len(data)) + data)
    stream.flush()


def receive(stream: BinaryIO | io.BufferedIOBase) -> object:
    """The next message of a process of ours; None when there is no other."""
    head = stream.read(8)
    if len(head) < 8:
        return None
    (length,) = struct.unpack("!Q", head)
    data = stream.read(length)
    return pickle.loads(data) if len(data) == length else None


def _answer(question: Question) -> Imported:
    drawn = random.SystemRandom()
    padding = (
        [bytes(drawn.randrange(4000)) for _ in range(drawn.randrange(2000))] if question.elsewhere else []
    )
    start = time.process_time()
    errors = import_all(question.names)
    seconds = time.process_time() - start
    del padding
    return Imported(errors, contents.describe(question.tops, question.lines, question.leave_out), seconds)


def _serve() -> None:
    """The first message of a child is its answer, the second what it imported besides the library."""
    sys.modules["fresh"] = sys.modules["__main__"]
    Imported.__module__ = Question.__module__ = "fresh"
    questions, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdin, sys.argv = io.StringIO(), ["-"]
    while isinstance(question := receive(questions), Question):
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.close(reading)
            with contextlib.suppress(BaseException), os.fdopen(writing, "wb") as stream:
                send(stream, _answer(question))
                send(stream, [name for name in sys.modules if name.partition(".")[0] not in question.tops])
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading, "rb") as stream:
            answer, needed = receive(stream), receive(stream)
        os.waitpid(child, 0)
        send(answers, answer)
        if isinstance(needed, list):
            import_all(name for name in needed if name not in sys.modules and name != "__mp_main__")


if __name__ == "__main__":
    sys.path[:0] = [*sys.argv[1:], str(Path(__file__).parent)]
    _serve()
