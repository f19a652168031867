"""The kernel's daemon: absent, killed, shared, and gone with the kernel."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from kernel_library import Open, say, write
from kernel_notebook import Notebook


def is_alive(pid: int) -> bool:
    try:
        return (
            Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] != "Z"
            if Path("/proc").is_dir()
            else os.kill(pid, 0) is None
        )
    except OSError:
        return False


def ends(pid: int) -> bool:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if not is_alive(pid):
            return True
        time.sleep(0.05)
    return False


def test_without_node_the_driver_is_kept_up_to_date_and_the_cure_is_printed_once(
    open_notebook: Open, tagger: Path
) -> None:
    notebook = open_notebook(env={"PATH": "/nonexistent"})
    first = notebook.done("import tagger")
    say(tagger, "two")
    second = notebook.done("print(tagger.tag())")
    assert second.stdout == "two\n"
    told = first.stderr + second.stderr
    assert told.count("jupyterlab-autoegg[node]") == 1, told
    listed = notebook.done("%autoegg").stdout
    assert "Node" in listed
    assert "loaded; kept up to date in the driver only" in listed and "not imported yet" not in listed


def test_a_killed_daemon_is_replaced_and_the_next_cell_runs_the_code_on_disk(
    notebook: Notebook, tagger: Path
) -> None:
    notebook.done("import tagger")
    pid = notebook.daemon_pid()
    os.kill(pid, signal.SIGKILL)
    say(tagger, "two")
    assert notebook.value("tagger.tag()") == "'two'"
    assert notebook.daemon_pid() != pid


def _reads_a_word(tagger: Path) -> None:
    (tagger / "words.txt").write_text("one")
    write(
        tagger / "words.py",
        """
        from pathlib import Path

        WORD = Path(__file__).with_name("words.txt").read_text()

        def tag():
            return WORD
        """,
    )


def test_a_data_file_that_changed_while_there_was_no_daemon_is_noticed(
    notebook: Notebook, tagger: Path
) -> None:
    _reads_a_word(tagger)
    notebook.done("import tagger")
    assert notebook.value("tagger.tag()") == "'one'"
    os.kill(notebook.daemon_pid(), signal.SIGKILL)
    (tagger / "words.txt").write_text("two")
    assert notebook.value("tagger.tag()") == "'two'"


def test_a_data_file_that_changes_is_noticed_without_any_daemon(open_notebook: Open, tagger: Path) -> None:
    _reads_a_word(tagger)
    notebook = open_notebook(env={"PATH": "/nonexistent"})
    notebook.done("import tagger")
    for word in ("two", "three"):
        (tagger / "words.txt").write_text(word)
        assert notebook.value("tagger.tag()") == f"{word!r}"


def test_the_daemon_ends_with_its_kernel(open_notebook: Open, tagger: Path) -> None:
    notebook = open_notebook()
    notebook.done("import tagger")
    pid = notebook.daemon_pid()
    os.kill(notebook.pid, signal.SIGKILL)
    assert ends(pid)


def test_a_restarted_kernel_starts_with_the_code_on_disk(notebook: Notebook, tagger: Path) -> None:
    notebook.done("import tagger")
    say(tagger, "two")
    notebook.restart()
    notebook.done("import tagger")
    say(tagger, "three")
    assert notebook.value("tagger.tag()") == "'three'"


def test_two_notebooks_on_one_library_both_follow_the_disk(open_notebook: Open, tagger: Path) -> None:
    first, second = open_notebook(), open_notebook()
    first.done("import tagger")
    second.done("import tagger")
    say(tagger, "two")
    assert first.value("tagger.tag()") == "'two'"
    assert second.value("tagger.tag()") == "'two'"
