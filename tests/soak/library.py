"""A library that is edited at random, and what a fresh process makes of it."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

from place import Clock

NAME = "soaklib"


class Library:
    """``soaklib.values()`` lists a value of each module; every edit changes what it gives."""

    def __init__(self, project: Path, chance: random.Random, clock: Clock) -> None:
        self.project, self.root, self.chance, self.clock = project, project / NAME, chance, clock
        self.count = 0
        self.root.mkdir(parents=True)
        for name in ("a", "b", "c"):
            self._module(name)
        self._top()

    def edit(self) -> str:
        """Changes the library in one of the ways that editors and git do; returns which."""
        kinds = [
            self._save,
            self._replace,
            self._same_size,
            self._back_in_time,
            self._data,
            self._add,
            self._remove,
        ]
        kind = self.chance.choice(kinds)
        kind()
        return kind.__name__.strip("_")

    def fresh(self) -> list[int]:
        """What a new process gets."""
        program = f"import {NAME}; print(*{NAME}.values())"
        done = subprocess.run(
            [sys.executable, "-B", "-c", program],
            cwd=self.project,
            capture_output=True,
            text=True,
            check=True,
            env={name: value for name, value in os.environ.items() if name != "PYTHONSTARTUP"},
        )
        return [int(value) for value in done.stdout.split()]

    def _next(self) -> int:
        self.count += 1
        return 1000 + self.count

    def _write(self, path: Path, text: str) -> None:
        path.write_text(text)
        if self.clock.offset:
            now = time.time() + self.clock.offset
            os.utime(path, (now, now))

    def _module(self, name: str) -> None:
        text = f"VALUE = {self._next()}\n\n\ndef value():\n    return VALUE\n"
        self._write(self.root / f"{name}.py", text)

    def _top(self) -> None:
        self._write(self.root / "data.txt", str(self._next()))
        names = sorted(path.stem for path in self.root.glob("[a-z]*.py"))
        lines = [f"from . import {name}" for name in names]
        calls = ", ".join(f"{name}.value()" for name in names)
        lines += ["from pathlib import Path", "", "", "def values(_=None):"]
        lines += [f"    return [{calls}, int(Path(__file__).with_name('data.txt').read_text())]", ""]
        self._write(self.root / "__init__.py", "\n".join(lines))

    def _any(self) -> Path:
        return self.chance.choice(sorted(self.root.glob("[a-z]*.py")))

    def _save(self) -> None:
        self._module(self._any().stem)

    def _replace(self) -> None:
        path = self._any()
        part = path.with_name(f".{path.name}.tmp")
        self._write(part, path.read_text().replace("VALUE =", f"VALUE = {self._next()} +", 1))
        os.replace(part, path)

    def _same_size(self) -> None:
        path = self._any()
        before = path.stat()
        text = path.read_text()
        digits = next(part for part in text.split() if part.isdigit())
        path.write_text(text.replace(digits, str((int(digits) - 999) % 9000 + 1000), 1))
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    def _back_in_time(self) -> None:
        path = self._any()
        self._module(path.stem)
        past = 1_500_000_000 + self.count
        os.utime(path, (past, past))

    def _data(self) -> None:
        self._write(self.root / "data.txt", str(self._next()))

    def _add(self) -> None:
        self._module(f"m{self._next()}")
        self._top()

    def _remove(self) -> None:
        extra = sorted(self.root.glob("m*.py"))
        if extra:
            self.chance.choice(extra).unlink()
        self._top()
        shutil.rmtree(self.root / "__pycache__", ignore_errors=True)
