"""Versions of earlier kernels, run by Spark's workers."""

from __future__ import annotations

from pathlib import Path

from kept_versions import SESSION, command, ran
from kernel_library import Open, say


def test_workers_run_what_an_earlier_kernel_ran(
    open_notebook: Open, tagger: Path, environment: dict[str, str | None], tmp_path: Path
) -> None:
    first, _ = ran(open_notebook(), tagger, "two")
    notebook = open_notebook()
    notebook.done(SESSION)
    assert notebook.value("words(), tagger.tag()") == "(['two'], 'two')"
    notebook.done(f"%autoegg use {first}")
    assert notebook.value("words(), tagger.tag()") == "(['one'], 'one')"
    say(tagger, "three")
    assert notebook.value("words(), tagger.tag()") == "(['one'], 'one')"
    # What the library was then can be given back, whatever runs.
    assert command(environment, "restore", first, "-o", str(tmp_path / "then")).returncode == 0
    assert 'return "one"' in (tmp_path / "then" / "tagger" / "words.py").read_text()
    notebook.done("%autoegg use now")
    assert notebook.value("words(), tagger.tag()") == "(['three'], 'three')"
