"""Processes that do not see some folders of this machine, and end all together: they stand for another machine.

Linux alone has such namespaces. Root may make them everywhere; other users where the kernel allows user namespaces.
"""

from __future__ import annotations

import functools
import os
import subprocess
from pathlib import Path

# An empty file system on each folder up to the first `--`, then the command.
_HIDE = 'while [ "$1" != -- ]; do mount -t tmpfs -o size=64k none "$1" || exit; shift; done; shift; exec "$@"'

_NEEDED = (
    "These tests run a part of the cluster where the library's files cannot be seen, and need mount and PID namespaces, which "
    "this machine refuses: run them as root (in a container with --privileged), or allow user namespaces "
    "(sysctl kernel.unprivileged_userns_clone=1, and where there is AppArmor kernel.apparmor_restrict_unprivileged_userns=0)"
)


def elsewhere(*hidden: Path) -> list[str]:
    """What to put before a command so that it and its children see the folders ``hidden`` empty.

    They have process numbers of their own too; when the process that runs the command is killed, all of them end. Raises
    AssertionError, which says what is needed, where the kernel refuses.
    """
    refusal = _refusal()
    assert refusal is None, f"{_NEEDED}: {refusal}"
    return [*_unshare(), "sh", "-c", _HIDE, "sh", *map(str, hidden), "--"]


def _unshare() -> list[str]:
    # The user stays who it is: who owns a file, and who submits an application, is part of what is tested.
    user = [] if os.geteuid() == 0 else ["--user", "--map-current-user", "--keep-caps"]
    return ["unshare", *user, "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]


@functools.cache
def _refusal() -> str | None:
    try:
        done = subprocess.run([*_unshare(), "true"], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "there is no unshare (util-linux)"
    return None if done.returncode == 0 else done.stderr.strip()
