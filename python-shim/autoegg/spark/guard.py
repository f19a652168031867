"""The guard in front of a pickled function: raw pickle opcodes that put the worker on the function's state.

Nothing has to be installed on the workers. The opcodes run a small marshalled program, which sets up the modules of
``autoegg.worker`` where the process does not have them yet and calls ``bootstrap.enter``. The modules themselves lie in
a file next to the eggs, so that a command carries no more than its state; Spark sends that file wherever it sends eggs.
"""

from __future__ import annotations

import functools
import hashlib
import json
import marshal
import pickle
import pkgutil
import sys
import types
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..protocol import Egg, State
from ..worker import opcodes

PROPERTY = "spark.autoegg.state"
"""Name of the session conf that names the state; ``worker/bootstrap.py`` reads it.

Spark copies the conf into the local properties of each job of a query, and of broadcasts and subqueries of that query once
more when they begin: at that time it may name a newer state.
"""

JOB = "spark.autoegg.job"
"""Name of the local property that names the state; it counts before the conf, and stays the same for a whole query."""

MODULE = "_autoegg_worker"
"""The worker's modules go under this name, so that they never meet an installed ``autoegg`` of another version."""

PARTS = (
    "opcodes",
    "places",
    "tidy",
    "unpack",
    "outside",
    "switch",
    "named",
    "foreign",
    "again",
    "values",
    "afresh",
    "planner",
    "check",
    "report",
    "bootstrap",
)
"""In the order in which they import one another; the last one has ``enter``."""

# What runs once per worker process: N names the file with the modules, W is its content if no file is available, and F a
# folder on the driver's machine with all of it, for processes there that Spark gives no files (transformWithState asks a
# processor its schema). Windows in Connect get the folder above that of their session (``worker/unpack.py``).
LOAD = """
import marshal, os, zlib
w = globals().get("W")
if w is None:
    f = sys.modules.get("pyspark.core.files") or sys.modules.get("pyspark.files")
    r = f and f.SparkFiles._root_directory
    if f and r is None and F and os.path.isdir(F):
        r = f.SparkFiles._root_directory = F
    r = r or "."
    q = [r, r[:-len("/streaming_job")], os.path.join("/proc/%d/cwd" % os.getppid(), r)]
    for n in q + [os.path.join(d, n) for d in q if os.path.isdir(d) for n in os.listdir(d)]:
        n = os.path.join(n, N)
        if os.path.isfile(n):
            w = open(n, "rb").read()
            break
    else:
        raise ImportError("autoegg: " + N + " is not in " + r + " on node " + os.uname()[1] + ", so no library "
            "can be loaded there; run the cell again to ship it, or restart the Spark session")
s, P, B = marshal.loads(zlib.decompress(w))
exec(s)
"""

# What runs each time is one look into sys.modules and the call; E is the embedded state. The rest is text: that is read
# faster than code.
BOOT = f"""
import sys
e = getattr(sys.modules.get({MODULE!r}), "enter", None)
if e is None:
    exec({LOAD.strip()!r})
e(E)
"""

# Only when all of it is there does the process count as set up: a task may be killed in the middle.
SETUP = f"""
import sys, types
p = types.ModuleType({MODULE!r})
p.__path__ = []
sys.modules.setdefault({MODULE!r}, p)
p = sys.modules[{MODULE!r}]
for n, c in P:
    m = types.ModuleType({MODULE!r} + "." + n)
    m.__package__ = {MODULE!r}
    sys.modules[m.__name__] = m
    setattr(p, n, m)
    exec(c, m.__dict__)
p.planner.boot = B
p.planner.source = {{"N": N, "F": F}} if "N" in globals() else {{"W": W}}
p.unseal = p.values.Sealed
p.find = p.named.find
e = p.enter = m.enter
"""


_driver_folder = ""


@functools.cache
def _boot() -> bytes:
    return marshal.dumps(compile(BOOT, "<autoegg>", "exec", dont_inherit=True, optimize=2))


@functools.cache
def program() -> bytes:
    """The worker's modules, compiled. Driver and workers have equal Python minors (Spark checks)."""
    parts = []
    for part in PARTS:
        source = pkgutil.get_data("autoegg.worker", part + ".py")
        assert source is not None, part
        parts.append((part, compile(source, f"<autoegg {part}>", "exec", dont_inherit=True)))
    setup = compile(SETUP, "<autoegg>", "exec", dont_inherit=True)
    return zlib.compress(marshal.dumps((setup, parts, _boot())), 9)


@functools.cache
def program_name() -> str:
    """The name of the program's file among Spark's files; another content has another name."""
    return f"autoegg-worker-{hashlib.sha256(program()).hexdigest()[:16]}.bin"


def program_file(folder: Path) -> Egg:
    """The program as a file in ``folder``, to be sent to Spark next to the eggs."""
    path = folder / program_name()
    if not path.exists():
        part = path.with_suffix(".part")
        part.write_bytes(program())
        part.rename(path)
    return Egg(str(path), path.name, hashlib.sha256(program()).hexdigest(), len(program()))


def wire(state: State, keeps: bool = False) -> str:
    """``state`` as compact JSON: what the session conf and local property carry, and the pickle embeds without the list."""
    libraries = [
        {"name": library.name, "kind": library.kind, "version": library.version, "eggs": library.eggs}
        for library in state.libraries
    ]
    data = {"session": state.session, "generation": state.generation, "libraries": libraries}
    if state.listed:
        data["listed"] = state.listed
    if state.check:
        data["check"] = True
    if keeps:
        data["keeps"] = True
    return json.dumps(data, separators=(",", ":"))


@functools.lru_cache(maxsize=64)
def prologue(state: State | None, inline: bool = False, keeps: bool = False) -> bytes:
    """The opcodes to put in front of a pickle.

    :param state: None for what must not decide which state the process is on: data.
    :param inline: the program goes with the opcodes, for processes that Spark gives no files.
    :param keeps: this state decides, whatever a job carries: what runs on behalf of a stream.
    """
    source = {"W": program()} if inline else {"N": program_name(), "F": _driver_folder}
    embedded = "" if state is None else wire(replace(state, listed=()), keeps)
    return opcodes.run(_boot(), {**source, "E": embedded})


def lies_in(folder: Path) -> None:
    """Eggs and program lie in ``folder`` on this machine, for processes next to the driver to which Spark gives no files."""
    global _driver_folder
    if _driver_folder != str(folder):
        _driver_folder = str(folder)
        prologue.cache_clear()


def sealed(pickled: bytes) -> bytes:
    """``pickled`` data as a pickle that a worker unpacks when the value is asked for, under the state of that task."""
    return prologue(None) + opcodes.call(MODULE, "unseal", pickled)


def found_there(module: str, path: str, version: str, copy: Any) -> Any:
    """Stands for ``find`` of ``worker/named.py`` in the driver, so that pickles can name it."""
    return copy


found_there.__module__, found_there.__qualname__ = MODULE, "find"


def disarm_here() -> None:
    """Make guarded pickles harmless in this process: the driver has its code already and must never switch."""
    here = types.ModuleType(MODULE)
    here.enter = lambda embedded: None  # type: ignore[attr-defined]
    here.unseal = pickle.loads  # type: ignore[attr-defined]
    here.find = found_there  # type: ignore[attr-defined]
    sys.modules[MODULE] = here
