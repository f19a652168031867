"""An egg becomes a directory, once per executor folder and version: complete or absent, never half.

A version is described by its base egg and, after an edit, a patch egg (``EGG-INFO/autoegg.json`` in each). Files that
an earlier directory of the same library already holds are hard-linked from there, the rest is written from the eggs.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import posixpath
import re
import shutil
import socket
import sys
import zipfile
import zlib
from typing import Any

from . import tidy
from .places import FOLDER, home, locked
from .tidy import IN_USE, MANIFEST

UNTOUCHED = 315532800
"""Every unpacked file carries this mtime (1980, as in the eggs): a file that was changed in place shows it."""

DAMAGED = ".damaged"
"""The suffix of an egg that was set aside, so that Spark can fetch it again."""


# All that ``zipfile`` raises for bytes that are not as they were written: a compression method that does not exist is a
# NotImplementedError there.
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, LookupError, NotImplementedError)


class Damaged(Exception):
    """An egg is not what was built. ``str()`` says which one and why."""

    def __init__(self, egg: str, why: object) -> None:
        super().__init__(f"its egg {os.path.basename(egg)} is damaged: {why}")
        self.egg = egg


def unavailable(library: dict[str, Any], found: str) -> ImportError:
    """The refusal of a task whose version is unavailable on this node."""
    return ImportError(
        f"autoegg: this task needs {library['name']} {library['version'][:12]}, but on node {socket.gethostname()} "
        f"(process {os.getpid()}) {found}. Run the cell again to ship it, or restart the Spark session."
    )


def folder_of(state: dict[str, Any], root: str) -> str:
    """Where the eggs of ``state`` lie: in ``root``, or in the folder of a Connect session below it.

    Spark 4's operator of window functions asks for its session on the executor, where no thread has one
    (``ArrowWindowPythonEvaluatorFactory``), so its workers get the folder that holds those of all sessions. Which
    session's is found makes no difference: names of eggs are digests.
    """
    if _has(root, state):
        return root
    for entry in sorted(os.listdir(root) if os.path.isdir(root) else ()):
        below = os.path.join(root, entry)
        if os.path.isdir(below) and _has(below, state):
            return below
    return root


def _has(folder: str, state: dict[str, Any]) -> bool:
    """Whether the eggs of ``state`` are in ``folder``, or were."""
    return all(
        os.path.isdir(os.path.join(folder, FOLDER, _name(library)))
        or all(
            os.path.exists(path) or os.path.exists(path + DAMAGED)
            for path in (os.path.join(folder, egg) for egg in library["eggs"])
        )
        for library in state["libraries"]
    )


def directory_of(root: str, library: dict[str, Any]) -> str:
    return os.path.join(home(root), _name(library))


def _name(library: dict[str, Any]) -> str:
    name = re.sub(r"[^\w.-]", "_", library["name"])
    return f"{name}-{library['version'][:16]}.egg"


def open_directory(root: str, library: dict[str, Any]) -> tuple[str, int]:
    """The complete directory of ``library`` below ``root``, and a descriptor that keeps others from removing it.

    :raises ImportError: with one sentence, when the eggs are not there or are not what they should be.
    """
    try:
        directory = directory_of(root, library)
        held = _hold(directory)
        if held is None:
            with locked(directory.rpartition("-")[0] + ".lock"):
                held = _hold(directory)
                if held is None:
                    _unpack(root, library, directory)
                    held = _hold(directory)
                    tidy.directories(directory)
    except Damaged as damaged:
        _put_aside(damaged.egg)
        for name in library["eggs"]:
            if not _is_whole(os.path.join(root, name)):
                _put_aside(os.path.join(root, name))
        raise unavailable(library, str(damaged)) from damaged
    except (OSError, ValueError, LookupError) as error:
        raise unavailable(library, f"its egg cannot be unpacked: {type(error).__name__}: {error}") from error
    found = None if held is None else manifest_of(directory)["version"]
    if held is None or found != library["version"]:
        if held is not None:
            os.close(held)
        raise unavailable(library, f"{directory} holds {'nothing' if found is None else found[:12]}")
    return directory, held


def manifest_of(directory: str) -> dict[str, Any]:
    with open(os.path.join(directory, MANIFEST), encoding="utf-8") as file:  # noqa: PTH123
        return json.load(file)  # type: ignore[no-any-return]


def _hold(directory: str) -> int | None:
    """A shared lock on a complete directory; None if there is none or another process is removing it."""
    path = os.path.join(directory, IN_USE)
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(descriptor), os.stat(path)):
            os.utime(descriptor)
            return descriptor
    except (BlockingIOError, FileNotFoundError):
        pass
    os.close(descriptor)
    return None


def _is_whole(egg: str) -> bool:
    try:
        with zipfile.ZipFile(egg) as opened:
            return opened.testzip() is None
    except FileNotFoundError:
        return True
    except (*_UNREADABLE, OSError, ValueError):
        return False


def _put_aside(egg: str) -> None:
    # Spark refuses to write over a file with other content, and then every task on this executor would fail.
    with contextlib.suppress(OSError):
        os.rename(egg, egg + DAMAGED)


def _unpack(root: str, library: dict[str, Any], directory: str) -> None:
    tidy.leftovers(directory)
    part = directory + ".part"
    with contextlib.ExitStack() as opened:
        eggs = []
        for name in library["eggs"]:
            path = os.path.join(root, name)
            if not os.path.isfile(path):
                aside = "was damaged and set aside" if os.path.exists(path + DAMAGED) else f"is not in {root}"
                raise unavailable(library, f"its egg {name} {aside} ({_there(root, library)})")
            try:
                eggs.append(opened.enter_context(zipfile.ZipFile(path)))
            except (zipfile.BadZipFile, ValueError, EOFError) as error:
                raise Damaged(path, error) from error
        files, sources = _contents(library, eggs)
        try:
            _write(part, eggs, files, sources, next(iter(tidy.siblings(directory, ".egg")), None))
            manifest = {"format": 1, "library": library["name"], "kind": library["kind"]}
            manifest |= {"version": library["version"], "files": files}
            _put(os.path.join(part, MANIFEST), json.dumps(manifest).encode())
            _put(os.path.join(part, IN_USE), b"")
            os.rename(part, directory)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
    for name in library["eggs"]:
        with contextlib.suppress(OSError):
            os.unlink(os.path.join(root, name) + DAMAGED)


def _there(root: str, library: dict[str, Any]) -> str:
    """Which versions this node has: unpacked ones, and eggs."""
    unpacked = tidy.siblings(directory_of(root, library), ".egg")
    eggs = [entry for entry in os.listdir(root) if library["name"] in entry and entry.endswith(".egg")]
    found = sorted({os.path.basename(path) for path in unpacked} | set(eggs))
    return "found: " + ", ".join(found) if found else "no version of this library exists there"


def _contents(
    library: dict[str, Any], eggs: list[zipfile.ZipFile]
) -> tuple[dict[str, Any], dict[str, zipfile.ZipFile]]:
    """All files of the version with digest and size, and the egg that each is read from."""
    files: dict[str, Any] = {}
    sources: dict[str, zipfile.ZipFile] = {}
    version = None
    for egg in eggs:
        manifest = json.loads(_read(egg, MANIFEST))
        if (
            manifest["format"] != 1
            or manifest["library"] != library["name"]
            or manifest.get("base") != version
        ):
            raise ValueError(f"{os.path.basename(str(egg.filename))} does not belong to this version")
        version = manifest["version"]
        changed = manifest.get("changed", manifest.get("files"))
        for path in manifest.get("deleted", ()):
            files.pop(path, None)
        files.update(changed)
        sources.update(dict.fromkeys(changed, egg))
    if version != library["version"]:
        raise ValueError(f"the eggs bring version {str(version)[:12]}")
    return files, sources


def _read(egg: zipfile.ZipFile, path: str) -> bytes:
    try:
        return egg.read(path)
    except _UNREADABLE as error:
        raise Damaged(str(egg.filename), error) from error


def _confined(part: str, path: str) -> str:
    """Where ``path`` of an egg goes; ValueError if that is not inside the directory."""
    if (
        not path
        or posixpath.isabs(path)
        or "\\" in path
        or posixpath.normpath(path) != path
        or path[:2] == ".."
    ):
        raise ValueError(f"the egg has an entry outside of its folder: {path}")
    return os.path.join(part, *path.split("/"))


def _put(target: str, content: bytes) -> None:
    with open(target, "xb") as file:  # noqa: PTH123
        file.write(content)
    os.utime(target, (UNTOUCHED, UNTOUCHED))


def _write(
    part: str, eggs: list[zipfile.ZipFile], files: dict[str, Any], sources: dict[str, Any], donor: str | None
) -> None:
    known: dict[str, Any] = {}
    with contextlib.suppress(OSError, ValueError):  # a damaged donor is of no use
        known = manifest_of(donor)["files"] if donor else {}
    os.mkdir(part, 0o700)
    for info in (info for egg in eggs for info in egg.infolist() if info.is_dir()):
        os.makedirs(_confined(part, info.filename.rstrip("/")), exist_ok=True)
    folders = {os.path.join(part, "EGG-INFO")} | {os.path.dirname(_confined(part, path)) for path in files}
    for folder in folders:
        os.makedirs(folder, exist_ok=True)
    linked = set()
    for path, entry in files.items():
        target = _confined(part, path)
        if donor and known.get(path) == entry and _adopt(_confined(donor, path), target, entry["size"]):
            linked.add(path)
            continue
        content = _read(sources[path], path)
        if hashlib.sha256(content).hexdigest() != entry["digest"]:
            raise Damaged(str(sources[path].filename), f"{path} differs from its manifest")
        _put(target, content)
    # For importlib.metadata: what the library's project says of itself.
    about = [name for name in eggs[0].namelist() if re.fullmatch(r"[^/]+\.dist-info/[^/]+", name)]
    for name in (
        "EGG-INFO/PKG-INFO",
        "EGG-INFO/top_level.txt",
        *(name for name in about if name not in files),
    ):
        with contextlib.suppress(KeyError):
            os.makedirs(os.path.dirname(_confined(part, name)), exist_ok=True)
            _put(_confined(part, name), eggs[0].read(name))
    if donor:
        _adopt_compiled(donor, part, linked)


def _adopt(source: str, target: str, size: int | None = None) -> bool:
    """Hard-link (else copy) a file that has not changed since it was unpacked."""
    try:
        found = os.stat(source)
        if size is not None and (found.st_size != size or found.st_mtime != UNTOUCHED):
            return False
        try:
            os.link(source, target)
        except OSError:  # no hard links on this file system, or too many
            shutil.copy2(source, target)
    except FileNotFoundError:
        return False
    return True


def _adopt_compiled(donor: str, part: str, linked: set[str]) -> None:
    # Only next to a linked source: a .pyc is taken for valid by mtime and size alone, and a patched file of equal size
    # has the same mtime as the one before it.
    if sys.pycache_prefix:
        return  # Python looks for them elsewhere, below a folder for each directory
    for path in linked:
        if path.endswith(".py"):
            compiled = importlib.util.cache_from_source(path)
            if os.path.isfile(os.path.join(donor, compiled)):
                os.makedirs(os.path.join(part, os.path.dirname(compiled)), exist_ok=True)
                _adopt(os.path.join(donor, compiled), os.path.join(part, compiled))
