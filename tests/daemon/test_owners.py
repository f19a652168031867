"""Files above a library decide over it only if they are of this user, of root, or of whoever owns the library."""

from __future__ import annotations

import os
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autoegg.daemon.link import DaemonLink
from autoegg.errors import LibraryRefused
from autoegg.protocol import BarrierAnswer, LibrarySpec

PRELOAD = Path(__file__).with_name("strangers.mjs")
SOMEBODY = 4711

GiveAway = Callable[..., None]


@pytest.fixture
def give_away(monkeypatch: pytest.MonkeyPatch) -> GiveAway:
    """Makes files another user's, for daemons that start afterwards."""

    def give(*paths: Path) -> None:
        if os.geteuid() == 0:
            for path in paths:
                os.chown(path, SOMEBODY, SOMEBODY, follow_symlinks=False)
        else:
            monkeypatch.setenv("STRANGERS", ":".join(map(str, paths)))
            monkeypatch.setenv("NODE_OPTIONS", f"--import={PRELOAD}")

    return give


def ask(link: DaemonLink, package: Path, kind: Any = "package") -> BarrierAnswer:
    key = link.open(LibrarySpec(package.stem, kind, str(package)))
    answer = link.barrier({key: None})[key]
    assert answer.failure is None, answer.failure
    return answer


def names(link: DaemonLink, reading: Any, package: Path) -> set[str]:
    files = reading.files_of(ask(link, package).delivery)
    return {name.removeprefix("tagscrape/") for name in files}


def refusal(link: DaemonLink, package: Path) -> str:
    """Why nothing ships: said when a library is opened, and by each barrier of one that is open."""
    try:
        key = link.open(LibrarySpec("tagscrape", "package", str(package)))
    except LibraryRefused as refused:
        sentence = str(refused)
    else:
        failure = link.barrier({key: None})[key].failure
        assert failure is not None
        sentence = failure.message
    assert sentence.endswith(".") and "\n" not in sentence
    return sentence


def test_another_user_can_neither_have_secrets_shipped_nor_lift_the_limit(
    link: DaemonLink, reading: Any, package: Path, give_away: GiveAway
) -> None:
    settings = package.parent / "pyproject.toml"
    settings.write_text('[tool.autoegg]\ninclude = ["tagscrape/.env", "tagscrape/.hidden"]\n')
    (package / ".env").write_text("PASSWORD=hush")
    (package / ".hidden").write_text("")
    give_away(settings)
    assert not names(link, reading, package) & {".env", ".hidden"}


def test_another_users_exclusion_is_named_and_nothing_ships_until_the_project_decides(
    link: DaemonLink, reading: Any, package: Path, give_away: GiveAway
) -> None:
    theirs = package.parent / "pyproject.toml"
    theirs.write_text('[tool.autoegg]\nexclude = ["words.txt"]\n')
    give_away(theirs)
    sentence = refusal(link, package)
    assert sentence.startswith(f"{theirs} belongs to another user (number ")
    assert f"would keep {package}/words.txt from being shipped" in sentence
    assert sentence.endswith(
        f'set rules-of-others = "follow" or "ignore" under [tool.autoegg] in {package}/pyproject.toml.'
    )
    mine = package / "pyproject.toml"
    mine.write_text('[tool.autoegg]\nrules-of-others = "ignore"\n')
    assert "words.txt" in names(link, reading, package)


def test_a_decision_in_the_project_lets_another_users_exclusion_hold(
    link: DaemonLink, reading: Any, package: Path, give_away: GiveAway
) -> None:
    theirs = package.parent.parent / ".gitignore"
    (package.parent.parent / ".git").mkdir()
    theirs.write_text("words.txt\n")
    give_away(theirs)
    mine = package.parent / "pyproject.toml"
    mine.write_text("[project]\nname = 'tagscrape'\n")
    assert refusal(link, package).endswith(f"in {mine}.")
    mine.write_text('[tool.autoegg]\nrules-of-others = "follow"\n')
    assert "words.txt" not in names(link, reading, package)
    mine.write_text('[tool.autoegg]\nrules-of-others = "ignore"\n')
    assert "words.txt" in names(link, reading, package)
    mine.write_text("")
    assert refusal(link, package)
    theirs.unlink()
    assert "words.txt" in names(link, reading, package)


def test_what_another_user_has_put_above_is_ignored_while_it_excludes_nothing(
    link: DaemonLink, reading: Any, package: Path, give_away: GiveAway
) -> None:
    broken = package.parent / "pyproject.toml"
    broken.write_text("[tool.autoegg\n")
    git = package.parent / ".git"
    git.mkdir()
    (git / "index.lock").touch()
    (package.parent / ".gitignore").write_text("*.log\n")
    give_away(broken, git, git / "index.lock", package.parent / ".gitignore")
    assert "words.txt" in names(link, reading, package)
    (package / "work.log").touch()
    assert f"{git} belongs to another user" in refusal(link, package)


def test_a_folder_that_another_users_rule_would_drop_is_named_too(
    link: DaemonLink, package: Path, give_away: GiveAway
) -> None:
    (package.parent / ".git").mkdir()
    ignore = package.parent / ".gitignore"
    ignore.write_text("tables/\n")
    (package / "tables").mkdir()
    (package / "tables" / "de.csv").touch()
    give_away(ignore)
    assert f"{ignore} belongs to another user" in (sentence := refusal(link, package))
    assert f"{package}/tables/de.csv" in sentence


def test_a_lock_that_another_user_holds_is_not_waited_for(
    link: DaemonLink, package: Path, give_away: GiveAway
) -> None:
    subprocess.run(["git", "init", "-q"], cwd=package.parent, check=True)
    lock = package.parent / ".git" / "index.lock"
    lock.touch()
    give_away(lock)
    ask(link, package)


def test_the_owner_of_a_library_is_believed(
    link: DaemonLink, reading: Any, package: Path, give_away: GiveAway
) -> None:
    """A container runs as another user than the one whose trees are mounted in it."""
    settings = package.parent / "pyproject.toml"
    settings.write_text('[tool.autoegg]\nexclude = ["words.txt"]\n')
    give_away(package, settings)
    assert "words.txt" not in names(link, reading, package)


def test_a_module_in_a_shared_folder_is_its_own_owners(
    link: DaemonLink, package: Path, give_away: GiveAway
) -> None:
    (package.parent / "helper.py").write_text("A = 1\n")
    git = package.parent / ".git"
    git.mkdir()
    (git / "index.lock").touch()
    give_away(git)
    ask(link, package.parent / "helper.py", "module")


def test_another_users_project_gives_workers_no_entry_points(
    link: DaemonLink, package: Path, give_away: GiveAway
) -> None:
    project = package.parent / "pyproject.toml"
    project.write_text('[project]\nname = "evil"\n[project.entry-points."a"]\nb = "tagscrape:tags"\n')
    give_away(project)
    delivery = ask(link, package).delivery
    assert delivery is not None
    with zipfile.ZipFile(delivery.base.path) as egg:
        assert not [name for name in egg.namelist() if ".dist-info/" in name]
