"""A package that the driver's environment has and the workers' Python does not: the usual cause on one machine is named."""

from __future__ import annotations

import sys

import IPython
import pytest

from autoegg.kernel.missing import Missing


class PythonException(Exception):
    """As PySpark raises it."""

    __module__ = "pyspark.errors.exceptions.captured"


@pytest.mark.parametrize("name", ["IPython", "IPython.core.magic"])
def test_the_drivers_own_python_is_offered_to_workers_that_lack_one_of_its_packages(name: str) -> None:
    assert IPython.__file__.startswith(sys.prefix)
    error = PythonException(f"ModuleNotFoundError: No module named '{name}'")
    said = Missing(lambda: [], lambda _: []).advice(error)
    assert said is not None and said.startswith(f"{name} is installed for the driver (")
    assert said.endswith(
        "but not for the workers' Python: install it there too, or, if Spark runs on this machine, set "
        f'os.environ["PYSPARK_PYTHON"] = "{sys.executable}" before the session is built.'
    )
