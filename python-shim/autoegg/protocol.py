"""The messages that cross a process border, as ``src/protocol`` has them; ``tests/protocol/messages.json`` is read by both sides."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Literal

PROTOCOL = 1
"""Number of the messages; both sides of every process border name it first."""

EGG_FORMAT = 1
"""Number of the egg layout; part of every egg's file name."""

COMM_TARGET = "autoegg"
RENDEZVOUS_VARIABLE = "AUTOEGG_DAEMON"
OWNER_FILE = "owner.json"
"""In a temporary folder ``autoegg-*``: the process that owns it."""

LibraryKind = Literal["package", "module", "namespace"]


@dataclass(frozen=True)
class LibrarySpec:
    """The import name of a library and where its code lies.

    ``path`` is absolute: the package's directory, the module's file, or the local portion of a namespace package.
    """

    name: str
    kind: LibraryKind
    path: str

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "kind": self.kind, "path": self.path}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> LibrarySpec:
        return cls(data["name"], data["kind"], data["path"])


@dataclass(frozen=True)
class Egg:
    """One egg file in the daemon's store; ``digest`` is the sha256 of the file in hex."""

    path: str
    name: str
    digest: str
    bytes: int

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Egg:
        return cls(data["path"], data["name"], data["digest"], data["bytes"])


@dataclass(frozen=True)
class Delivery:
    """The eggs that bring one version: ``base`` holds a whole, possibly older version, ``patch`` what differs from it."""

    version: str
    base: Egg
    patch: Egg | None
    manifest: str

    @property
    def eggs(self) -> tuple[Egg, ...]:
        return (self.base,) if self.patch is None else (self.base, self.patch)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Delivery:
        patch = data["patch"]
        return cls(
            data["version"], Egg.from_json(data["base"]), patch and Egg.from_json(patch), data["manifest"]
        )


@dataclass(frozen=True)
class KeptVersion:
    """An entry of the store's index: a version that kernels or programs have run. ``first`` is a moment (ISO 8601, UTC).

    ``gone`` says for which limit its eggs were let go (``age`` or ``size``); None while they are kept. ``path`` is where the
    library lay when it was run first.
    """

    spec: LibrarySpec
    version: str
    first: str
    base: dict[str, Any]
    patch: dict[str, Any] | None
    commit: str | None
    dirty: bool
    gone: str | None

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> KeptVersion:
        """Raises ValueError for an entry of another format, LookupError or TypeError for what is none."""
        if data["format"] != EGG_FORMAT:
            raise ValueError(f"format {data['format']}")
        git, gone = data["git"] or {"commit": None, "dirty": True}, data["gone"]
        return cls(
            LibrarySpec.from_json(data),
            data["version"],
            data["first"],
            data["base"],
            data["patch"],
            git["commit"],
            git["dirty"],
            gone and gone["why"],
        )

    def delivery(self, store: str) -> Delivery:
        """The eggs and the manifest as they lie in a store."""

        def placed(egg: dict[str, Any]) -> Egg:
            return Egg(f"{store}/eggs/{egg['name']}", egg["name"], egg["digest"], egg["bytes"])

        patch = None if self.patch is None else placed(self.patch)
        return Delivery(self.version, placed(self.base), patch, f"{store}/manifests/{self.file_name}")

    @property
    def file_name(self) -> str:
        """What the index and the manifest of this version are called in the store."""
        return f"{re.sub('[^A-Za-z0-9_]', '_', self.spec.name)}.{self.spec.kind}.{self.version}.json"


@dataclass(frozen=True)
class Failure:
    """A refusal in one sentence."""

    code: str
    message: str
    file: str | None = None

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Failure:
        return cls(data["code"], data["message"], data.get("file"))


@dataclass(frozen=True)
class BarrierAnswer:
    """What the daemon found on disk for one library.

    Exactly one of these holds: ``failure`` is set; or ``delivery`` is set (the version differs from the known one);
    or both are None (unchanged). ``changed`` and ``removed`` are relative to the version that the client said it
    knows, None when the daemon does not know that one. ``warnings`` are sentences on the contents of a new version.
    ``record``: the project wants to have recorded which version made each result of a notebook.
    """

    library: str
    version: str | None = None
    delivery: Delivery | None = None
    changed: tuple[str, ...] | None = None
    removed: tuple[str, ...] | None = None
    failure: Failure | None = None
    warnings: tuple[str, ...] = ()
    record: bool = False

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> BarrierAnswer:
        if "failure" in data:
            return cls(data["library"], failure=Failure.from_json(data["failure"]))
        if data["unchanged"]:
            return cls(data["library"], data["version"], record=data.get("record", False))
        changed, removed = data["changed"], data["removed"]
        return cls(
            data["library"],
            data["version"],
            Delivery.from_json(data["delivery"]),
            None if changed is None else tuple(changed),
            None if removed is None else tuple(removed),
            warnings=tuple(data.get("warnings", ())),
            record=data.get("record", False),
        )


@dataclass(frozen=True)
class LibraryState:
    """What workers need to run one version of one library: which eggs, in the order base, patch."""

    name: str
    kind: LibraryKind
    version: str
    eggs: tuple[str, ...]


@dataclass(frozen=True)
class State:
    """What a Spark session runs. ``generation`` grows with every change; several libraries switch together.

    ``listed`` says which eggs Spark gives to executors (``worker/tidy.py``: crc); executors may forget others.
    ``check`` makes each task prove that all it has loaded is this state (``worker/check.py``).
    """

    session: str
    generation: int
    libraries: tuple[LibraryState, ...]
    listed: tuple[int, ...] = field(default=(), compare=False)
    check: bool = False
