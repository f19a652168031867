"""Which files belong to a library."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest

from autoegg.daemon.link import DaemonLink
from autoegg.errors import LibraryMissing, LibraryRefused
from autoegg.protocol import LibrarySpec


def names(link: DaemonLink, reading: Any, path: Path, kind: Any = "package", name: str = "") -> set[str]:
    name = name or path.stem
    key = link.open(LibrarySpec(name, kind, str(path)))
    answer = link.barrier({key: None})[key]
    assert answer.failure is None and answer.delivery is not None, answer.failure
    return set(reading.files_of(answer.delivery))


def write(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(f"# {path}\n")


def test_caches_environments_and_build_output_never_belong(
    link: DaemonLink, reading: Any, package: Path
) -> None:
    keep = names(link, reading, package)
    write(
        package,
        "__pycache__/a.pyc",
        "b.pyc",
        ".hidden/a.py",
        ".env",
        "node_modules/m.py",
        "build/lib/a.py",
        "x.egg-info/PKG-INFO",
        "env/pyvenv.cfg",
        "env/lib/a.py",
        "scrape.py~",
        ".scrape.py.swp",
        "#scrape.py#",
    )
    assert names(link, reading, package) == keep


def test_git_ignored_data_stays_out_but_ignored_modules_belong(
    link: DaemonLink, reading: Any, package: Path
) -> None:
    subprocess.run(["git", "init", "-q"], cwd=package.parent, check=True)
    (package.parent / ".gitignore").write_text("_version.py\n*.log\nwork/\ngenerated/\n")
    (package / "parts" / ".gitignore").write_text("*.bin\n!keep.bin\n")
    keep = names(link, reading, package)
    write(
        package,
        "_version.py",
        "a.log",
        "work/a.py",
        "generated/__init__.py",
        "generated/g.py",
        "generated/g.txt",
    )
    write(package, "parts/a.bin", "parts/keep.bin")
    assert names(link, reading, package) - keep == {
        "tagscrape/_version.py",
        "tagscrape/generated/__init__.py",
        "tagscrape/generated/g.py",
        "tagscrape/parts/keep.bin",
    }


def test_a_gitignore_says_nothing_where_there_is_no_git(
    link: DaemonLink, reading: Any, package: Path
) -> None:
    """Releases bring theirs along, with the data that was generated for them."""
    write(package, "tables/de.dat")
    (package / "tables" / ".gitignore").write_text("*\n")
    (package.parent / ".gitignore").write_text("*.txt\n")
    assert names(link, reading, package) >= {"tagscrape/tables/de.dat", "tagscrape/words.txt"}
    subprocess.run(["git", "init", "-q"], cwd=package.parent, check=True)
    assert not names(link, reading, package) & {"tagscrape/tables/de.dat", "tagscrape/words.txt"}


def test_a_package_in_an_ignored_folder_has_all_its_files(
    link: DaemonLink, reading: Any, package: Path
) -> None:
    keep = names(link, reading, package)
    subprocess.run(["git", "init", "-q"], cwd=package.parent, check=True)
    (package.parent / ".gitignore").write_text("tagscrape/\n")
    assert names(link, reading, package) == keep


def test_settings_in_pyproject_take_away_and_add(link: DaemonLink, reading: Any, package: Path) -> None:
    write(package, "big/data.csv", ".assets/icon.svg", "old.py")
    keep = names(link, reading, package)
    settings = package.parent / "pyproject.toml"
    settings.write_text(
        '[tool.autoegg]\nexclude = ["tagscrape/big/", "old.py"]\ninclude = ["tagscrape/.assets/**"]\n'
    )
    assert names(link, reading, package) == (
        keep - {"tagscrape/big/data.csv", "tagscrape/old.py"} | {"tagscrape/.assets/icon.svg"}
    )


def test_settings_that_cannot_be_parsed_are_named_with_their_line(link: DaemonLink, package: Path) -> None:
    settings = package.parent / "pyproject.toml"
    settings.write_text("[tool.autoegg]\nexclude = [\n")
    with pytest.raises(LibraryMissing, match="line 3") as caught:
        link.open(LibrarySpec("tagscrape", "package", str(package)))
    assert caught.value.file == str(settings)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            '[tool.autoegg]\n\nexlude = ["a"]\n',
            'line 3: [tool.autoegg] has no setting "exlude", only include, exclude,',
        ),
        (
            '[tool.autoegg]\nexclude = "a"\n',
            "line 2: exclude under [tool.autoegg] must be a list of patterns.",
        ),
        ("[project]\n[tool.autoegg]\ninclude = [1]\n", "line 3: include under [tool.autoegg] must be a list"),
        (
            '[tool.auto-egg]\nexclude = ["a"]\n',
            "line 1: [tool.auto-egg] is not a table of autoegg: write [tool.autoegg].",
        ),
        ("[tool]\nautoegg = 1\n", "line 2: tool.autoegg must be a table."),
        ('[tool]\nautoegg.exclud = ["a"]\n', 'line 2: [tool.autoegg] has no setting "exclud"'),
        (
            "[tool.autoegg]\nmax-megabytes = '9'\n",
            "line 2: max-megabytes under [tool.autoegg] must be a number",
        ),
        ("[tool.autoegg]\nrecord = 'yes'\n", "line 2: record under [tool.autoegg] must be true or false"),
        (
            "[tool.autoegg]\nrules-of-others = 1\n",
            'line 2: rules-of-others under [tool.autoegg] must be "follow"',
        ),
    ],
)
def test_settings_that_would_not_hold_are_refused_with_file_and_line(
    link: DaemonLink, package: Path, text: str, reason: str
) -> None:
    settings = package.parent / "pyproject.toml"
    settings.write_text(text)
    with pytest.raises(LibraryMissing) as caught:
        link.open(LibrarySpec("tagscrape", "package", str(package)))
    assert f"{settings} cannot be understood: {reason}" in str(caught.value)


def test_settings_hold_through_a_link_and_one_that_leads_nowhere_is_refused(
    link: DaemonLink, reading: Any, package: Path, tmp_path: Path
) -> None:
    written = tmp_path / "shared.toml"
    written.write_text('[tool.autoegg]\nexclude = ["words.txt"]\n')
    (package.parent / "pyproject.toml").symlink_to(written)
    assert "tagscrape/words.txt" not in names(link, reading, package)
    written.write_text('[tool.autoegg]\nexclude = ["scrape.py"]\n')
    assert names(link, reading, package) & {"tagscrape/words.txt", "tagscrape/scrape.py"} == {
        "tagscrape/words.txt"
    }
    written.unlink()
    key = link.open(LibrarySpec("tagscrape", "package", str(package)))
    failure = link.barrier({key: None})[key].failure
    assert failure is not None and f"{package.parent}/pyproject.toml is a broken link" in failure.message


def test_the_nearest_file_that_says_something_about_libraries_counts(
    link: DaemonLink, reading: Any, package: Path
) -> None:
    """In a monorepo the members' own files need not repeat what its root says."""
    subprocess.run(["git", "init", "-q"], cwd=package.parent.parent, check=True)
    (package.parent.parent / "pyproject.toml").write_text('[tool.autoegg]\nexclude = ["words.txt"]\n')
    (package.parent / "pyproject.toml").write_text("[project]\nname = 'tagscrape'\n")
    assert "tagscrape/words.txt" not in names(link, reading, package)


def test_a_gitignore_that_is_a_link_is_reported_because_git_does_not_follow_it(
    link: DaemonLink, package: Path
) -> None:
    subprocess.run(["git", "init", "-q"], cwd=package.parent, check=True)
    (package.parent / "shared").write_text("*.log\n")
    (package.parent / ".gitignore").symlink_to("shared")
    key = link.open(LibrarySpec("tagscrape", "package", str(package)))
    (warning,) = link.barrier({key: None})[key].warnings
    assert warning.startswith(f"{package.parent}/.gitignore is a link, which git does not follow")


def test_links_are_followed_without_loops_and_fifos_left_alone(
    link: DaemonLink, reading: Any, package: Path
) -> None:
    keep = names(link, reading, package)
    shared = package.parent / "shared"
    write(shared, "__init__.py", "s.py")
    (package / "shared").symlink_to(shared)
    (package / "parts" / "loop").symlink_to(package)
    (shared / "round").symlink_to(package / "parts")
    (package / "top").symlink_to("/")
    (package / "nowhere.py").symlink_to("/nonexistent/file.py")
    os.mkfifo(package / "pipe.py")
    with socket.socket(socket.AF_UNIX) as listener:
        here = Path.cwd()
        os.chdir(package)
        try:
            listener.bind("socket.py")
        finally:
            os.chdir(here)
        found = names(link, reading, package)
    assert {"tagscrape/shared/__init__.py", "tagscrape/shared/s.py"} <= found - keep
    assert not any(
        part in name for name in found for part in ("loop", "top", "nowhere", "pipe.py", "socket.py")
    )


def test_an_edit_behind_a_link_is_seen(link: DaemonLink, package: Path) -> None:
    shared = package.parent / "shared.txt"
    shared.write_text("one")
    (package / "shared.txt").symlink_to(shared)
    key = link.open(LibrarySpec("tagscrape", "package", str(package)))
    version = link.barrier({key: None})[key].version
    shared.write_text("two")
    assert link.barrier({key: version})[key].changed == ("tagscrape/shared.txt",)


def test_a_module_is_one_file_even_in_the_home_directory(
    reading: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: Path
) -> None:
    home = tmp_path / "home"
    write(home, "helpers.py", "diary.txt", "other.py")
    monkeypatch.setenv("HOME", str(home))
    link = DaemonLink(store=store)
    try:
        assert names(link, reading, home / "helpers.py", "module") == {"helpers.py"}
        key = link.open(LibrarySpec("helpers", "module", str(home / "helpers.py")))
        version = link.barrier({key: None})[key].version
        (home / "helpers.py").write_text("A = 2\n")
        (home / "diary.txt").write_text("dear diary")
        assert link.barrier({key: version})[key].changed == ("helpers.py",)
        with pytest.raises(LibraryRefused, match="home directory"):
            link.open(LibrarySpec("home", "namespace", str(home)))
    finally:
        link.close()


def test_a_library_is_named_as_it_is_imported_not_as_its_folder(
    link: DaemonLink, reading: Any, package: Path
) -> None:
    source = package.rename(package.with_name("src"))
    assert "tagscrape/scrape.py" in names(link, reading, source, name="tagscrape")


def test_paths_that_must_not_be_libraries_are_refused_with_the_reason(
    link: DaemonLink, tmp_path: Path
) -> None:
    write(tmp_path, "env/pyvenv.cfg", "site-packages/a.py", "note.txt")
    for path, kind, reason in [
        ("/", "namespace", "root of the file system"),
        (str(tmp_path / "env"), "package", "virtual environment"),
        (str(tmp_path / "site-packages"), "namespace", "site-packages"),
        (str(tmp_path / "note.txt"), "package", "not a directory"),
        (str(tmp_path / "note.txt"), "module", "not a .py file"),
        ("relative/path", "package", "absolute"),
    ]:
        for name in ("lib", Path(path).name):
            with pytest.raises(LibraryRefused, match=reason) as caught:
                link.open(LibrarySpec(name, kind, path))  # type: ignore[arg-type]
            assert path in str(caught.value)
    with pytest.raises(LibraryMissing, match="no longer exists"):
        link.open(LibrarySpec("lib", "package", str(tmp_path / "gone")))
