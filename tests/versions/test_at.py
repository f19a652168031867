"""One cell on another version: driver and workers run it, and go back."""

from __future__ import annotations

from pathlib import Path

from kept_versions import SESSION, ran
from kernel_library import Open, say


def test_a_cell_runs_on_a_version_and_the_next_one_does_not(open_notebook: Open, tagger: Path) -> None:
    first, _ = ran(open_notebook(), tagger, "two")
    notebook = open_notebook()
    notebook.done("from tagger import tag\nfrom tagger import words as module")
    assert (
        notebook.value(f"%%autoegg at {first[:8]}\nfound = tag()\n(found, module.tag())") == "('one', 'one')"
    )
    assert notebook.value("found, tag(), module.tag()") == "('one', 'two', 'two')"
    silent = notebook.done(f"%%autoegg at {first}\ntag();")
    assert (silent.value, silent.stderr) == (None, "")
    # What is saved meanwhile runs with the next cell.
    assert (
        notebook.value(
            f"%%autoegg at {first}\nopen('tagger/words.py', 'w').write('def tag():\\n    return 3')\ntag()"
        )
        == "'one'"
    )
    assert notebook.value("tag()") == "3"


def test_it_goes_back_when_the_cell_fails_or_the_disk_is_broken(open_notebook: Open, tagger: Path) -> None:
    notebook = open_notebook()
    first, _ = ran(notebook, tagger, "two")
    failed = notebook.run(f"%%autoegg at {first}\nfound = tagger.tag()\n1 / 0")
    assert (failed.ok, failed.ename) == (False, "ZeroDivisionError")
    assert any("1 / 0" in line for line in failed.traceback)
    assert notebook.value("found, tagger.tag()") == "('one', 'two')"
    wrong = notebook.run(f"%%autoegg at {first}\nif:")
    assert (wrong.ok, wrong.ename) == (False, "SyntaxError")
    assert notebook.value("tagger.tag()") == "'two'"
    broken = f"%%autoegg at {first}\nopen('tagger/words.py', 'w').write('broken(')\ntagger.tag()"
    assert notebook.value(broken) == "'one'"
    refused = notebook.run("tagger.tag()")
    assert (refused.ok, refused.ename) == (False, "LibraryBroken")
    say(tagger, "three")
    assert notebook.value("tagger.tag()") == "'three'"


def test_a_cell_on_a_version_that_cannot_be_had_does_not_run(open_notebook: Open, tagger: Path) -> None:
    notebook = open_notebook()
    ran(notebook, tagger)
    refused = notebook.run("%%autoegg at ffff0\nfound = 1")
    assert (refused.ok, refused.ename) == (False, "VersionMissing")
    assert notebook.value("'found' in globals()") == "False"
    assert notebook.run("%%autoegg at\n1").ename == "UsageError"
    assert "runs the code on disk" in notebook.run("%%autoegg at now\n1").evalue


def test_a_pin_is_kept(open_notebook: Open, tagger: Path) -> None:
    notebook = open_notebook()
    first, second, _ = ran(notebook, tagger, "two", "three")
    notebook.done(f"%autoegg use {second}")
    assert notebook.value(f"%%autoegg at {first}\ntagger.tag()") == "'one'"
    assert notebook.value("tagger.tag()") == "'two'"
    assert notebook.action("state()")["state"]["libraries"][0]["pinned"] == second


def test_workers_follow_and_what_leaves_uncomputed_is_named(open_notebook: Open, tagger: Path) -> None:
    notebook = open_notebook()
    notebook.done(SESSION)
    first, _ = ran(notebook, tagger, "two")
    assert notebook.value("words()") == "['two']"
    computed = notebook.done(f"%%autoegg at {first}\nrows = words()\nkept = frame().cache()\nkept.count()")
    assert "kept is computed when used" in computed.stderr
    # Data that was cached on a version is told to be of it.
    cached = notebook.action("state()")["state"]["cached"]
    assert [data["versions"] for data in cached] == [{"tagger": first}]
    assert (
        notebook.value("rows, words(), {row.tag for row in kept.collect()}") == "(['one'], ['two'], {'one'})"
    )
    left = notebook.done(f"%%autoegg at {first}\nlazy = frame()\nlist_of = [frame()]\nnumber = 1")
    assert (
        f"lazy, list_of are computed when used, and then by the code that runs then, not by tagger {first[:4]}"
        in left.stderr
    )
    assert "number" not in left.stderr
    failed = notebook.run(f"%%autoegg at {first}\nspark.range(1).rdd.map(lambda _: 1 / 0).collect()")
    assert not failed.ok
    assert notebook.value("words()") == "['two']"


def test_two_versions_side_by_side(open_notebook: Open, tagger: Path) -> None:
    notebook = open_notebook()
    notebook.done(SESSION)
    first, _ = ran(notebook, tagger, "two")
    notebook.done("import autoegg")
    notebook.done(f"found = autoegg.compare(frame, {first!r}, 'now')")
    assert notebook.value("found.same, found.varies, found.only_first, found.only_second") == (
        "(False, False, [\"('one')\", \"('one')\"], [\"('two')\", \"('two')\"])"
    )
    told = notebook.value("found").splitlines()
    assert told[0] == f"frame() gives different results on tagger {first[:4]} and now"
    assert told[1] == f"rows: 2 and 2; 2 only on tagger {first[:4]}, 2 only on now"
    assert notebook.value("words(), tagger.tag()") == "(['two'], 'two')"
    assert notebook.value(f"autoegg.compare(lambda: spark.range(3), {first!r})") == (
        f"<lambda>() gives the same on tagger {first[:4]} and now (3 rows)"
    )
    varying = f"import itertools\ncount = itertools.count()\nautoegg.compare(lambda: next(count), {first!r})"
    assert notebook.value(varying).splitlines()[0] == (
        f"<lambda>() varies by itself: run twice on tagger {first[:4]}, 1 of 1 rows differ"
    )
    many = notebook.run(f"autoegg.compare(lambda: spark.range(5), {first!r}, limit=4)")
    assert "the function gives more than 4 rows" in many.evalue
    assert notebook.run(f"autoegg.compare(lambda: 1 / 0, {first!r})").ename == "ZeroDivisionError"
    assert notebook.value("tagger.tag()") == "'two'"
