"""``autoegg`` on the command line.

What has to do with IPython's configuration is done here (``autoegg.enabling``), and so is what reads kept versions
(``autoegg.versions``), and what must work without Node: the help (the same text as in ``src/cli/main.ts``), and the doctor's
diagnosis that Node is missing. The rest is the daemon's own code, run by the Node that would run the daemon.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from typing import Any

from autoegg.daemon.launch import program
from autoegg.daemon.node import find_node
from autoegg.enabling import commands
from autoegg.errors import DaemonUnavailable
from autoegg.versions import commands as kept

_MARKS = {"fine": "ok     ", "warning": "warning", "problem": "PROBLEM"}
"""As ``src/cli/doctor.ts`` has them."""

USAGE = """usage: autoegg ls [PATH] [--json]
       autoegg build [PATH] -o FILE.egg [--json]
       autoegg doctor [--json]
       autoegg enable [--env | --user]
       autoegg disable [--env | --user]
       autoegg status [--json]
       autoegg versions [NAME] [--json]
       autoegg show VERSION [--json]
       autoegg diff VERSION VERSION
       autoegg restore VERSION -o FOLDER
       autoegg reproduce NOTEBOOK [-o FILE]

ls       list the files of the libraries at PATH that are shipped, and by which rule
build    pack them into one egg for `spark-submit --py-files`; the same files give the same bytes
doctor   check what autoegg needs on this machine, and say how to fix it
enable   make every IPython kernel load autoegg: those of this environment, or of this user
disable  undo that
status   show whether kernels load autoegg, and which IPython profile prevents it
versions list the versions that notebooks and programs have run, by any kernel
show     show when a version ran, where git was, and its files
diff     show what differs between two versions
restore  write a version's files into a new folder
reproduce say whether what a notebook's cells ran on can be had, and run it on that

PATH is a module's .py file, a package's directory or a project's directory; the current directory by default."""


def main() -> None:
    """Becomes Node with the arguments of this process; ends with 1 and one sentence where there is none."""
    without_node = {
        **dict.fromkeys(commands.COMMANDS, commands.main),
        **dict.fromkeys(kept.COMMANDS, kept.main),
    }
    command = without_node.get(next(iter(sys.argv[1:]), ""))
    if {"--help", "-h"} & set(sys.argv[1:]) and command is None:
        print(USAGE)
        sys.exit(0)
    if command is not None:
        sys.exit(command(sys.argv[1:]))
    bundle = program().with_name("cli.cjs")
    try:
        node = find_node()
        if not bundle.is_file():
            raise DaemonUnavailable(
                f"{bundle} is missing; reinstall jupyterlab-autoegg, or run `npm run build:daemon` in a checkout."
            )
    except DaemonUnavailable as unavailable:
        _refuse(str(unavailable))
    os.environ["AUTOEGG_PYTHON"] = sys.executable
    os.execv(node, [str(node), str(bundle), *sys.argv[1:]])


def _refuse(sentence: str) -> None:
    """Of the doctor's checks those that need no Node, in its own form when it was asked; else one sentence."""
    if sys.argv[1:2] != ["doctor"]:
        print(f"autoegg: {sentence}", file=sys.stderr)
        sys.exit(1)
    found, _, cure = sentence.partition(": ")
    checks: list[dict[str, Any]] = [
        {"name": "Node.js", "condition": "problem", "found": found, "cure": cure},
        {
            "name": "Python",
            "condition": "fine",
            "found": f"{platform.python_version()} ({sys.executable})",
            "cure": None,
        },
        {
            "name": "the rest",
            "condition": "warning",
            "found": "is checked once Node.js is installed",
            "cure": "then run `autoegg doctor` again",
        },
    ]
    if "--json" in sys.argv:
        print(json.dumps({"ok": False, "checks": checks}, indent=2))
    else:
        for check in checks:
            print(f"{_MARKS[check['condition']]}  {check['name']:8}  {check['found']}")
            if check["cure"]:
                print(f"{' ' * 19}→ {check['cure']}")
    sys.exit(1)


if __name__ == "__main__":
    main()
