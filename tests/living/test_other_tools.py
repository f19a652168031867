"""Tools that measure, test or change code as it is loaded, in the same kernel."""

from __future__ import annotations

from pathlib import Path

from kernel_library import say, write
from kernel_notebook import Notebook

COVERAGE = """
import coverage, words
measured = coverage.Coverage(data_file=None, include=["*/words.py"])
measured.start()
words.tag(1)
"""

READ = """
measured.stop()
data = measured.get_data()
(file,) = data.measured_files()
print(sorted(data.lines(file)))
"""


def test_coverage_measures_the_lines_of_the_reloaded_file(notebook: Notebook, tmp_path: Path) -> None:
    write(tmp_path / "words.py", "def tag(n):\n    if n:\n        return 'some'\n    return 'none'\n")
    notebook.done("import words")
    notebook.done(COVERAGE)
    assert notebook.done(READ).stdout == "[2, 3]\n"
    write(
        tmp_path / "words.py",
        "# one\n# two\n# three\ndef tag(n):\n    if not n:\n        return 'none'\n    return 'some'\n",
    )
    notebook.done(COVERAGE)
    assert notebook.done(READ).stdout == "[5, 7]\n"


def test_coverage_that_goes_on_while_a_file_is_reloaded_sees_the_new_lines(
    notebook: Notebook, tmp_path: Path
) -> None:
    write(tmp_path / "words.py", "def tag(n):\n    return 'one'\n")
    notebook.done("import words")
    notebook.done(COVERAGE)
    write(
        tmp_path / "words.py", "import os\nWORD = os.sep * 2\ndef tag(n):\n    # nothing\n    return WORD\n"
    )
    notebook.done("assert words.tag(1) == '//'")
    # Whether the def statement ran again is the reload's own business.
    assert notebook.done(READ).stdout in ("[1, 2, 3, 5]\n", "[1, 2, 5]\n")


TEST = "from tagger import tag\ndef test_tag():\n    said = tag()\n    assert said == {word!r}\n"
PYTEST = "import pytest\npytest.main(['-q', '-p', 'no:cacheprovider', '--color=no', {what!r}])"


def test_pytest_in_a_cell_runs_the_librarys_and_the_tests_text_as_they_are_on_disk(
    notebook: Notebook, tagger: Path
) -> None:
    tests = tagger.parent / "checks"
    write(tests / "conftest.py", "import pytest\n@pytest.fixture\ndef two(): return 2\n")
    write(tests / "test_tagger.py", TEST.format(word="one"))
    notebook.done("import tagger")
    cell = PYTEST.format(what=str(tests))
    assert "1 passed" in notebook.done(cell).stdout
    say(tagger, "two")
    failed = notebook.done(cell).stdout
    assert "1 failed" in failed
    assert "assert 'two' == 'one'" in failed, "pytest's rewriting says what the values were"
    write(tests / "test_tagger.py", TEST.format(word="two") + "def test_more(two):\n    assert two == 2\n")
    assert "2 passed" in notebook.done(cell).stdout
    assert notebook.value("tagger.tag()") == "'two'"


def test_tests_inside_the_library_are_run_as_they_are_on_disk(notebook: Notebook, tagger: Path) -> None:
    write(tagger / "tests" / "__init__.py", "")
    write(tagger / "tests" / "test_tag.py", TEST.format(word="one"))
    notebook.done("import tagger")
    cell = PYTEST.format(what=str(tagger))
    assert "1 passed" in notebook.done(cell).stdout
    say(tagger, "two")
    write(tagger / "tests" / "test_tag.py", TEST.format(word="two") + "    assert len(said) == 3\n")
    assert "1 passed" in notebook.done(cell).stdout


def test_a_test_file_that_is_broken_is_pytests_to_report(notebook: Notebook, tagger: Path) -> None:
    tests = tagger.parent / "checks"
    write(tests / "test_tagger.py", TEST.format(word="one"))
    notebook.done("import tagger")
    cell = PYTEST.format(what=str(tests))
    notebook.done(cell)
    write(tests / "test_tagger.py", "def test_tag(:\n")
    assert "1 error" in notebook.done(cell).stdout


HOOK = """
import importlib.machinery, importlib.abc, sys
class Shouting(importlib.machinery.SourceFileLoader):
    def source_to_code(self, data, path, **options):
        return super().source_to_code(bytes(data).replace(b"one", b"ONE"), path, **options)
class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if name == "tagger.words":
            spec.loader = Shouting(name, spec.origin)
            return spec
sys.meta_path.insert(0, Finder())
"""


def test_a_module_that_another_import_hook_has_loaded_is_refused_by_name_when_it_changes(
    notebook: Notebook, tagger: Path
) -> None:
    notebook.done(HOOK)
    assert notebook.value("import tagger\ntagger.tag()") == "'ONE'"
    say(tagger, "two")
    refused = notebook.run("tagger.tag()")
    assert refused.ename == "RestartNeeded"
    assert refused.evalue.startswith("words.py changed: tagger.words was loaded by __main__.Shouting")
    say(tagger, "one")
    assert notebook.value("tagger.tag()") == "'ONE'"


def test_a_hook_that_comes_later_keeps_its_place_and_loses_nothing(notebook: Notebook, tagger: Path) -> None:
    write(tagger / "other.py", "def tag(): return 'other'\n")
    notebook.done("import tagger.other")
    notebook.done(HOOK)
    write(tagger / "other.py", "def tag(): return 'changed'\n")
    assert notebook.value("tagger.other.tag()") == "'changed'"
    assert notebook.value("type(sys.meta_path[0]).__name__") == "'Finder'"
