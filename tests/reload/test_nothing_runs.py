"""No change, nothing runs: a library whose modules are replayed as they are executes no statement, and no object changes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import package_index
import pytest
from checkout import Checkout
from fresh import ENVIRONMENT
from steps import distributions

import autoegg

HERE = Path(__file__).resolve().parent

LIBRARIES = [
    "attrs", "click", "flask", "httpx", "jinja2", "lark", "marshmallow", "pyparsing", "rich", "sqlglot", "structlog", "urllib3",
]  # fmt: skip

PROGRAM = """
import json, sys
root, tops, names, places = json.loads(sys.argv[1])
sys.path[:0] = places
from pathlib import Path
from fresh import import_all
from identities import identities
from reload_harness import Notebook
from autoegg.contents import describe, differences
with Notebook(Path(root)) as notebook:
    import_all(names)
    before, objects = describe(tops, lines=True), identities(tops)
    report = notebook.reloader.replay_all()
    others = {name: identity for name, identity in identities(tops).items() if objects.get(name) != identity}
    differing = differences(before, describe(tops, lines=True))
print("=" + json.dumps([report.statements, report.lines, sorted(others)[:5], sorted(differing)[:5]]))
"""


@pytest.mark.parametrize("name", LIBRARIES)
def test_a_replay_without_a_change_executes_nothing(name: str, tmp_path: Path) -> None:
    distribution = distributions()[name]
    checkout = Checkout(tmp_path / "root")
    release = f"{name}=={distribution.versions[-1]}"
    checkout.take(package_index.download(release, wheel=True, any_python=True))
    needs = package_index.installed(distribution.needs)
    shim = Path(autoegg.__file__).parents[1]
    places = [str(place) for place in (checkout.root, *needs, shim, HERE)]
    names = checkout.modules(distribution.tops, distribution.leave)
    given = json.dumps([str(checkout.root), distribution.tops, names, places])
    run = subprocess.run(
        [sys.executable, "-S", "-B", "-c", PROGRAM, given],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    last = (run.stdout.splitlines() or [""])[-1]
    assert last.startswith("="), run.stderr[-2000:]
    assert json.loads(last[1:]) == [0, [], [], []]
