"""The guard in front of a pickled function: raw pickle opcodes that put the worker on the function's state.

Nothing has to be installed on the workers. The opcodes run a small marshalled program, which sets up the modules of
``autoegg.worker`` where the process does not have them yet and calls ``bootstrap.enter``. They leave the stack and the
memo as they were, so the pickle that follows is read as if they were not there.
"""

from __future__ import annotations

import ast
import functools
import json
import marshal
import pkgutil
import re
import struct
import sys
import types
import zlib

from ..protocol import State

PROPERTY = "spark.autoegg.state"
"""Name of the session conf and of the local property; ``worker/bootstrap.py`` reads it."""

MODULE = "_autoegg_worker"
"""The worker's modules go under this name, so that they never meet an installed ``autoegg`` of another version."""

PARTS = ("unpack", "switch", "bootstrap")

# What runs each time is one look into sys.modules and the call; E is the embedded state.
BOOT = f"""
import sys
e = getattr(sys.modules.get({MODULE!r}), "enter", None)
if e is None:
    import zlib
    exec(zlib.decompress(W))
e(E)
"""

# What runs once per worker process. Sources, because they pack to a third of what compiled code does.
SETUP = f"""
import types
p = sys.modules[{MODULE!r}] = types.ModuleType({MODULE!r})
p.__path__ = []
for n, c in P:
    m = types.ModuleType({MODULE!r} + "." + n)
    m.__package__ = {MODULE!r}
    sys.modules[m.__name__] = m
    setattr(p, n, m)
    exec(compile(c, "<autoegg " + n + ">", "exec"), m.__dict__)
e = p.enter = m.enter
"""


class _Bare(ast.NodeTransformer):
    """Takes out what only people and type checkers read."""

    def visit(self, node: ast.AST) -> ast.AST:
        self.generic_visit(node)
        match node:
            case ast.arg():
                node.annotation = None
            case ast.FunctionDef():
                node.returns = None
            case ast.Expr(value=ast.Constant()) | ast.ImportFrom(module="__future__"):
                return ast.copy_location(ast.Pass(), node)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                return ast.copy_location(ast.Assign([target], value), node)
        return node


@functools.cache
def _programs() -> tuple[bytes, bytes]:
    """The marshalled boot program and the packed set-up. Driver and workers have equal Python minors (Spark checks)."""
    parts = []
    for part in PARTS:
        source = pkgutil.get_data("autoegg.worker", part + ".py")
        assert source is not None, part
        parts.append((part, _packable(source)))
    boot = compile(BOOT, "<autoegg>", "exec", dont_inherit=True, optimize=2)
    return marshal.dumps(boot), zlib.compress(f"P = {parts!r}\n{SETUP}".encode(), 9)


def _packable(source: bytes) -> str:
    bare = ast.unparse(_Bare().visit(ast.parse(source)))
    return re.sub("^( {4})+", lambda indent: " " * (len(indent[0]) // 4), bare, flags=re.MULTILINE)


def wire(state: State) -> str:
    """``state`` as compact JSON: what the pickle embeds and the session conf and local property carry."""
    libraries = [
        {"name": library.name, "kind": library.kind, "version": library.version, "eggs": library.eggs}
        for library in state.libraries
    ]
    data = {"session": state.session, "generation": state.generation, "libraries": libraries}
    return json.dumps(data, separators=(",", ":"))


@functools.lru_cache(maxsize=64)
def prologue(state: State) -> bytes:
    """The opcodes to put in front of a pickle."""
    boot, setup = _programs()
    # exec(marshal.loads(boot), {"W": setup, "E": state}), and its result off the stack again. No MEMOIZE in it: the
    # body's memo indices stay valid.
    return b"".join(
        (
            b"\x80\x04cbuiltins\nexec\ncmarshal\nloads\n",
            _bytes(boot),
            b"\x85R}(",
            _text("W"),
            _bytes(setup),
            _text("E"),
            _text(wire(state)),
            b"u\x86R0",
        )
    )


def _bytes(value: bytes) -> bytes:
    return b"B" + struct.pack("<I", len(value)) + value


def _text(value: str) -> bytes:
    encoded = value.encode()
    return b"X" + struct.pack("<I", len(encoded)) + encoded


def disarm_here() -> None:
    """Make guarded pickles harmless in this process: the driver has its code already and must never switch."""
    here = types.ModuleType(MODULE)
    here.enter = lambda embedded: None  # type: ignore[attr-defined]
    sys.modules[MODULE] = here
