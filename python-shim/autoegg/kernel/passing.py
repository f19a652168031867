"""Cells that pass the gate unchecked: with a broken library they must still run, to repair it, and they cannot run library code."""

from __future__ import annotations

import ast
import types
from typing import Any

from autoegg.kernel.expansion import expands_harmlessly
from autoegg.kernel.magic_calls import MagicCall, magic_call

_LINES = frozenset({"autoegg", "cd", "conda", "load_ext", "pip", "reload_ext"})
_CELLS = frozenset(
    {"bash", "html", "javascript", "js", "latex", "markdown", "script", "sh", "svg", "writefile"}
)
_OURS = "autoegg"
_PROVIDERS = ("IPython.", "ipykernel.", "autoegg.")


def always_passes(tree: ast.AST, shell: Any) -> bool:
    """Whether a parsed cell consists of nothing but magics and shell lines that cannot run library code."""
    body = getattr(tree, "body", [])
    calls = [magic_call(statement.value) if isinstance(statement, ast.Expr) else None for statement in body]
    return bool(calls) and all(call is not None and _is_harmless(call, shell) for call in calls)


def _is_harmless(call: MagicCall, shell: Any) -> bool:
    if not expands_harmlessly(call.line, shell.user_ns):
        return False
    if call.name == "!":
        return True
    if call.name in ("load_ext", "reload_ext") and call.line.strip() != _OURS:
        return False  # an extension may be a module of the library, or load one
    kind, known = ("line", _LINES) if call.body is None else ("cell", _CELLS)
    return call.name in known and _is_its_own(shell.magics_manager.magics[kind].get(call.name))


def _is_its_own(magic: Any) -> bool:
    """Whether a magic is the shell's own: anybody can register another one under its name."""
    if isinstance(magic, (types.FunctionType, types.MethodType)):
        provider: Any = magic.__module__
    else:  # IPython 9 has placeholders for magics that have not been used yet (``LazyMagic``)
        provider = getattr(magic, "__dict__", {}).get("spec")
    return isinstance(provider, str) and provider.startswith(_PROVIDERS)
