"""Random libraries under random edits; after each the notebook must see what a fresh process sees.

``python tests/reload/fuzz.py SEED STEPS [SEEDS]`` runs one seed, or as many as wanted from it on.
"""

from __future__ import annotations

import copy
import random
import sys
import tempfile
from pathlib import Path
from typing import Any

from fuzzing.holding import Held
from fuzzing.library import Library, Module
from fuzzing.observing import OBSERVE, Fresh
from reload_harness import Notebook

from autoegg.errors import LibraryBroken


def run(seed: int, steps: int, root: Path) -> int:
    """Raises AssertionError naming seed and step; the number of steps in which the library was broken."""
    rng = random.Random(seed)
    library = Library(rng)
    done: list[str] = []
    broken = wrong = 0
    good: list[Module] | None = None
    files: dict[str, str] = {}
    with Notebook(root, {"lib/__init__.py": ""}) as notebook, Fresh(root) as fresh:
        notebook.run("import importlib, sys\n" + OBSERVE)
        held = Held(notebook)
        loaded: list[str] = []
        seen: dict[str, Any] = {}
        for step in range(steps):
            texts = library.files()
            changed: dict[str, str | None] = {p: text for p, text in texts.items() if files.get(p) != text}
            changed |= dict.fromkeys(files.keys() - texts.keys())
            files = texts
            where = f"seed {seed}, step {step} ({', '.join(done)}), files {sorted(changed)}"
            paths = notebook.write(changed)
            expected = fresh.sees(library.names)
            try:
                report = notebook.reloader.reload(*paths)
            except LibraryBroken as error:
                assert "error" in expected, f"{where}: {error}"
                now = observed(notebook, loaded)
                assert now == seen, f"{where}: refused, but something changed: {differing(now, seen)}"
            else:
                error = imported(notebook, library.names)
                assert error == expected.get("error"), (
                    f"{where}: imports end with {error}, afresh: {expected}"
                )
                loaded = [name for name in library.names if name in sys.modules]
                seen = observed(notebook, loaded)
                if error is None:
                    assert seen == expected, f"{where}: (ours, fresh) {differing(seen, expected)}"
                    try:
                        held.check(report)
                    except AssertionError as failure:
                        raise AssertionError(f"{where}: {failure}") from None
                    held.keep(loaded, rng.choice(loaded) if rng.random() < 0.1 else None)
            if "error" not in expected:
                good, wrong = copy.deepcopy(library.modules), 0
            else:
                broken, wrong = broken + 1, wrong + 1
            done = library.edit()
            if wrong > 2:
                done = ["back to what was good"]
                library.back_to_good(good)
    return broken


def imported(notebook: Notebook, names: list[str]) -> str | None:
    """Import the modules, as a notebook's first cell does; the name of the error if that fails."""
    try:
        notebook.run(f"for name in {names}: importlib.import_module(name)")
    except Exception as error:
        return type(error).__name__
    return None


def observed(notebook: Notebook, names: list[str]) -> dict[str, Any]:
    """What the notebook sees."""
    found: dict[str, Any] = notebook.value(f"observe([sys.modules[name] for name in {names}])")
    return found


def differing(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {
        key: (ours.get(key), theirs.get(key)) for key in {*ours, *theirs} if ours.get(key) != theirs.get(key)
    }


if __name__ == "__main__":
    for number in range(int(sys.argv[1]), int(sys.argv[1]) + int(sys.argv[3] if len(sys.argv) > 3 else 1)):
        with tempfile.TemporaryDirectory() as folder:
            print(number, run(number, int(sys.argv[2]), Path(folder)), flush=True)
