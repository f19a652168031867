"""``autoegg`` on the command line.

What has to do with IPython's configuration is done here (``autoegg.enabling``); the rest is the daemon's own code, run by
the Node that would run the daemon.
"""

from __future__ import annotations

import json
import os
import sys

from autoegg.daemon.launch import program
from autoegg.daemon.node import find_node
from autoegg.enabling import commands
from autoegg.errors import DaemonUnavailable


def main() -> None:
    """Becomes Node with the arguments of this process; ends with 1 and one sentence where there is none."""
    if sys.argv[1:2] and sys.argv[1] in commands.COMMANDS:
        sys.exit(commands.main(sys.argv[1:]))
    bundle = program().with_name("cli.cjs")
    try:
        node = find_node()
        if not bundle.is_file():
            raise DaemonUnavailable(
                f"{bundle} is not there; reinstall jupyterlab-autoegg, or run `npm run build:daemon` in a checkout."
            )
    except DaemonUnavailable as unavailable:
        _refuse(str(unavailable))
    os.environ["AUTOEGG_PYTHON"] = sys.executable
    os.execv(node, [str(node), str(bundle), *sys.argv[1:]])


def _refuse(sentence: str) -> None:
    """What the doctor would say first, in its own form when it was asked."""
    if sys.argv[1:2] == ["doctor"] and "--json" in sys.argv:
        found, _, cure = sentence.partition(": ")
        check = {"name": "Node.js", "condition": "problem", "found": found, "cure": cure}
        print(json.dumps({"ok": False, "checks": [check]}, indent=2))
    else:
        print(f"autoegg: {sentence}", file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    main()
