"""What the browser may look at of a library, and that nothing else can be read through it."""

from __future__ import annotations

import contextlib
import http.client
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import psutil
import pytest
from jupyter_process import JupyterProcess, wait_for

from autoegg.daemon.client import Client
from autoegg.protocol import LibrarySpec
from jupyterlab_autoegg import comparing


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
    path = tmp_path_factory.mktemp("elsewhere") / "letter.txt"
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


def test_what_would_be_shipped_is_listed_with_its_reasons(library: Looked) -> None:
    status, contents = library.ask("contents")
    assert status == 200
    told = {entry["path"]: (entry["rule"], entry["size"] > 0) for entry in contents["files"]}
    assert told["tagscrape/scrape.py"] == ("code", True)
    assert told["tagscrape/words.txt"] == ("data", True)
    assert "tagscrape/credentials.json" not in told
    key = str(library.root / "credentials.json")
    assert {"path": key, "rule": "secret"} in contents["leftOut"]
    assert any(key in warning for warning in contents["warnings"])


def test_what_changed_between_two_versions_is_listed_with_its_lines(library: Looked) -> None:
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
    for question in ("changes", "diff"):
        for wrong in ("../../x", "0" * 63, "0" * 65, "G" * 64, ""):
            asked = {"from": wrong, "to": library.version(), "path": "tagscrape/scrape.py"}
            status, answer = library.ask(question, **asked)
            assert status == 400 and "64 hexadecimal digits" in answer["message"]
    assert library.ask("file", path="tagscrape/scrape.py", version="latest")[0] == 400


def test_a_file_is_shown_as_it_is_in_the_version_asked_for(library: Looked) -> None:
    before = library.version()
    (library.root / "scrape.py").write_text("broken(\n")
    library.version()
    assert library.ask("file", path="tagscrape/scrape.py")[1]["text"] == "broken(\n"
    assert "return 1" in library.ask("file", path="tagscrape/scrape.py", version=before)[1]["text"]


@pytest.mark.parametrize(
    "path",
    ["../../../../etc/passwd", "/etc/passwd", "tagscrape/../../letter.txt", "tagscrape/..", "", "tagscrape/"],
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


def test_a_diff_shows_nothing_of_what_a_link_leads_to_outside_of_the_library(
    library: Looked, secret: Path
) -> None:
    before = library.version()
    (library.root / "scrape.py").unlink()
    (library.root / "scrape.py").symlink_to(secret)
    after = library.version()
    assert before != after
    for path in ("tagscrape/scrape.py", "tagscrape/linked.txt"):
        status, answer = library.ask("diff", path=path, **{"from": before, "to": after})
        assert status == 404 and "leads out of the library" in answer["message"]
        assert "not for you" not in str(answer)


def test_of_a_long_difference_the_beginning_is_shown_while_the_server_answers(library: Looked) -> None:
    """Line by line, such a table takes minutes to compare."""
    table = library.root / "table.csv"
    table.write_text("".join(f"{number * 7919 % 99991}\n" for number in range(160_000)))
    before = library.version()
    table.write_text("".join(f"{number * 104729 % 99989}\n" for number in range(160_000)))
    versions = {"from": before, "to": library.version()}
    with ThreadPoolExecutor(12) as browser:
        answers = [
            browser.submit(library.ask, "diff", path="tagscrape/table.csv", **versions) for _ in range(12)
        ]
        assert library.server.request("GET", "api/contents")[0] == 200
    for status, diff in (answer.result() for answer in answers):
        assert status == 200 and diff["cut"] and diff["lines"][0].startswith("@@ -1,")
        assert len(diff["lines"]) <= 2_000


def test_a_comparison_that_no_browser_waits_for_any_more_is_ended(library: Looked) -> None:
    table = library.root / "table.csv"
    table.write_text("".join(f"{number * 7919 % 99991}\n" for number in range(160_000)))
    before = library.version()
    table.write_text("".join(f"{number * 104729 % 99989}\n" for number in range(160_000)))
    versions = {"from": before, "to": library.version()}
    question = urlencode({"library": library.key, "path": "tagscrape/table.csv", **versions})
    server = psutil.Process(library.server.process.pid)

    def comparison() -> psutil.Process | None:
        for child in server.children():
            with contextlib.suppress(psutil.NoSuchProcess):
                if any(word.endswith("differing.py") for word in child.cmdline()):
                    return child
        return None

    address = urlsplit(library.server.url)
    browser = http.client.HTTPConnection(address.hostname or "", address.port)
    browser.request(
        "GET", f"{address.path}autoegg/diff?{question}", headers={"Authorization": "token secret"}
    )
    process = wait_for("the comparison", comparison)
    process.suspend()  # so that it cannot end by itself
    browser.close()
    # Sooner than the server would lose its own patience with it.
    process.wait(comparing.PATIENCE / 2)


def test_changes_at_both_ends_of_a_short_text_are_shown_whole(library: Looked) -> None:
    lines = [f"{number}\n" for number in range(500)]
    (library.root / "words.txt").write_text("".join(lines))
    before = library.version()
    (library.root / "words.txt").write_text("".join(["new\n", *lines[:-1]]))
    versions = {"from": before, "to": library.version()}
    diff = library.ask("diff", path="tagscrape/words.txt", **versions)[1]
    assert diff == {
        "lines": [
            "@@ -1,3 +1,4 @@",
            "+new",
            " 0",
            " 1",
            " 2",
            "@@ -497,4 +498,3 @@",
            " 496",
            " 497",
            " 498",
            "-499",
        ],
        "reason": None,
        "cut": False,
    }


def test_a_library_that_nobody_has_open_is_not_there(library: Looked) -> None:
    for question in (
        "contents",
        f"changes?from={'0' * 64}&to={'1' * 64}",
        f"diff?path=a&from={'0' * 64}&to={'1' * 64}",
    ):
        name, _, arguments = question.partition("?")
        status, answer = library.server.request("GET", f"autoegg/{name}?library=other&{arguments}")
        assert status == 404 and "other" in answer["message"]


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


def test_git_is_asked_without_running_what_the_repository_names(library: Looked, tmp_path: Path) -> None:
    def git(*command: str) -> None:
        subprocess.run(["git", *command], cwd=library.root, check=True, capture_output=True)

    ran = tmp_path / "ran"
    program = tmp_path / "program.sh"
    program.write_text(f"#!/bin/sh\ntouch {ran}\ncat\n")
    program.chmod(0o755)
    git("init", "--quiet")
    git("add", ".")
    git("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "commit", "--quiet", "-m", "first")
    for setting in ("filter.evil.clean", "filter.evil.process", "filter.e.v-il.clean", "core.fsmonitor"):
        git("config", setting, str(program))
    (library.root / ".git" / "info" / "attributes").write_text("*.py filter=evil\n*.txt filter=e.v-il\n")
    (library.root / "scrape.py").write_text("def tags():\n    return 4\n")
    (library.root / "words.txt").write_text("beta\n")
    library.version()

    def mark() -> Any:
        return next(
            one["git"] for one in library.client.call("status")["libraries"] if one["library"] == library.key
        )

    wait_for("git's mark", lambda: mark() is not None)
    assert mark()["dirty"] and not ran.exists()
