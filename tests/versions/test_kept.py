"""A version is found again after its kernel: listed, run, and given back, from the store or from git."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from kept_versions import command, eventually, git, let_age, ran, versions
from kernel_library import Open, say, write


def test_an_earlier_kernels_version_is_listed_and_run(open_notebook: Open, tagger: Path) -> None:
    notebook = open_notebook()
    first, second = ran(notebook, tagger, "two")
    notebook.restart()
    say(tagger, "three")
    assert notebook.value("from tagger import tag\ntag()") == "'three'"
    third = notebook.action("state()")["state"]["libraries"][0]["version"]
    listed = notebook.done("%autoegg versions").stdout.splitlines()
    assert listed[0].startswith("tagger  ")
    assert [line.split()[0] for line in listed[1:]] == [third[:4], second[:4], first[:4]]
    assert "running" in listed[1]
    assert all("words.py" in line for line in listed[1:3])

    told = notebook.done(f"%autoegg use {first[:6]}").stdout
    assert told == f"driver and workers run tagger {first[:4]} until `%autoegg use now`\n"
    assert notebook.value("tag()") == "'one'"
    say(tagger, "four")
    assert notebook.value("tag()") == "'one'"
    assert "pinned" in notebook.done("%autoegg versions tagger").stdout
    notebook.done(f"%autoegg use {second}")
    assert notebook.value("tag()") == "'two'"
    notebook.done("%autoegg use now")
    assert notebook.value("tag()") == "'four'"


def test_the_panel_pins_what_an_earlier_kernel_ran(open_notebook: Open, tagger: Path) -> None:
    notebook = open_notebook()
    first, _ = ran(notebook, tagger, "two")
    notebook.close()
    later = open_notebook()
    assert later.value("import tagger\ntagger.tag()") == "'two'"
    assert later.action(f'pin("tagger", "{first}")')["ok"]
    assert later.value("tagger.tag()") == "'one'"


def test_a_version_with_a_module_that_is_deleted_by_now(open_notebook: Open, tagger: Path) -> None:
    write(tagger / "words.py", "from tagger.kept.inner import word\n\n\ndef tag():\n    return word()\n")
    write(tagger / "kept" / "__init__.py", "")
    write(tagger / "kept" / "inner.py", "from .more import WORD\n\n\ndef word():\n    return WORD\n")
    write(tagger / "kept" / "more.py", 'WORD = "inner"\n')
    notebook = open_notebook()
    first, _ = ran(notebook, tagger)[0], None
    shutil.rmtree(tagger / "kept")
    say(tagger, "two")
    notebook.restart()
    assert notebook.value("import tagger\ntagger.tag()") == "'two'"
    notebook.done(f"%autoegg use {first}")
    assert notebook.value("tagger.tag()") == "'inner'"
    assert notebook.value("tagger.tag()") == "'inner'"
    notebook.done("%autoegg use now")
    assert notebook.value("tagger.tag()") == "'two'"
    assert notebook.value(
        "import sys\nsorted(name for name in sys.modules if name.startswith('tagger.'))"
    ) == ("['tagger.words']")


def test_show_diff_and_restore(
    open_notebook: Open, tagger: Path, environment: dict[str, str | None], tmp_path: Path
) -> None:
    notebook = open_notebook()
    first = ran(notebook, tagger)[0]
    write(tagger / "extra.py", "X = 1\n")
    (second,) = ran(notebook, tagger, "two")[1:]
    notebook.close()
    listed = versions(environment)
    assert {entry["version"] for entry in listed} >= {first, second}
    assert all(entry["path"] == str(tagger) and entry["kept"] for entry in listed)
    shown = command(environment, "show", first[:8]).stdout
    assert first in shown and "tagger/words.py" in shown and "2 files" in shown
    difference = command(environment, "diff", first, second).stdout
    assert '-    return "one"' in difference and '+    return "two"' in difference
    assert "--- /dev/null\n+++ tagger/extra.py" in difference and "+X = 1" in difference
    folder = tmp_path / "restored" / "here"
    assert command(environment, "restore", first, "-o", str(folder)).stdout == (
        f"tagger {first[:8]}: 2 files in {folder}\n"
    )
    assert 'return "one"' in (folder / "tagger" / "words.py").read_text()
    assert sorted(path.name for path in folder.parent.iterdir()) == ["here"]
    again = command(environment, "restore", first, "-o", str(folder))
    assert (again.returncode, again.stderr) == (
        1,
        f"autoegg: {folder} is there already and not empty: name a new folder\n",
    )


def test_what_no_kernel_ran_is_unknown_in_one_sentence(
    open_notebook: Open, tagger: Path, environment: dict[str, str | None]
) -> None:
    notebook = open_notebook()
    ran(notebook, tagger)
    unknown = "no version that begins with ffff0 is known here"
    assert unknown in notebook.done("%autoegg use ffff0").stdout
    answer = command(environment, "show", "ffff0")
    assert answer.returncode == 1 and unknown in answer.stderr and answer.stderr.count("\n") == 1
    for none in ("xyz", "ffz", "../.."):
        assert "names no version: give its first 4 digits" in command(environment, "show", none).stderr


def test_of_two_libraries_of_which_one_version_is_missing_none_switches(
    open_notebook: Open, tagger: Path
) -> None:
    write(tagger.parent / "other.py", "X = 1\n")
    notebook = open_notebook()
    first, second = ran(notebook, tagger, "two")
    assert notebook.value("import other\nother.X") == "1"
    answer = notebook.done(f"%autoegg use {first} ffff0").stdout
    assert answer.startswith("VersionMissing: no version that begins with ffff0")
    assert notebook.value("tagger.tag()") == "'two'"
    both = notebook.done(f"%autoegg use {first} {second}").stdout
    assert "are both versions of tagger: name one" in both


def test_a_version_of_a_library_that_was_renamed(open_notebook: Open, tagger: Path, tmp_path: Path) -> None:
    notebook = open_notebook()
    first = ran(notebook, tagger)[0]
    notebook.close()
    tagger.rename(tagger.with_name("words"))
    write(tagger.with_name("words") / "__init__.py", "from words.words import tag\n")
    later = open_notebook()
    assert later.value("import words\nwords.tag()") == "'one'"
    answer = later.done(f"%autoegg use {first[:8]}").stdout
    assert (
        f"version {first[:8]} is one of tagger, which this notebook has not imported (words is here)"
        in answer
    )
    assert "autoegg restore" in answer


def test_what_a_version_needs_and_is_not_there_is_named_before_it_runs(
    open_notebook: Open, tagger: Path
) -> None:
    needed = write(tagger.parent / "needed.py", "X = 1\n")
    write(tagger / "words.py", "import needed\n\n\ndef tag():\n    return needed.X\n")
    notebook = open_notebook()
    first = ran(notebook, tagger)[0]
    say(tagger, "two")
    notebook.restart()
    assert notebook.value("import tagger\ntagger.tag()") == "'two'"
    needed.unlink()
    answer = notebook.done(f"%autoegg use {first}").stdout
    assert (
        f"version {first[:4]} of tagger imports needed ({tagger}/words.py, line 1), which is not there"
        in answer
    )
    assert notebook.value("tagger.tag()") == "'two'"


def _remove(egg: Path) -> None:
    egg.unlink()


def _damage(egg: Path) -> None:
    egg.write_bytes(bytes(byte ^ 1 for byte in egg.read_bytes()))


@pytest.mark.parametrize("lose", [_remove, _damage])
def test_eggs_that_are_lost_are_named_and_git_replaces_them(
    open_notebook: Open,
    tagger: Path,
    store: Path,
    environment: dict[str, str | None],
    lose: Callable[[Path], None],
) -> None:
    git(tagger.parent, "init", "--quiet")
    git(tagger.parent, "add", "tagger")
    git(tagger.parent, "commit", "--quiet", "-m", "first")
    notebook = open_notebook()
    first, second = ran(notebook, tagger)[0], ""
    assert eventually(lambda: versions(environment)[0]["clean"])
    (second,) = ran(notebook, tagger, "two")[1:]
    eventually(lambda: versions(environment)[0]["commit"])
    notebook.close()
    for egg in (store / "eggs").iterdir():
        lose(egg)
    later = open_notebook()
    say(tagger, "three")
    assert later.value("import tagger\ntagger.tag()") == "'three'"
    commit = git(tagger.parent, "rev-parse", "HEAD")[:8]
    lost = later.done(f"%autoegg use {second}").stdout
    assert (
        f"version {second[:4]} of tagger cannot be had any more: its eggs are damaged in, or were removed"
        in lost
    )
    assert f"some of its files were not as git commit {commit} has them (1 of 2 files are lacking" in lost
    assert later.value("tagger.tag()") == "'three'"
    later.done(f"%autoegg use {first}")
    assert later.value("tagger.tag()") == "'one'"
    later.done("%autoegg use now")
    # What git has given is in the store again, under the place that the user knows.
    entry = next(entry for entry in versions(environment) if entry["version"] == first)
    assert (entry["path"], entry["kept"]) == (str(tagger), True)


def test_a_history_that_was_rewritten_is_named(
    open_notebook: Open, tagger: Path, store: Path, environment: dict[str, str | None], tmp_path: Path
) -> None:
    git(tagger.parent, "init", "--quiet")
    git(tagger.parent, "add", "tagger")
    git(tagger.parent, "commit", "--quiet", "-m", "first")
    commit = git(tagger.parent, "rev-parse", "HEAD")
    notebook = open_notebook()
    first = ran(notebook, tagger)[0]
    assert eventually(lambda: versions(environment)[0]["clean"])
    notebook.close()
    shutil.rmtree(store / "eggs")
    shutil.rmtree(tagger.parent / ".git")
    git(tagger.parent, "init", "--quiet")
    answer = command(environment, "restore", first, "-o", str(tmp_path / "restored"))
    assert answer.returncode == 1 and not (tmp_path / "restored").exists()
    assert f"git has no commit {commit[:8]} any more (its history was rewritten)" in answer.stderr
    shutil.rmtree(tagger.parent / ".git")
    answer = command(environment, "restore", first, "-o", str(tmp_path / "restored"))
    assert "is in no git repository" in answer.stderr and answer.stderr.count("\n") == 1


def test_what_was_not_run_for_too_long_goes_and_whoever_asks_is_told(
    open_notebook: Open, tagger: Path, store: Path, environment: dict[str, str | None], tmp_path: Path
) -> None:
    notebook = open_notebook()
    first, second = ran(notebook, tagger, "two")
    notebook.close()
    let_age(store, first, 1)
    let_age(store, second, 3)
    later = open_notebook(env={"AUTOEGG_KEEP_DAYS": "2"})
    say(tagger, "three")
    assert later.value("import tagger\ntagger.tag()") == "'three'"
    listed = eventually(lambda: [entry for entry in versions(environment) if not entry["kept"]])
    assert [entry["version"] for entry in listed] == [second]
    told = later.done(f"%autoegg use {second}").stdout
    assert "AUTOEGG_KEEP_DAYS" in told and "its folder was in no git repository then" in told
    assert "gone (age)" in later.done("%autoegg versions").stdout
    later.done(f"%autoegg use {first}")
    assert later.value("tagger.tag()") == "'one'"
