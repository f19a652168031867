"""How long a process that has nothing of a library takes to import a module of it: ``import_time.py ROOT MODULE``.

The first import writes the .pyc files and loads what the library needs of the standard library; it is not counted. Then
the library's modules leave ``sys.modules``, as in a Spark worker that switches, and are imported again when a line comes
in, so that several processes can be made to do it at once. Prints a line when it is ready, and the seconds.
"""

from __future__ import annotations

import importlib
import sys
from time import perf_counter


def main(root: str, module: str) -> None:
    sys.path.insert(0, root)
    importlib.import_module(module)
    top = module.partition(".")[0]
    for name in [name for name in sys.modules if name == top or name.startswith(top + ".")]:
        del sys.modules[name]
    importlib.invalidate_caches()
    print("ready", flush=True)
    sys.stdin.readline()
    started = perf_counter()
    importlib.import_module(module)
    print(perf_counter() - started, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
