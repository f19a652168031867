"""Which shell lines and magics run nothing of a library while IPython fills in their names."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from autoegg.kernel.expansion import expands_harmlessly


class Path2(type(Path())):  # type: ignore[misc]
    def __format__(self, form: str) -> str:
        raise AssertionError("code of a library")


class Proxy:
    def __getattr__(self, name: str) -> Any:
        raise AssertionError("code of a library")


NAMES = {
    "sys": sys,
    "os": os,
    "json": json,
    "n": 3,
    "folder": Path("x"),
    "own": Path2("x"),
    "lib": Proxy(),
    "f": len,
}


@pytest.mark.parametrize(
    "line",
    [
        "ls",
        '"{sys.executable}" -m pip install x',
        "echo {n} $n {folder} $HOME {os.sep} {'text'}",
        "awk '{print $1}' file",
        "awk '{ sum += $1 } END { print sum }'",
        "echo {nobody} {nobody.has}",
        "echo }",
    ],
)
def test_plain_values_are_harmless(line: str) -> None:
    assert expands_harmlessly(line, NAMES)


@pytest.mark.parametrize(
    "line",
    [
        "{lib.path}",
        "{f()}",
        "$lib",
        "{own}",
        "$own",
        "{n:{f()}}",
        "{json.dumps(lib)}",
        "{sys.path[0]}",
        "{n} {lib.path}",
    ],
)
def test_what_may_call_something_is_not(line: str) -> None:
    assert not expands_harmlessly(line, NAMES)
