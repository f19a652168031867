"""What the import statements in a file's text name, at any depth: parsing a large library would hold up a cell by far longer."""

from __future__ import annotations

import re
from collections.abc import Iterator

# What each search begins with is one plain word, and only around it is looked at more closely: a pattern that may begin
# at any character takes ten times as long.
_WORD = re.compile(rb"import")
_IMPORT = re.compile(rb"[ \t]*import[ \t]+([^\n;#]+)")
_FROM = re.compile(rb"[ \t]*from[ \t]+([A-Za-z_][\w.]*)[ \t]+import[ \t]*(\([^)]*\)|[^\n;#]+)")
_BY_NAME = re.compile(rb"""import(?:_module|__)\(\s*["']([A-Za-z_][\w.]*)["']""")
_NAME = re.compile(rb"[A-Za-z_][\w.]*")
_COMMENT = re.compile(rb"#[^\n]*")

_LONGEST = 1000
"""Bytes of a line before ``import``: generated data may have it ten thousand times in one line."""


def names_in(source: bytes) -> Iterator[str]:
    """Modules by their absolute names; ``package.name`` for each name that is imported from a package, module or not.

    ``import_module("name")`` counts too. A match inside a string costs its caller one failed look-up and nothing else.
    """
    for word in _WORD.finditer(source):
        begin = max(0, word.start() - _LONGEST)
        before = max(source.rfind(separator, begin, word.start()) for separator in (b"\n", b";", b":"))
        yield from _named_by(source, max(before + 1, begin), word.start())


def _named_by(source: bytes, statement: int, word: int) -> Iterator[str]:
    called = _BY_NAME.match(source, word)
    if called:
        yield called[1].decode()
        return
    plain = _IMPORT.match(source, statement)
    if plain:
        yield from map(bytes.decode, _first_words(plain[1]))
        return
    from_module = _FROM.match(source, statement)
    if from_module:
        module, names = from_module[1].decode(), _COMMENT.sub(b"", from_module[2]).strip(b"()")
        found = [f"{module}.{name.decode()}" for name in _first_words(names)]
        yield from found or [module]


def _first_words(names: bytes) -> Iterator[bytes]:
    for part in names.split(b","):
        found = _NAME.match(part.strip())
        if found:
            yield found[0]
