"""The command line as a person calls it, in folders of the test's own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

SHIM = Path(__file__).resolve().parents[2] / "python-shim"

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(autouse=True, scope="session")
def built() -> None:
    if not (SHIM / "jupyterlab_autoegg" / "cli.cjs").is_file():
        pytest.fail("The command line is not built: run `npm run build:daemon` first.", pytrace=False)


@pytest.fixture
def autoegg(tmp_path: Path) -> Command:
    """Runs ``autoegg ARGUMENTS`` in ``tmp_path``; ``env`` changes the environment, None takes a variable away."""

    def run(
        *arguments: object, env: Mapping[str, str | None] | None = None
    ) -> subprocess.CompletedProcess[str]:
        environment = {key: value for key, value in os.environ.items() if not key.startswith("AUTOEGG")}
        environment |= {"PYTHONPATH": str(SHIM), "XDG_CACHE_HOME": str(tmp_path / "cache")}
        for key, value in (env or {}).items():
            environment.pop(key, None)
            if value is not None:
                environment[key] = value
        return subprocess.run(
            [sys.executable, "-m", "autoegg", *map(str, arguments)],
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture
def data(autoegg: Command) -> Callable[..., Any]:
    """What ``autoegg ARGUMENTS --json`` says."""

    def run(*arguments: object, **options: Any) -> Any:
        return json.loads(autoegg(*arguments, "--json", **options).stdout)

    return run


def put(root: Path, *paths: str) -> Path:
    """Makes small files, each with its own name in it."""
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(f"# {path}\n")
    return root


@pytest.fixture
def files() -> Callable[..., Path]:
    return put


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = put(tmp_path / "project", "src/acme/__init__.py", "src/acme/rates.py", "src/acme/table.csv")
    (root / "pyproject.toml").write_text('[project]\nname = "acme"\nversion = "1"\n')
    return root
