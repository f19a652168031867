"""What the daemon takes of the machine: memory, and CPU idle for a minute and under a save per second for a minute."""

from __future__ import annotations

import os
import time
from pathlib import Path

from support import libraries
from support.places import SHIM, scratch
from support.results import Result

SECONDS = int(os.environ.get("AUTOEGG_BENCH_SECONDS", "60"))
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_of(pid: int) -> float:
    """Seconds of CPU that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_of(pid: int) -> float:
    """Megabytes that are in memory for a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1000


def save(module: Path, number: int) -> None:
    fresh = module.with_name(f".{module.name}~")
    fresh.write_text(module.read_text().partition("\n# save")[0] + f"\n# save {number}\n")
    fresh.replace(module)


def measure(package: Path, folder: Path) -> list[float]:
    """MB after opening; seconds of CPU to open; CPU in percent of a core, idle and under saves; MB after them."""
    import sys

    sys.path.insert(0, str(SHIM))
    from autoegg.daemon.client import Client
    from autoegg.daemon.launch import ChildDaemon

    daemon = ChildDaemon(store=folder / "store")
    try:
        client = Client(daemon.rendezvous, "program")
        begin = cpu_of(daemon.pid)
        spec = {"name": package.name, "kind": "package", "path": str(package)}
        key = client.call("open", spec)["library"]
        opening = cpu_of(daemon.pid) - begin
        time.sleep(2)
        opened = memory_of(daemon.pid)
        begin = cpu_of(daemon.pid)
        time.sleep(SECONDS)
        idle = cpu_of(daemon.pid) - begin
        module = next(path for path in sorted(package.rglob("*.py")) if path.name != "__init__.py")
        begin = cpu_of(daemon.pid)
        for number in range(SECONDS):
            save(module, number)
            time.sleep(1)
        saving = cpu_of(daemon.pid) - begin
        client.call("barrier", {"libraries": [{"library": key, "known": None}]})
        after = memory_of(daemon.pid)
        client.close()
        return [opened, opening, 100 * idle / SECONDS, 100 * saving / SECONDS, after]
    finally:
        daemon.close()


def main() -> None:
    result = Result(
        "daemon_load",
        f"The daemon with one library: memory and CPU, idle for {SECONDS} s and under a save per second",
        ["library", "files", "MB", "CPU to open, s", "CPU idle, %", "CPU saving, %", "MB after"],
    )
    for name in ("small", "sympy", "large"):
        with scratch() as folder:
            if name == "small":
                package = libraries.made(folder / "project", "library", 12)
            elif name == "sympy":
                package = libraries.installed(folder / "project", "sympy")
            else:
                package = libraries.made_deep(folder / "project", "library", 100, 100)
            files = sum(path.is_file() for path in package.rglob("*"))
            opened, opening, idle, saving, after = measure(package, folder)
            result.rows.append(
                [
                    name,
                    f"{files:,}",
                    f"{opened:.0f}",
                    f"{opening:.2f}",
                    f"{idle:.2f}",
                    f"{saving:.2f}",
                    f"{after:.0f}",
                ]
            )
    result.save()


if __name__ == "__main__":
    main()
