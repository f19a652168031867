"""``autoegg doctor``: what this machine has, and a cure for each thing that it lacks."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SHIM = Path(__file__).resolve().parents[2] / "python-shim"


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A folder that is all of PATH, with Node in it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    node = shutil.which("node")
    assert node is not None
    (folder / "node").symlink_to(node)
    return folder


def program(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def checks(said: Any) -> dict[str, Any]:
    return {check["name"]: check for check in said["checks"]}


def test_this_machine_is_fit_for_the_tests(autoegg: Any, data: Any) -> None:
    found = checks(data("doctor"))
    for name in ("Node.js", "daemon", "Python", "JupyterLab", "IPython", "PySpark", "Java", "watching"):
        assert found[name]["condition"] == "fine", found[name]
        assert found[name]["cure"] is None
    assert sys.executable in found["Python"]["found"]
    assert {"store of eggs", "temporary files"} <= found.keys()
    answer = autoegg("doctor")
    assert answer.returncode == 0 and "PROBLEM" not in answer.stdout


def test_what_lies_in_the_current_folder_is_not_executed(tmp_path: Path) -> None:
    here = tmp_path / "downloads"
    here.mkdir()
    for name in ("json", "os", "sys", "importlib", "autoegg", "IPython", "sitecustomize"):
        (here / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'a').write({name!r})\n")
    said = subprocess.run(
        ["node", str(SHIM / "jupyterlab_autoegg" / "cli.cjs"), "doctor", "--json"],
        cwd=here,
        env={
            **os.environ,
            "AUTOEGG_PYTHON": sys.executable,
            "PYTHONPATH": f":{SHIM}",
            "PYSPARK_PYTHON": sys.executable,
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert checks(json.loads(said.stdout))["Python"]["condition"] == "fine"
    assert not (tmp_path / "ran").exists()


def test_every_problem_has_a_cure_and_is_the_exit_code(autoegg: Any, tools: Path) -> None:
    answer = autoegg("doctor", "--json", env={"PATH": str(tools), "JAVA_HOME": None})
    assert answer.returncode == 1
    said = json.loads(answer.stdout)
    java = checks(said)["Java"]
    assert not said["ok"]
    assert (java["condition"], java["found"]) == ("problem", "none on PATH")
    assert "install Java 17 or 21" in java["cure"]
    text = autoegg("doctor", env={"PATH": str(tools), "JAVA_HOME": None})
    assert text.returncode == 1
    assert "PROBLEM  Java" in text.stdout and "→ install Java 17 or 21" in text.stdout


@pytest.mark.parametrize(
    ("version", "condition", "said"),
    [
        ("1.8.0_392", "problem", "is too old"),
        ("11.0.2", "problem", "is too old"),
        ("17.0.15", "fine", "17.0.15"),
        ("21", "fine", "21"),
        ("25.0.1", "warning", "is not among the versions"),
    ],
)
def test_java_is_judged_by_what_the_installed_spark_runs_on(
    data: Any, tmp_path: Path, version: str, condition: str, said: str
) -> None:
    program(tmp_path, "jdk/bin/java", f"echo 'openjdk version \"{version}\" 2025-01-01' >&2")
    java = checks(data("doctor", env={"JAVA_HOME": str(tmp_path / "jdk")}))["Java"]
    assert java["condition"] == condition and said in java["found"]


def test_a_java_home_without_java_is_named(data: Any, tmp_path: Path) -> None:
    java = checks(data("doctor", env={"JAVA_HOME": str(tmp_path)}))["Java"]
    assert java["found"] == f"JAVA_HOME names {tmp_path}, which has no bin/java"


@pytest.mark.parametrize(("node", "said"), [(None, "no Node.js was found"), ("v18.0.0", "is 18.0.0")])
def test_without_a_node_that_can_run_it_the_doctor_says_so_all_the_same(
    autoegg: Any, tmp_path: Path, node: str | None, said: str
) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    if node is not None:
        program(folder, "node", f"echo {node}")
    answer = autoegg("doctor", "--json", env={"PATH": str(folder)})
    assert answer.returncode == 1
    found = checks(json.loads(answer.stdout))
    check = found["Node.js"]
    assert found["Python"]["condition"] == "fine" and sys.executable in found["Python"]["found"]
    assert check["condition"] == "problem" and said in check["found"]
    assert "install Node.js" in check["cure"]
    shown = autoegg("doctor", env={"PATH": str(folder)}).stdout
    assert "PROBLEM  Node.js" in shown and "→ install Node.js" in shown
    plain = autoegg("ls", env={"PATH": str(folder)})
    assert plain.returncode == 1 and said in plain.stderr and len(plain.stderr.splitlines()) == 1


def test_a_folder_that_cannot_be_used_is_named_with_what_to_do(data: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = checks(data("doctor", env={"XDG_CACHE_HOME": str(tmp_path / "file")}))["store of eggs"]
    assert store["condition"] == "problem" and "is not a directory" in store["found"]
    nowhere = checks(data("doctor", env={"XDG_CACHE_HOME": "/proc/cache"}))["store of eggs"]
    assert nowhere["condition"] == "problem" and "/proc cannot be written to" in nowhere["found"]
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    found = checks(data("doctor", env={"TMPDIR": str(shared)}))["temporary files"]
    assert found["condition"] == "warning" and f"chmod go-w {shared}" in found["cure"]


def test_what_kernels_load_is_reported_and_a_profile_that_overrides_it(data: Any, tmp_path: Path) -> None:
    folder = tmp_path / "ipython"
    env = {"IPYTHONDIR": str(folder)}
    found = checks(data("doctor", env=env))
    assert "`autoegg enable`" in found["kernels"]["found"]
    for name in ("default", "spark"):
        (folder / f"profile_{name}").mkdir(parents=True)
        listed = folder / f"profile_{name}" / "ipython_config.py"
        listed.write_text("c.InteractiveShellApp.extensions.append('autoegg')\n")
    overriding = listed.with_name("ipython_kernel_config.py")
    overriding.write_text("# mine\nc.IPKernelApp.extensions = []\n")
    found = checks(data("doctor", env=env))
    assert found["kernels"]["found"] == "each one loads autoegg when it starts"
    assert "profile default" not in found
    spark = found["profile spark"]
    assert spark["condition"] == "warning" and spark["cure"]
    assert f"{overriding}, line 2," in spark["found"]


def test_the_limits_of_the_system_are_read(data: Any) -> None:
    found = checks(data("doctor"))
    for name in os.listdir("/proc/sys/fs/inotify") if sys.platform == "linux" else ():
        limit = Path("/proc/sys/fs/inotify", name).read_text().strip()
        check = found[f"fs.inotify.{name}"]
        assert check["found"].split(":")[0] == limit
        assert (check["condition"] == "fine") == (check["cure"] is None)


def test_workers_of_another_python_are_named_with_the_cure(autoegg: Any, tools: Path) -> None:
    older = program(tools / "older", "python", "echo 3.9")
    found = checks(json.loads(autoegg("doctor", "--json", env={"PYSPARK_PYTHON": str(older)}).stdout))
    check = found["Spark workers' Python"]
    assert check["condition"] == "problem"
    assert f"{older} is 3.9, the driver {sys.version_info[0]}.{sys.version_info[1]}" in check["found"]
    assert f"set PYSPARK_PYTHON={sys.executable}" in check["cure"]
    found = checks(json.loads(autoegg("doctor", "--json", env={"PYSPARK_PYTHON": "/not/there"}).stdout))
    assert "/not/there does not start" in found["Spark workers' Python"]["found"]
    found = checks(json.loads(autoegg("doctor", "--json", env={"PYSPARK_PYTHON": sys.executable}).stdout))
    assert found["Spark workers' Python"]["condition"] == "fine"


def test_help_is_the_same_with_and_without_node(autoegg: Any, tools: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    without = autoegg("--help", env={"PATH": str(empty)})
    assert without.returncode == 0
    bundle = SHIM / "jupyterlab_autoegg" / "cli.cjs"
    with_node = subprocess.run([tools / "node", bundle, "--help"], capture_output=True, text=True, check=True)
    assert without.stdout == with_node.stdout
