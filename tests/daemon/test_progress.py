"""A library with many files says how far it is while its first eggs are made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FILES = 1200


def test_the_first_eggs_of_many_files_tell_how_many_are_done_of_how_many(raw: Any, tmp_path: Path) -> None:
    package = tmp_path / "large"
    package.mkdir()
    for number in range(FILES):
        (package / f"m{number}.py").write_text(f"N = {number}\n")
    (package / "__init__.py").touch()
    raw.ask('{"id":1,"method":"hello","params":{"protocol":1,"role":"kernel","pid":1}}')
    raw.ask('{"id":2,"method":"subscribe","params":{}}')
    spec = {"name": "large", "kind": "package", "path": str(package)}
    message = raw.ask(json.dumps({"id": 3, "method": "open", "params": spec}))
    told: list[dict[str, Any]] = []
    while "id" not in message:
        told.append(message["status"])
        message = json.loads(raw.lines.readline())
    assert "result" in message, message

    # Each file is read for its digest, and then packed.
    work = [status["progress"] for status in told if status["condition"] == "building"]
    assert work[0] == {"done": 0, "total": 2 * (FILES + 1)}
    done = [step["done"] for step in work]
    assert done == sorted(done) and done[-1] <= 2 * (FILES + 1)
    assert told[-1]["condition"] == "current"
    assert told[-1]["progress"] is None
