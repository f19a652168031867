"""A replica has exactly the files that the server named, each with the content that its digest says, and none elsewhere."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from autoegg.errors import LibraryRefused, ShipFailed
from autoegg.protocol import LibrarySpec
from autoegg.remote.replica import Replica


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Far:
    """The server's side: gives contents by digest, and counts what it was asked for."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}
        self.asked: list[str] = []

    def files(self, **named: bytes) -> dict[str, str]:
        self.contents |= {digest(content): content for content in named.values()}
        return {f"lib/{name}.py": digest(content) for name, content in named.items()}

    def fetch(self, digests: list[str]) -> Mapping[str, bytes]:
        self.asked += digests
        return {wanted: self.contents[wanted] for wanted in digests}


@pytest.fixture
def far() -> Far:
    return Far()


@pytest.fixture
def replica(tmp_path: Path) -> Replica:
    folder = tmp_path / "replica"
    folder.mkdir()
    return Replica(LibrarySpec("lib", "package", "/home/ada/lib"), folder)


def there(replica: Replica) -> dict[str, bytes]:
    return {
        str(path.relative_to(replica.folder)): path.read_bytes()
        for path in replica.folder.rglob("*")
        if path.is_file()
    }


def test_it_becomes_each_version_in_turn_and_fetches_what_it_lacks(replica: Replica, far: Far) -> None:
    replica.bring("one", far.files(a=b"1", b=b"2"), {}, far.fetch)
    assert there(replica) == {"lib/a.py": b"1", "lib/b.py": b"2"}
    assert sorted(far.asked) == sorted([digest(b"1"), digest(b"2")])
    far.asked.clear()
    # Renamed, changed with its content along, and removed.
    replica.bring("two", far.files(c=b"1", a=b"3"), {digest(b"3"): b"3"}, far.fetch)
    assert there(replica) == {"lib/c.py": b"1", "lib/a.py": b"3"}
    assert far.asked == [] and replica.version == "two"


def test_folders_that_have_no_file_any_more_are_gone(replica: Replica, far: Far) -> None:
    far.files(a=b"1")
    replica.bring("one", {"lib/part/deep/a.py": digest(b"1")}, {}, far.fetch)
    cache = replica.folder / "lib/part/deep/__pycache__"
    cache.mkdir()
    (cache / "a.cpython-311.pyc").touch()
    replica.bring("two", far.files(a=b"1"), {}, far.fetch)
    assert sorted(path.name for path in replica.folder.rglob("*")) == ["a.py", "lib"]


@pytest.mark.parametrize("along", [{digest(b"good"): b"bad"}, {}], ids=["came along", "fetched"])
def test_content_that_is_not_what_its_digest_says_changes_nothing(
    replica: Replica, far: Far, along: dict[str, bytes]
) -> None:
    replica.bring("one", far.files(a=b"1"), {}, far.fetch)
    files = far.files(a=b"good", b=b"new")
    far.contents[digest(b"good")] = b"bad"
    with pytest.raises(ShipFailed, match=r"lib: lib/a.py did not arrive .* as it was sent"):
        replica.bring("two", files, along, far.fetch)
    assert there(replica) == {"lib/a.py": b"1"} and replica.version == "one"


def test_a_folder_may_come_where_a_file_was_and_a_file_where_a_folder_was(replica: Replica, far: Far) -> None:
    content = digest(b"1")
    far.files(a=b"1")
    for version, path in enumerate(["lib/data", "lib/data/deep/a.py", "lib/data"]):
        replica.bring(str(version), {path: content}, {}, far.fetch)
        assert there(replica) == {path: b"1"}


def test_after_it_was_spoiled_nothing_of_somebody_else_is_left(replica: Replica, far: Far) -> None:
    replica.bring("one", far.files(a=b"1"), {}, far.fetch)
    (replica.folder / "lib" / "theirs").mkdir()
    (replica.folder / "lib" / "theirs" / "b.py").touch()
    (replica.folder / "theirs.py").touch()
    replica.forget()
    replica.bring("one", far.files(a=b"1"), {}, far.fetch)
    assert there(replica) == {"lib/a.py": b"1"}


@pytest.mark.parametrize(
    "spoil", [Path.unlink, lambda file: file.write_bytes(b"theirs")], ids=["gone", "changed"]
)
def test_what_somebody_else_has_spoiled_is_fetched_under_its_new_name(
    replica: Replica, far: Far, spoil: Callable[[Path], object]
) -> None:
    replica.bring("one", far.files(a=b"1"), {}, far.fetch)
    spoil(replica.folder / "lib" / "a.py")
    far.asked.clear()
    replica.bring("two", far.files(b=b"1"), {}, far.fetch)
    assert there(replica) == {"lib/b.py": b"1"} and far.asked == [digest(b"1")]


@pytest.mark.parametrize("path", ["../out.py", "/etc/out.py", "lib/../../out.py", "", "lib/\0.py"])
def test_a_path_that_leads_out_of_the_folder_is_refused(replica: Replica, far: Far, path: str) -> None:
    far.files(a=b"1")
    with pytest.raises(LibraryRefused, match="outside of the library"):
        replica.bring("one", {path: digest(b"1")}, {}, far.fetch)
    assert there(replica) == {} and far.asked == []


@pytest.mark.parametrize("name", ["../lib", "a/b", "", "lib.", "a b"])
def test_a_name_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(LibraryRefused, match="a name that is none"):
        Replica(LibrarySpec(name, "package", "/home/ada/lib"), tmp_path)


def test_what_could_not_be_written_whole_has_no_version_and_is_asked_for_again(
    replica: Replica, far: Far
) -> None:
    """A folder in the way stands for a full disk, which only root could make."""
    replica.bring("one", far.files(a=b"1"), {}, far.fetch)
    (replica.folder / "lib" / "b.py").mkdir()
    files = far.files(a=b"2", b=b"new")
    with pytest.raises(ShipFailed, match="cannot be written on the kernel's machine"):
        replica.bring("two", files, {}, far.fetch)
    assert replica.version is None
    (replica.folder / "lib" / "b.py").rmdir()
    replica.bring("two", files, {}, far.fetch)
    assert there(replica) == {"lib/a.py": b"2", "lib/b.py": b"new"} and replica.version == "two"


@pytest.mark.parametrize(("kind", "place"), [("package", "a/b"), ("namespace", "a/b"), ("module", "a/b.py")])
def test_it_lies_where_an_import_finds_it(tmp_path: Path, kind: str, place: str) -> None:
    replica = Replica(LibrarySpec("a.b", kind, "/home/ada/x"), tmp_path)  # type: ignore[arg-type]
    assert replica.local == LibrarySpec("a.b", kind, str(tmp_path / place))  # type: ignore[arg-type]
