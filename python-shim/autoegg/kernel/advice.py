"""One sentence of advice where the notebook's own error does not say what to do."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable

from autoegg.kernel.library import Library
from autoegg.kernel.status import SHORT

# What pickle says, and nothing else (_pickle.c); the module's file may follow its name.
_GONE = re.compile(r"^Can't get attribute '(?P<name>[^']+)' on <module '(?P<module>[^']+)'")


def advice_on(error: BaseException | None, libraries: Iterable[Library] = ()) -> str | None:
    """What to do about an error that a cell has raised; None when there is nothing to add.

    Args:
        error: what the cell raised.
        libraries: those that are kept current.
    """
    if error is None:
        return None
    return _older_data(error, libraries) or _no_java(error)


def _older_data(error: BaseException, libraries: Iterable[Library]) -> str | None:
    """For data that was pickled under an older version and names what is gone; on workers they say so themselves."""
    found = _GONE.match(str(error)) if isinstance(error, AttributeError) else None
    if found is not None:
        module, what = found["module"], f"{found['module']}.{found['name']}"
    elif isinstance(error, ModuleNotFoundError) and error.name and _while_unpickling(error):
        module = what = error.name
    else:
        return None
    for library in libraries:
        if module.partition(".")[0] == library.name.partition(".")[0] and library.version is not None:
            return (
                f"data that was pickled earlier names {what}, which {library.name} {library.version.name[:SHORT]} does not have: "
                "bring it back in the library, or make that data again (unpersist and recompute what is cached)."
            )
    return None


def _while_unpickling(error: BaseException) -> bool:
    trace, last = error.__traceback__, ""
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        # The import system's own frames stand below the one that reads the pickle.
        last = last if file.startswith("<frozen") else file
        trace = trace.tb_next
    return os.path.basename(last) in ("serializers.py", "pickle.py", "cloudpickle.py")


def _no_java(error: BaseException) -> str | None:
    """Without Java, PySpark says only that its gateway process exited (``JAVA_GATEWAY_EXITED``, java_gateway.py)."""
    if "JAVA_GATEWAY_EXITED" not in str(error) and "Java gateway process exited" not in str(error):
        return None
    home = os.environ.get("JAVA_HOME")
    if home:
        java = os.path.join(home, "bin", "java")
        return (
            None
            if os.access(java, os.X_OK)
            else f"Spark needs Java, and JAVA_HOME names {home}, which has no bin/java."
        )
    if shutil.which("java"):
        return None
    return "Spark needs Java, and there is none on this machine's PATH: install Java 17, or set JAVA_HOME."
