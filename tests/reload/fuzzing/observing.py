"""What can be seen of a library, and what a fresh process sees of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

OBSERVE = '''
def observe(modules):
    """name -> what calling or looking at it gives, for everything that the modules have"""
    def call(f):
        try:
            return f()
        except Exception as error:
            return type(error).__name__
    def plain(value):
        if isinstance(value, (int, str, type(None))):
            return value
        if isinstance(value, dict):
            return {k: plain(v) for k, v in value.items()}
        if isinstance(value, (list, tuple)):
            return [plain(item) for item in value]
        if isinstance(value, type):
            return ["class", value.__module__, value.__name__]
        if getattr(value, "__name__", "").startswith("fill_"):
            return ["function", value.__module__]  # calling it would change what it fills
        if callable(value):
            return ["call", value.__module__, plain(call(value))]
        return ["object", plain(type(value)), methods(value)]
    def methods(value):
        return {n: plain(call(getattr(value, n))) for n in sorted(dir(type(value))) if n.startswith("m_")}
    seen = {}
    for module in modules:
        for name, value in vars(module).items():
            if name.startswith("__") and name != "__all__" or type(value) is type(module):
                continue
            full = module.__name__ + "." + name
            seen[full] = plain(value)
            if hasattr(value, "__members__"):
                seen[full + "()"] = [[n, plain(member)] for n, member in value.__members__.items()]
            elif isinstance(value, type):
                seen[full + "()"] = [methods(value()), [b.__name__ for b in value.__mro__]]
    return seen
'''

SERVER = (
    OBSERVE
    + """
import dataclasses, enum, importlib, json, os, sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
for line in sys.stdin:
    if os.fork():
        os.wait()
        continue
    try:
        modules = [importlib.import_module(name) for name in json.loads(line)]
    except Exception as error:
        print(json.dumps({"error": type(error).__name__}), flush=True)
    else:
        print(json.dumps(observe(modules)), flush=True)
    os._exit(0)
"""
)


class Fresh:
    """Answers from processes that have imported nothing of the library before: each is a new fork of one that never does."""

    def __init__(self, root: Path) -> None:
        self._server = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", SERVER, str(root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )  # fmt: skip

    def __enter__(self) -> Fresh:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.communicate()

    def sees(self, names: list[str]) -> dict[str, Any]:
        """What ``observe`` gives after importing the modules in this order; ``error`` if that fails."""
        assert self._server.stdin is not None and self._server.stdout is not None
        self._server.stdin.write(json.dumps(names) + "\n")
        self._server.stdin.flush()
        answer: dict[str, Any] = json.loads(self._server.stdout.readline())
        return answer
