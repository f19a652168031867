"""What the kernel finds, asked in a Python process of its own: no notebook, no Spark."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

SHIM = Path(__file__).resolve().parents[2] / "python-shim"

PROGRAM = """
import ast, json, sys
from autoegg.import_statements import absolute_names
from autoegg.kernel.discovery import Discovery
from autoegg.kernel.locality import Locality
discovery = Discovery(Locality())
said = json.loads(sys.stdin.read())
before = set(sys.modules)
sys.path[:0] = said["path"]
exec(said["code"], {"__name__": "__main__"})
for name in set(sys.modules) - before:
    discovery.imported(name, "")
wanted = discovery.wanted_by(absolute_names(ast.parse(said["cell"])))
found = {(spec.name, spec.kind, spec.path) for spec in [*discovery.take(), *wanted]}
print("\\n" + json.dumps(sorted(found)))
"""


def write(root: Path, files: Mapping[str, str] | Iterable[str]) -> Path:
    """Files with their texts, or empty ones."""
    texts = files if isinstance(files, Mapping) else dict.fromkeys(files, "")
    for path, text in texts.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def found(
    code: str,
    *,
    cell: str = "",
    path: Iterable[Path] = (),
    python: Path | str = sys.executable,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> dict[str, tuple[str, str]]:
    """Runs ``code``, then looks at ``cell`` as the gate does: name → kind and path of each library that was found."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    env |= environment or {}
    env["PYTHONPATH"] = os.pathsep.join(filter(None, [str(SHIM), env.get("PYTHONPATH", "")]))
    done = subprocess.run(
        [str(python), "-c", PROGRAM],
        input=json.dumps({"code": code, "cell": cell, "path": [str(entry) for entry in path]}),
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {name: (kind, place) for name, kind, place in json.loads(done.stdout.splitlines()[-1])}
