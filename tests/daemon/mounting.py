"""What the daemon says while things are mounted in a library. Run in a mount namespace of its own, in an empty folder.

Prints, as JSON, for each step: what the barrier named as changed, and whether the version's files are those on disk.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import time
from pathlib import Path
from typing import Any

from autoegg.daemon.link import DaemonLink
from autoegg.protocol import LibrarySpec

spec = importlib.util.spec_from_file_location("reading", Path(__file__).with_name("reading.py"))
assert spec is not None and spec.loader is not None
reading = importlib.util.module_from_spec(spec)
spec.loader.exec_module(reading)

HERE = Path.cwd()


def mount(*arguments: object) -> None:
    subprocess.run(["mount", *map(str, arguments)], check=True)


def unmount(path: Path) -> None:
    subprocess.run(["umount", path], check=True)


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


class Library:
    """One that the daemon has open."""

    def __init__(self, link: DaemonLink, name: str, kind: Any, path: Path) -> None:
        self.link, self.path = link, path
        self.key = link.open(LibrarySpec(name, kind, str(path)))
        self.version: str | None = None
        self.step()
        time.sleep(0.2)  # until the look that follows the first events is over
        self.step()

    def step(self) -> dict[str, Any]:
        answer = self.link.barrier({self.key: self.version})[self.key]
        assert answer.failure is None, answer.failure
        self.version = answer.version
        whole = self.link.barrier({self.key: None})[self.key]
        assert whole.delivery is not None
        files = reading.files_of(whole.delivery)
        on_disk = (
            {self.path.name: self.path.read_bytes()} if self.path.is_file() else reading.on_disk(self.path)
        )
        named = [] if answer.delivery is None else sorted((*(answer.changed or ()), *(answer.removed or ())))
        return {"named": named, "as on disk": files == on_disk}


def a_file(link: DaemonLink) -> list[dict[str, Any]]:
    """A single file is mounted, edited where it comes from, and unmounted."""
    library = package(link, "a file")
    host = written(HERE / "host" / "settings.py", "V = 1\n")
    mount("--bind", host, library.path / "settings.py")
    steps = [library.step()]
    for value in (2, 3):
        host.write_text(f"V = {value}\n")
        steps.append(library.step())
    unmount(library.path / "settings.py")
    return [*steps, library.step()]


def a_file_that_was_mounted_before(link: DaemonLink) -> list[dict[str, Any]]:
    host = written(HERE / "host" / "settings.py", "V = 1\n")
    root = HERE / "mounted before" / "lib"
    written(root / "settings.py", "V = 0\n")
    mount("--bind", host, root / "settings.py")
    library = package(link, "mounted before")
    host.write_text("V = 2\n")
    return [library.step()]


def a_folder(link: DaemonLink) -> list[dict[str, Any]]:
    """A folder is mounted over one of the library, edited where it comes from, and unmounted."""
    library = package(link, r"a folder\with odd name")
    host = written(HERE / "host" / "parts" / "__init__.py", "V = 'over'\n")
    mount("--bind", host.parent, library.path / "parts")
    steps = [library.step()]
    host.write_text("V = 'over, edited'\n")
    steps.append(library.step())
    unmount(library.path / "parts")
    return [*steps, library.step()]


def another_file_system(link: DaemonLink) -> list[dict[str, Any]]:
    library = package(link, "another file system")
    mount("-t", "tmpfs", "none", library.path / "parts")
    steps = [library.step()]
    written(library.path / "parts" / "new.py", "")
    return [*steps, library.step()]


def a_module(link: DaemonLink) -> list[dict[str, Any]]:
    """The library is one file, and that file is mounted."""
    path = written(HERE / "module" / "helpers.py", "V = 0\n")
    library = Library(link, "helpers", "module", path)
    host = written(HERE / "host" / "helpers.py", "V = 1\n")
    mount("--bind", host, path)
    steps = [library.step()]
    host.write_text("V = 2\n")
    return [*steps, library.step()]


def the_whole_library(link: DaemonLink) -> list[dict[str, Any]]:
    package(link, "host")
    path = HERE / "whole" / "lib"
    path.mkdir(parents=True)
    mount("--bind", HERE / "host" / "lib", path)
    library = Library(link, "lib", "package", path)
    written(HERE / "host" / "lib" / "settings.py", "V = 1\n")
    return [library.step()]


def package(link: DaemonLink, folder: str) -> Library:
    root = HERE / folder / "lib"
    written(root / "__init__.py", "")
    if not (root / "settings.py").exists():
        written(root / "settings.py", "V = 0\n")
    written(root / "parts" / "__init__.py", "V = 'under'\n")
    return Library(link, "lib", "package", root)


CASES = (
    a_file,
    a_file_that_was_mounted_before,
    a_folder,
    another_file_system,
    a_module,
    the_whole_library,
)


def main() -> None:
    link = DaemonLink(store=HERE / "store")
    try:
        print(json.dumps({case.__name__: case(link) for case in CASES}))
    finally:
        link.close()


if __name__ == "__main__":
    main()
