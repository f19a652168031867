"""Process pools that the notebook made before an edit run the new code, or somebody says that they do not."""

from __future__ import annotations

from pathlib import Path

import pytest
from kernel_library import Open, say, write
from kernel_notebook import Notebook

POOLS = {
    "executor": (
        "from concurrent.futures import ProcessPoolExecutor\npool = ProcessPoolExecutor(2)",
        "sorted({*pool.map(task, range(4)), pool.submit(task, 0).result()})",
    ),
    "pool": (
        "from multiprocessing import Pool\npool = Pool(2)",
        "sorted({*pool.map(task, range(4)), *pool.imap(task, range(2)), *pool.imap_unordered(task, [0]),"
        " *pool.starmap(task, [(1,)]), pool.apply(task, (0,)), pool.apply_async(task, (0,)).get()})",
    ),
    "spawned": (
        "from concurrent.futures import ProcessPoolExecutor\nfrom multiprocessing import get_context\n"
        "pool = ProcessPoolExecutor(2, mp_context=get_context('spawn'))",
        "sorted(pool.map(task, range(4)))[::4]",
    ),
    "spawned pool": (
        "from multiprocessing import get_context\npool = get_context('spawn').Pool(1)",
        "pool.map(task, range(1))",
    ),
    "loky": (
        "import joblib\npool = joblib.Parallel(n_jobs=2)\nfrom joblib import delayed",
        "sorted(set(pool(delayed(task)(i) for i in range(4))))",
    ),
    "loky by value": (
        "import joblib\npool = joblib.Parallel(n_jobs=2)\nfrom joblib import delayed",
        "sorted(set(pool(delayed(lambda i: task(i))(i) for i in range(4))))",
    ),
}


@pytest.fixture
def worded(tagger: Path) -> Path:
    """``tagger.words.task(x)`` imports ``tagger.late`` where it runs, which the notebook itself never loads."""
    say_twice(tagger, "one")
    return tagger


def say_twice(package: Path, word: str, more: str = "") -> None:
    write(package / "late.py", f'WORD = "{word}"\n')
    write(
        package / "words.py",
        f'def tag():\n    return "{word}"\n\n\n'
        f"def task(x):\n    from tagger.late import WORD\n    return tag() + ' ' + WORD\n{more}",
    )


@pytest.mark.parametrize("kind", POOLS)
def test_a_pool_that_was_made_before_an_edit_runs_the_new_code(
    notebook: Notebook, worded: Path, kind: str
) -> None:
    make, use = POOLS[kind]
    notebook.done(f"from tagger.words import task\n{make}")
    assert notebook.value(use) == "['one one']"
    say_twice(worded, "two")
    after = notebook.done(f"answer = {use}")
    assert (notebook.value("answer"), after.stderr) == ("['two two']", "")
    say_twice(worded, "three", "\n\ndef fresh(x):\n    return 'new'\n")
    assert notebook.value(use) == "['three three']"
    notebook.done("from tagger.words import fresh as task")
    assert notebook.value(use) == "['new']"


def test_functions_and_objects_of_the_notebook_follow_in_a_forked_pool(
    notebook: Notebook, tagger: Path
) -> None:
    write(tagger / "shapes.py", "class Shape:\n    def name(self):\n        return 'one'\n")
    notebook.done(
        "import tagger\nfrom tagger.shapes import Shape\nshape = Shape()\n"
        "def mine(x):\n    return tagger.tag(), shape.name(), isinstance(x, Shape)\n"
        "from multiprocessing import Pool\npool = Pool(1)"
    )
    assert notebook.value("pool.map(mine, [shape])") == "[('one', 'one', True)]"
    say(tagger, "two")
    write(tagger / "shapes.py", "class Shape:\n    def name(self):\n        return 'two'\n")
    assert notebook.value("pool.map(mine, [shape])") == "[('two', 'two', True)]"


def test_a_library_that_was_first_imported_after_the_pool_was_made_follows(
    notebook: Notebook, tagger: Path
) -> None:
    notebook.done("from multiprocessing import Pool\npool = Pool(1)\npool.map(abs, [1])")
    assert notebook.value("import tagger\npool.apply(tagger.tag)") == "'one'"
    say(tagger, "two")
    assert notebook.value("pool.apply(tagger.tag)") == "'two'"


def test_a_cell_that_imports_another_library_too_runs_the_new_code(
    notebook: Notebook, tagger: Path, tmp_path: Path
) -> None:
    write(tmp_path / "other.py", "NAME = 'other'\n")
    notebook.done("import tagger\nfrom multiprocessing import Pool\npool = Pool(1)")
    assert notebook.value("pool.apply(tagger.tag)") == "'one'"
    say(tagger, "two")
    assert notebook.value("__import__('other')\npool.apply(tagger.tag)") == "'two'"


def test_a_process_that_no_pool_owns_is_named_once(notebook: Notebook, tagger: Path) -> None:
    notebook.done(
        "import tagger, multiprocessing\n"
        "asked, said = multiprocessing.SimpleQueue(), multiprocessing.SimpleQueue()\n"
        "def loop():\n    while asked.get():\n        said.put(tagger.tag())\n"
        "worker = multiprocessing.get_context('fork').Process(target=loop, name='my-loop')\nworker.start()"
    )
    say(tagger, "two")
    first = notebook.done("asked.put(1)\nprint(said.get())")
    assert first.stdout == "one\n"
    assert "my-loop" in first.stderr
    assert "old code" in first.stderr
    say(tagger, "three")
    assert notebook.done("1").stderr == ""
    notebook.done("asked.put(0)\nworker.join()")


def test_a_pool_that_was_made_before_the_extension_was_loaded_fails_by_name(
    open_notebook: Open, tagger: Path
) -> None:
    notebook = open_notebook(load=False)
    notebook.done("import tagger\nfrom multiprocessing import Pool\npool = Pool(1)\npool.apply(tagger.tag)")
    notebook.done("%load_ext autoegg")
    say(tagger, "two")
    outcome = notebook.run("pool.apply(tagger.tag)")
    assert not outcome.ok
    assert "was started before autoegg was loaded" in outcome.evalue
    assert "create the pool again" in outcome.evalue


def test_without_a_daemon_the_processes_of_a_pool_are_named(open_notebook: Open, tagger: Path) -> None:
    notebook = open_notebook(env={"PATH": "/nowhere"})
    notebook.done("import tagger\nfrom multiprocessing import Pool\npool = Pool(1)\npool.apply(tagger.tag)")
    say(tagger, "two")
    outcome = notebook.done("pool.apply(tagger.tag)")
    assert "still run the old code" in outcome.stderr


def test_a_process_that_another_thread_forks_during_a_reload_has_one_version(
    notebook: Notebook, tmp_path: Path
) -> None:
    def edit(word: str) -> None:
        write(tmp_path / "slow" / "first.py", f"from slow import late\n\nWORD = late('{word}')\n")
        write(tmp_path / "slow" / "second.py", f"from slow import late\n\nWORD = late('{word}')\n")

    write(
        tmp_path / "slow" / "__init__.py",
        "import time\n\n\ndef late(word):\n    time.sleep(0.3)\n    return word\n",
    )
    edit("one")
    notebook.done(
        """
        import multiprocessing, threading
        from slow import first, second
        fork, pairs, enough = multiprocessing.get_context("fork"), set(), threading.Event()
        def say(pipe):
            pipe.send((first.WORD, second.WORD))
        def go_on():
            while not enough.is_set():
                mine, its = fork.Pipe()
                child = fork.Process(target=say, args=(its,))
                child.start()
                its.close()
                pairs.add(mine.recv())
                child.join()
        forking = threading.Thread(target=go_on)
        forking.start()
        """
    )
    edit("two")
    notebook.done("enough.set()\nforking.join()")
    assert "('one', 'two')" not in notebook.value("str(pairs)")
    assert "('two', 'one')" not in notebook.value("str(pairs)")
