"""The demo notebook, executed for real on two masters: ``python scripts/demo_check WORK-FOLDER``.

Prints a table for each master and ends with status 1 if anything disagrees.
"""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path

import pyspark
from lab_server import JupyterServer, environment
from notebook_kernel import Kernel
from story import Step, Story, code_cells

DEMO = Path(__file__).resolve().parents[2] / "demo"
NOTEBOOK = "demo.ipynb"

# Each master with the number of executors that it has.
MASTERS = {"local[2]": 1, "local-cluster[2,1,1024]": 2}

COLUMNS = "{:<26} {:<9} {:<18} {:<62} {:>7}"


def copied_spark_home(folder: Path) -> Path:
    """pyspark's Spark by links, so that a local-cluster's work folder lands here and not in the installation."""
    home = folder / "spark-home"
    home.mkdir()
    for entry in Path(pyspark.__file__).parent.iterdir():
        if entry.name != "work":
            (home / entry.name).symlink_to(entry)
    return home


def check(master: str, folder: Path) -> int:
    """Runs the notebook on one master; the number of things that disagree."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    copy = folder / "demo"
    shutil.copytree(
        DEMO, copy, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "*.egg-info")
    )
    print(f"\n{master}\n" + COLUMNS.format("step", "driver", "workers", "result", "seconds"), flush=True)
    problems = 0
    server = JupyterServer(copy, environment(copied_spark_home(folder), master), folder / "jupyter.log")
    started = time.monotonic()
    with server:
        session, kernel_id = server.start_kernel(NOTEBOOK)
        kernel = Kernel(server.websocket(kernel_id))
        try:
            story = Story(kernel, copy, MASTERS[master])
            for cell in code_cells(copy / NOTEBOOK):
                step = story.run(cell)
                show(step)
                problems += len(step.problems)
        finally:
            kernel.close()
            server.end_session(session)
    for process in server.left_behind:
        print(f"  ! left behind: {process}")
    print(f"{time.monotonic() - started:.0f} s on {master}, {problems} disagreements", flush=True)
    shutil.rmtree(folder / "spark-home", ignore_errors=True)
    return problems + len(server.left_behind)


def show(step: Step) -> None:
    result = step.result if len(step.result) <= 62 else step.result[:61] + "…"
    line = COLUMNS.format(step.title, step.driver, step.workers, result, f"{step.seconds:.2f}")
    print(line, flush=True)
    for problem in step.problems:
        print(f"  ! {problem}", flush=True)


def main() -> int:
    work = Path(sys.argv[1])
    problems = sum(
        check(master, work / f"check-{name}")
        for master, name in zip(MASTERS, ("local", "local-cluster"), strict=True)
    )
    print("\nDriver and workers agree at every step." if not problems else f"\n{problems} disagreements.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
