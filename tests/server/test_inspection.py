"""What the browser may look at of a library, and that nothing else can be read through it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from jupyter_process import JupyterProcess, wait_for

from autoegg.daemon.client import Client
from autoegg.protocol import LibrarySpec


class Looked:
    """A library that somebody has open at a server's daemon, and the questions of a browser."""

    def __init__(self, server: JupyterProcess, root: Path) -> None:
        self.server, self.root = server, root
        server.running_daemon()
        self.client = Client(server.private_directory() / "daemon.json", "kernel")
        self.key = self.client.call("open", LibrarySpec("tagscrape", "package", str(root)).to_json())[
            "library"
        ]

    def version(self) -> str:
        answer = self.client.call("barrier", {"libraries": [{"library": self.key, "known": None}]})
        return str(answer["libraries"][0]["version"])

    def ask(self, endpoint: str, **arguments: str) -> tuple[int, Any]:
        return self.server.request(
            "GET", f"autoegg/{endpoint}?{urlencode({'library': self.key, **arguments})}"
        )


@pytest.fixture(scope="module")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("elsewhere") / "secret.txt"
    path.write_text("not for you\n")
    return path


@pytest.fixture
def library(server: JupyterProcess, tmp_path: Path, secret: Path) -> Iterator[Looked]:
    root = tmp_path / "project" / "tagscrape"
    root.mkdir(parents=True)
    (root / "__init__.py").write_text("")
    (root / "scrape.py").write_text("def tags():\n    return 1\n")
    (root / "words.txt").write_text("alpha\n" * 100)
    (root / "credentials.json").write_text("{}")
    (root / "linked.txt").symlink_to(secret)
    looked = Looked(server, root)
    yield looked
    looked.client.close()


def test_what_would_be_shipped_is_told_with_its_reasons(library: Looked) -> None:
    status, contents = library.ask("contents")
    assert status == 200
    told = {entry["path"]: (entry["rule"], entry["size"] > 0) for entry in contents["files"]}
    assert told["tagscrape/scrape.py"] == ("code", True)
    assert told["tagscrape/words.txt"] == ("data", True)
    assert "tagscrape/credentials.json" not in told
    key = str(library.root / "credentials.json")
    assert {"path": key, "rule": "secret"} in contents["leftOut"]
    assert any(key in warning for warning in contents["warnings"])


def test_what_changed_between_two_versions_is_told_with_its_lines(library: Looked) -> None:
    before = library.version()
    (library.root / "scrape.py").write_text("def tags():\n    return 2\n")
    (library.root / "words.txt").unlink()
    (library.root / "extra.py").write_text("")
    after = library.version()
    versions = {"from": before, "to": after}
    assert library.ask("changes", **versions) == (
        200,
        {
            "added": ["tagscrape/extra.py"],
            "changed": ["tagscrape/scrape.py"],
            "removed": ["tagscrape/words.txt"],
        },
    )
    status, diff = library.ask("diff", path="tagscrape/scrape.py", **versions)
    assert status == 200
    assert diff["lines"][1:] == [" def tags():", "-    return 1", "+    return 2"]


def test_a_version_that_is_not_known_is_refused_in_one_sentence(library: Looked) -> None:
    status, answer = library.ask("changes", **{"from": "0" * 64, "to": library.version()})
    assert (status, answer["message"]) == (404, "Version 0000 is no longer kept.")
    assert library.ask("changes", **{"from": "../../x", "to": library.version()})[0] in (404, 503)


def test_a_file_is_shown_as_it_is_in_the_version_asked_for(library: Looked) -> None:
    before = library.version()
    (library.root / "scrape.py").write_text("broken(\n")
    library.version()
    assert library.ask("file", path="tagscrape/scrape.py")[1]["text"] == "broken(\n"
    assert "return 1" in library.ask("file", path="tagscrape/scrape.py", version=before)[1]["text"]


@pytest.mark.parametrize(
    "path",
    ["../../../../etc/passwd", "/etc/passwd", "tagscrape/../../secret.txt", "tagscrape/..", "", "tagscrape/"],
)
def test_a_path_that_leads_out_of_the_library_is_not_there(library: Looked, path: str) -> None:
    status, answer = library.ask("file", path=path)
    assert status in (400, 404), answer


def test_a_link_that_leads_out_of_the_library_is_not_followed(library: Looked, secret: Path) -> None:
    status, answer = library.ask("file", path="tagscrape/linked.txt")
    assert status == 404
    assert "leads out of the library" in answer["message"]
    library.version()
    (library.root / "scrape.py").unlink()
    (library.root / "scrape.py").symlink_to(secret)
    status, answer = library.ask("file", path="tagscrape/scrape.py")
    assert status == 404
    assert "not for you" not in str(answer)


def test_a_library_that_nobody_has_open_is_not_there(library: Looked) -> None:
    status, answer = library.server.request("GET", "autoegg/contents?library=other")
    assert status in (404, 503)
    assert "other" in answer["message"]


def test_a_version_is_marked_with_the_commit_and_whether_it_differs_from_it(library: Looked) -> None:
    def git(*command: str) -> str:
        identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
        return subprocess.run(
            ["git", *identity, *command], cwd=library.root, check=True, capture_output=True, text=True
        ).stdout.strip()

    def marks_become(dirty: bool) -> None:
        def marked() -> bool:
            mark = next(
                one["git"]
                for one in library.client.call("status")["libraries"]
                if one["library"] == library.key
            )
            return mark is not None and mark == {"commit": git("rev-parse", "HEAD"), "dirty": dirty}

        wait_for("git's mark", marked)

    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "-m", "first")
    (library.root / "scrape.py").write_text("def tags():\n    return 3\n")
    library.version()
    marks_become(dirty=True)
    git("add", ".")
    git("commit", "--quiet", "-m", "second")
    (library.root / "scrape.py").write_text("def tags():\n    return 1\n")
    library.version()
    (library.root / "scrape.py").write_text("def tags():\n    return 3\n")
    library.version()
    marks_become(dirty=False)
