"""The quick search in a text finds what Python's own parser finds."""

from __future__ import annotations

import ast
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

from autoegg.import_statements import names_in

STANDARD_LIBRARY = Path(sysconfig.get_paths()["stdlib"])
FOLDERS = (
    "asyncio",
    "concurrent/futures",
    "email",
    "importlib",
    "json",
    "logging",
    "multiprocessing",
    "unittest",
)


def parsed(source: bytes) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (
                node.module if alias.name == "*" else f"{node.module}.{alias.name}" for alias in node.names
            )


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_import_of_real_files_is_found(folder: str) -> None:
    files = sorted((STANDARD_LIBRARY / folder).glob("*.py"))
    assert files
    for file in files:
        source = file.read_bytes()
        assert set(parsed(source)) - set(names_in(source)) == set(), file


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import a", ["a"]),
        ("import a.b as c, d", ["a.b", "d"]),
        ("x = 1; import a; import b", ["a", "b"]),
        ("if x: import a", ["a"]),
        ("from a import b as c, d", ["a.b", "a.d"]),
        ("from a.b import (\n    c,  # import e\n    d,\n)", ["a.b.c", "a.b.d"]),
        ("from a import *", ["a"]),
        ("try: from a import b\nexcept: pass", ["a.b"]),
        ("from . import a\nfrom .b import c", []),
        ("m = importlib.import_module('a.b')", ["a.b"]),
        ('m = __import__("a")', ["a"]),
        ("important = 1\nreimport(x)\nimport_module(name)\n# import", []),
    ],
)
def test_names(source: str, names: list[str]) -> None:
    assert sorted(set(names_in(source.encode()))) == names
