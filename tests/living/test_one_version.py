"""A cell has one version to its end: what is first imported while it runs is that version's, whatever the disk says by then."""

from __future__ import annotations

from pathlib import Path

from kernel_library import Open, say, write
from kernel_notebook import Notebook

MANY = 12


def with_parts(tagger: Path, word: str) -> None:
    for number in range(MANY):
        write(tagger / f"part_{number}.py", f"from tagger.words import tag\nWORD = {word!r}\n")


REWRITE = """
from pathlib import Path
def rewrite(word):
    for file in Path("tagger").glob("part_*.py"):
        file.write_text(f"from tagger.words import tag\\nWORD = {word!r}\\n")
    Path("tagger/words.py").write_text(f"def tag():\\n    return {word!r}\\n")
"""


def test_imports_in_a_loop_that_saves_in_between(notebook: Notebook, tagger: Path) -> None:
    with_parts(tagger, "one")
    notebook.done(REWRITE)
    notebook.done("import tagger, importlib")
    printed = notebook.done(
        f"for number in range({MANY}):\n"
        "    rewrite(f'save {number}')\n"
        "    part = importlib.import_module(f'tagger.part_{number}')\n"
        "    print(part.WORD, part.tag())"
    ).stdout
    assert printed == "one one\n" * MANY
    check = "import tagger.part_0\n" + ", ".join(f"tagger.part_{number}.WORD" for number in (0, 5, MANY - 1))
    assert notebook.value(check + ", tagger.tag()") == str(("save 11",) * 4)


def test_imports_in_threads_of_the_cell(notebook: Notebook, tagger: Path) -> None:
    with_parts(tagger, "one")
    notebook.done(REWRITE)
    notebook.done("import tagger, importlib, concurrent.futures")
    printed = notebook.done(
        "rewrite('later')\n"
        "def load(number):\n"
        "    part = importlib.import_module(f'tagger.part_{number}')\n"
        "    return part.WORD, part.tag()\n"
        "with concurrent.futures.ThreadPoolExecutor(4) as pool:\n"
        f"    print(set(pool.map(load, range({MANY}))))"
    ).stdout
    assert printed == "{('one', 'one')}\n"


def test_a_thread_that_outlives_its_cell_imports_the_version_of_the_cell_that_is_running(
    notebook: Notebook, tagger: Path
) -> None:
    with_parts(tagger, "one")
    notebook.done("import tagger, threading, importlib\ngo, seen = threading.Event(), []")
    notebook.done(
        "def late():\n    go.wait()\n    seen.append(importlib.import_module('tagger.part_3').WORD)\n"
        "thread = threading.Thread(target=late); thread.start()"
    )
    with_parts(tagger, "two")
    assert notebook.value("go.set(); thread.join(); seen") == "['two']"


def test_a_file_that_was_broken_while_the_cell_runs_is_still_imported_by_it(
    notebook: Notebook, tagger: Path
) -> None:
    with_parts(tagger, "one")
    notebook.done("import tagger")
    assert (
        notebook.done(
            "from pathlib import Path\nPath('tagger/part_1.py').write_text('x = = 1')\nimport tagger.part_1\nprint(tagger.part_1.WORD)"
        ).stdout
        == "one\n"
    )
    write(tagger / "part_1.py", "WORD = 'mended'\n")
    assert notebook.value("tagger.part_1.WORD") == "'mended'"


def test_saves_that_make_a_new_base_egg_leave_the_running_cell_its_version(
    notebook: Notebook, tagger: Path
) -> None:
    """A patch that has grown past a quarter of the library makes the daemon pack a new base: the eggs of before stay."""
    with_parts(tagger, "one")
    notebook.done("import tagger")
    notebook.done("import time, os\nfrom pathlib import Path")
    printed = notebook.done(
        "for save in range(15):\n"
        f"    for number in range({MANY - 1}):\n"
        "        text = f'WORD = {save!r}\\n' + f'# {os.urandom(500).hex()}\\n' * 5\n"
        "        Path(f'tagger/part_{number}.py').write_text(text)\n"
        "    time.sleep(0.15)\n"
        "import tagger.part_0, tagger.part_11\n"
        "print(tagger.part_0.WORD, tagger.part_11.WORD)"
    ).stdout
    assert printed == "one one\n"
    assert notebook.value("tagger.part_0.WORD, tagger.part_11.WORD") == "(14, 'one')"


def test_without_a_daemon_what_a_cell_imports_is_as_on_disk_at_that_moment_and_the_next_cell_has_one_version(
    open_notebook: Open, tagger: Path
) -> None:
    with_parts(tagger, "one")
    notebook = open_notebook(env={"PATH": "/nonexistent"})
    notebook.done(REWRITE)
    said = notebook.done("import tagger").stderr + notebook.done("pass").stderr
    assert "only the driver is kept up to date" in said
    assert notebook.done("rewrite('two')\nimport tagger.part_2\nprint(tagger.part_2.WORD)").stdout == "two\n"
    assert notebook.value("tagger.part_2.WORD, tagger.part_2.tag(), tagger.tag()") == "('two', 'two', 'two')"


def test_code_that_was_loaded_before_the_extension_and_is_edited_after_it(
    open_notebook: Open, tagger: Path
) -> None:
    notebook = open_notebook(load=False)
    write(
        tagger / "words.py",
        "def tag():\n    return 'one'\nclass Tag:\n    def text(self):\n        return 'one'\n",
    )
    notebook.done("from tagger.words import tag, Tag\nheld = Tag()")
    notebook.done("%load_ext autoegg")
    assert notebook.value("tag(), held.text()") == "('one', 'one')"
    write(
        tagger / "words.py",
        "def tag():\n    return 'two'\nclass Tag:\n    def text(self):\n        return 'two'\n",
    )
    assert notebook.value("tag(), held.text(), type(held) is Tag") == "('two', 'two', True)"
    say(tagger, "three")
    assert notebook.value("tag()") == "'three'"
