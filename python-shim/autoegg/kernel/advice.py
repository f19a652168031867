"""One sentence of advice where the notebook's own error does not say what to do."""

from __future__ import annotations

import os
import shutil

from autoegg.spark import python_told_in


def advice_on(error: BaseException | None) -> str | None:
    """What is missing on this machine, for an error that a cell has raised; None when there is nothing to add.

    Without Java, PySpark says only that its gateway process exited (``JAVA_GATEWAY_EXITED``, java_gateway.py).
    """
    if error is None:
        return None
    python = python_told_in(str(error))
    if python is not None:
        return python
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
