"""Raw pickle opcodes that run a small program before the pickle that follows them is read.

They leave the stack and the memo as they were, so what follows is read as if they were not there.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping


def run(program: bytes, names: Mapping[str, str | bytes]) -> bytes:
    """The opcodes that execute the marshalled code ``program`` with ``names`` as its globals."""
    # exec(marshal.loads(program), names), and its result off the stack again. No MEMOIZE in it: the body's memo
    # indices stay valid.
    values = b"".join(_of(name) + _of(value) for name, value in names.items())
    return b"\x80\x04cbuiltins\nexec\ncmarshal\nloads\n" + _of(program) + b"\x85R}(" + values + b"u\x86R0"


def call(module: str, name: str, argument: bytes) -> bytes:
    """A whole pickle: the result of one function, by its name, on bytes of any length."""
    head = f"\x80\x04c{module}\n{name}\n\x8e".encode("latin-1")
    return head + struct.pack("<Q", len(argument)) + argument + b"\x85R."


def _of(value: str | bytes) -> bytes:
    encoded = value.encode() if isinstance(value, str) else value
    return (b"X" if isinstance(value, str) else b"B") + struct.pack("<I", len(encoded)) + encoded
