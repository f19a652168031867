"""An egg becomes a directory, once per executor folder and version: complete or absent, never half.

A version is described by its base egg and, after an edit, a patch egg (``EGG-INFO/autoegg.json`` in each). Files that
an earlier directory of the same library already holds are hard-linked from there, the rest is written from the eggs.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import posixpath
import re
import shutil
import socket
import sys
import zipfile
from collections.abc import Iterator
from typing import Any

FOLDER = "autoegg"
MANIFEST = "EGG-INFO/autoegg.json"
IN_USE = "EGG-INFO/in-use"
KEPT = 4
"""How many directories of a library stay although no process uses them."""

UNTOUCHED = 315532800
"""Every unpacked file carries this mtime (1980, as in the eggs): a file that was changed in place shows it."""


def unavailable(library: dict[str, Any], found: str) -> ImportError:
    """The refusal of a task whose version cannot be had on this node."""
    return ImportError(
        f"autoegg: this task needs {library['name']} {library['version'][:12]}, but on node {socket.gethostname()} "
        f"(process {os.getpid()}) {found}. Run the cell again to ship it, or restart the Spark session."
    )


def home(root: str) -> str:
    """The folder of an executor below which all unpacked eggs lie."""
    return os.path.join(root, FOLDER, "")


def directory_of(root: str, library: dict[str, Any]) -> str:
    name = re.sub(r"[^\w.-]", "_", library["name"])
    return os.path.join(root, FOLDER, f"{name}-{library['version'][:16]}.egg")


def open_directory(root: str, library: dict[str, Any]) -> tuple[str, int]:
    """The complete directory of ``library`` below ``root``, and a descriptor that keeps others from removing it.

    :raises ImportError: with one sentence, when the eggs are not there or are not what they should be.
    """
    directory = directory_of(root, library)
    try:
        held = _hold(directory)
        if held is None:
            os.makedirs(home(root), exist_ok=True)
            with _locked(directory.rpartition("-")[0] + ".lock"):
                held = _hold(directory)
                if held is None:
                    _unpack(root, library, directory)
                    held = _hold(directory)
                    _forget_unused(directory)
    except (OSError, ValueError, LookupError, zipfile.BadZipFile) as error:
        raise unavailable(library, f"its egg cannot be unpacked: {type(error).__name__}: {error}") from error
    if held is None or manifest_of(directory)["version"] != library["version"]:
        if held is not None:
            os.close(held)
        raise unavailable(library, f"{directory} holds another version")
    return directory, held


def manifest_of(directory: str) -> dict[str, Any]:
    with open(os.path.join(directory, MANIFEST), encoding="utf-8") as file:  # noqa: PTH123
        return json.load(file)  # type: ignore[no-any-return]


def _hold(directory: str) -> int | None:
    """A shared lock on a complete directory; None when there is none or somebody is removing it."""
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


@contextlib.contextmanager
def _locked(path: str) -> Iterator[None]:
    # A lock of the kernel's: it ends with the process, so a killed one blocks nobody.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _siblings(directory: str, ending: str) -> list[str]:
    """Directories of the same library, the one used last first. Called under the library's lock."""
    folder, _, name = directory.rpartition(os.sep)
    pattern = re.compile(re.escape(name.rpartition("-")[0]) + r"-\w{1,16}" + re.escape(ending))
    found = [os.path.join(folder, entry) for entry in os.listdir(folder) if pattern.fullmatch(entry)]

    def used(path: str) -> float:
        with contextlib.suppress(FileNotFoundError):
            return os.stat(os.path.join(path, IN_USE)).st_mtime
        return 0.0

    return sorted((path for path in found if path != directory), key=used, reverse=True)


def _unpack(root: str, library: dict[str, Any], directory: str) -> None:
    for leftover in _siblings(directory, ".egg.part"):
        shutil.rmtree(leftover, ignore_errors=True)  # whoever wrote it was killed: we have the lock now
    part = directory + ".part"
    shutil.rmtree(part, ignore_errors=True)
    with contextlib.ExitStack() as opened:
        eggs = []
        for name in library["eggs"]:
            path = os.path.join(root, name)
            if not os.path.isfile(path):
                raise unavailable(library, f"its egg {name} is not in {root} ({_eggs_there(root, library)})")
            eggs.append(opened.enter_context(zipfile.ZipFile(path)))
        files, sources = _contents(library, eggs)
        try:
            _write(part, eggs, files, sources, _donor(directory))
            manifest = {"format": 1, "library": library["name"], "kind": library["kind"]}
            manifest |= {"version": library["version"], "files": files}
            _put(os.path.join(part, MANIFEST), json.dumps(manifest).encode())
            _put(os.path.join(part, IN_USE), b"")
            os.rename(part, directory)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise


def _eggs_there(root: str, library: dict[str, Any]) -> str:
    there = sorted(
        entry for entry in os.listdir(root) if entry.startswith(library["name"]) and ".egg" in entry
    )
    return "found: " + ", ".join(there) if there else "no egg of this library is there"


def _contents(
    library: dict[str, Any], eggs: list[zipfile.ZipFile]
) -> tuple[dict[str, Any], dict[str, zipfile.ZipFile]]:
    """All files of the version with digest and size, and the egg that each is read from."""
    files: dict[str, Any] = {}
    sources: dict[str, zipfile.ZipFile] = {}
    version = None
    for egg in eggs:
        manifest = json.loads(egg.read(MANIFEST))
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
        content = sources[path].read(path)
        if hashlib.sha256(content).hexdigest() != entry["digest"]:
            raise ValueError(f"{path} in the egg is damaged")
        _put(target, content)
    for name in ("EGG-INFO/PKG-INFO", "EGG-INFO/top_level.txt"):
        with contextlib.suppress(KeyError):
            _put(_confined(part, name), eggs[0].read(name))
    if donor:
        _adopt_compiled(donor, part, linked)


def _donor(directory: str) -> str | None:
    return next(iter(_siblings(directory, ".egg")), None)


def _adopt(source: str, target: str, size: int | None = None) -> bool:
    """Hard-link (else copy) a file that nobody changed since it was unpacked."""
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
    # Only beside a linked source: a .pyc is taken for valid by mtime and size alone, and a patched file of equal size
    # has the same mtime as the one before it.
    tag = sys.implementation.cache_tag
    for path in linked:
        folder, name = posixpath.split(path)
        if name.endswith(".py"):
            cache = os.path.join(folder, "__pycache__")
            compiled = os.path.join(cache, f"{name[:-3]}.{tag}.pyc")
            if os.path.isfile(os.path.join(donor, compiled)):
                os.makedirs(os.path.join(part, cache), exist_ok=True)
                _adopt(os.path.join(donor, compiled), os.path.join(part, compiled))


def _forget_unused(directory: str) -> None:
    """Remove directories that no process holds, except those used last."""
    for old in _siblings(directory, ".egg")[KEPT:]:
        with contextlib.suppress(OSError):
            descriptor = os.open(os.path.join(old, IN_USE), os.O_RDWR)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                os.rename(old, old + ".part")
                shutil.rmtree(old + ".part", ignore_errors=True)
            finally:
                os.close(descriptor)
