"""Libraries that cannot be imported a second time in one process: the worker starts afresh, and no task is lost."""

from __future__ import annotations

import importlib
import sysconfig
from pathlib import Path
from typing import Any

METRICS = """
from prometheus_client import Counter
ROWS = Counter("NAME_rows", "rows")
def tag(*row):
    ROWS.inc()
    return "v1"
"""

MESSAGES = """
from google.protobuf import descriptor_pb2, descriptor_pool
file = descriptor_pb2.FileDescriptorProto(name="NAME.proto", package="NAME")
file.message_type.add(name="Row_v1")
DESCRIPTOR = descriptor_pool.Default().AddSerializedFile(file.SerializeToString())
def tag(*row):
    return DESCRIPTOR.message_types_by_name.keys()[0][-2:]
"""

PATCH = """
import fractions
def plus(self):
    return "v1"
fractions.Fraction.plus_NAME = plus
def tag(*row):
    return getattr(fractions.Fraction(1), "plus_NAME", lambda: "no patch")()
"""

POOL = """
import sys
if hasattr(sys, "autoegg_test_NAME"):
    raise RuntimeError("there is one already")
sys.autoegg_test_NAME = True
def tag(*row):
    return "v1"
"""


def library_of(notebook: Any, source: str) -> tuple[Any, Any, str]:
    library = notebook.library(
        lambda name: {f"{name}/__init__.py": "", f"{name}/code.py": source.replace("NAME", name)}
    )
    code = importlib.import_module(f"{library.name}.code")
    return library, code, (library.root / library.name / "code.py").read_text()


def with_pids(spark: Any, code: Any) -> Any:
    def ask(row: int) -> tuple[str, int]:
        import os

        return code.tag(), os.getpid()

    return spark.sparkContext.parallelize(range(8), 4).map(ask)


def follows(spark: Any, notebook: Any, source: str) -> None:
    library, code, text = library_of(notebook, source)
    rdd = with_pids(spark, code)
    first = rdd.collect()
    assert {tag for tag, _ in first} == {"v1"}
    for number in (2, 3):
        library.edit({f"{library.name}/code.py": text.replace("v1", f"v{number}")})
        notebook.ship()
        found = rdd.collect()
        assert {tag for tag, _ in found} == {f"v{number}"}
        assert {pid for _, pid in found} & {pid for _, pid in first}, "the same workers, not others"
    column = spark.range(4).selectExpr("id").rdd.map(code.tag)
    assert set(column.collect()) == {"v3"}


def test_metrics_of_prometheus_client(spark: Any, notebook: Any) -> None:
    follows(spark, notebook, METRICS)


def test_generated_messages_of_protobuf(spark: Any, notebook: Any) -> None:
    follows(spark, notebook, MESSAGES)


def test_what_a_library_puts_into_other_packages_goes_back_with_it(spark: Any, notebook: Any) -> None:
    library, code, text = library_of(notebook, PATCH)
    seen = spark.sparkContext.broadcast("seen")

    def ask(row: int) -> tuple[str, str]:
        return code.tag(), seen.value

    rdd = spark.sparkContext.parallelize(range(8), 4).map(ask)
    unpatched = text.replace("fractions.Fraction.plus", "unused")
    assert set(rdd.collect()) == {("v1", "seen")}
    for expected, source in [
        ("v2", text.replace("v1", "v2")),
        ("v1", text),
        ("no patch", unpatched),
        ("v1", text),
    ]:
        library.edit({f"{library.name}/code.py": source})
        notebook.ship()
        assert set(rdd.collect()) == {(expected, "seen")}, "broadcasts that the worker had come along"


def test_an_extension_module_that_changed_is_the_new_one(spark: Any, notebook: Any, tmp_path: Path) -> None:
    library = notebook.library(
        lambda name: {f"{name}/__init__.py": "", **compiled(name, "v1", tmp_path), f"{name}/code.py": ""}
    )
    source = f"def tag(*row):\n    from {library.name} import native\n    return native.tag()\n"
    library.edit({f"{library.name}/code.py": source})
    notebook.ship()
    code = importlib.import_module(f"{library.name}.code")
    rdd = with_pids(spark, code)
    assert {tag for tag, _ in rdd.collect()} == {"v1"}
    library.edit(compiled(library.name, "v2", tmp_path))
    notebook.ship()
    assert {tag for tag, _ in rdd.collect()} == {"v2"}


def compiled(name: str, tag: str, folder: Path) -> dict[str, bytes]:
    """An extension module with static data of its own, which refuses a second import as Cython's do."""
    import shutil
    import subprocess

    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    compiler = shutil.which("cc") or shutil.which("gcc")
    assert compiler is not None, "a C compiler is needed"
    source = folder / "native.c"
    source.write_text(
        "#include <Python.h>\n"
        "static int there = 0;\n"
        f'static PyObject *tag(PyObject *s, PyObject *a) {{ return PyUnicode_FromString("{tag}"); }}\n'
        'static PyMethodDef methods[] = {{"tag", tag, METH_NOARGS, ""}, {NULL, NULL, 0, NULL}};\n'
        'static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "native", "", -1, methods};\n'
        "PyMODINIT_FUNC PyInit_native(void) {\n"
        '    if (there++) { PyErr_SetString(PyExc_ImportError, "a second time"); return NULL; }\n'
        "    return PyModule_Create(&definition);\n}\n"
    )
    target = folder / f"native-{tag}{suffix}"
    include = f"-I{sysconfig.get_path('include')}"
    subprocess.run([compiler, "-shared", "-fPIC", include, str(source), "-o", str(target)], check=True)
    return {f"{name}/native{suffix}": target.read_bytes()}


def test_a_module_that_refuses_for_reasons_of_its_own_is_named_and_known_from_then_on(
    spark: Any, notebook: Any
) -> None:
    library, code, text = library_of(notebook, POOL)
    rdd = with_pids(spark, code)
    assert {tag for tag, _ in rdd.collect()} == {"v1"}
    library.edit({f"{library.name}/code.py": text.replace("v1", "v2")})
    notebook.ship()
    try:
        found = rdd.collect()
    except Exception as error:  # local mode tries no task again
        assert spark.sparkContext.master.startswith("local[")
        sentence = f"autoegg: {library.name}.code of {library.name} {library.version[:12]} failed when worker process"
        assert "RuntimeError: there is one already" in str(error) and sentence in str(error)
        found = rdd.collect()
    assert {tag for tag, _ in found} == {"v2"}
    library.edit({f"{library.name}/code.py": text.replace("v1", "v3")})
    notebook.ship()
    assert {tag for tag, _ in rdd.collect()} == {"v3"}
