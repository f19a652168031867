"""What a client can read from the eggs that it was given."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

from autoegg.protocol import Delivery, Egg


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def load(path: str) -> Any:
    return json.loads(Path(path).read_text())


def contents(egg: Egg) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The egg's own description, and its files."""
    assert hashlib.sha256(Path(egg.path).read_bytes()).hexdigest() == egg.digest
    with zipfile.ZipFile(egg.path) as archive:
        assert archive.testzip() is None
        names = [
            name
            for name in archive.namelist()
            if not name.endswith("/") and not name.startswith("EGG-INFO/") and ".dist-info/" not in name
        ]
        return json.loads(archive.read("EGG-INFO/autoegg.json")), {name: archive.read(name) for name in names}


def files_of(delivery: Delivery) -> dict[str, bytes]:
    """The files of a version, put together from base and patch as a worker does it."""
    about, files = contents(delivery.base)
    if delivery.patch is not None:
        changes, changed = contents(delivery.patch)
        assert changes["base"] == about["version"]
        files.update(changed)
        for name in changes["deleted"]:
            del files[name]
    return files


def version_of(files: dict[str, bytes]) -> str:
    lines = (f"{name}\0{hashlib.sha256(data).hexdigest()}\n" for name, data in sorted(files.items()))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def on_disk(root: Path) -> dict[str, bytes]:
    """Every file below a package, named as in an egg."""
    return {
        path.relative_to(root.parent).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
