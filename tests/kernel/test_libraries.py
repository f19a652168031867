"""Which code counts as the user's own, and what happens when it goes wrong on disk."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from kernel_library import Open, say, write
from kernel_notebook import Notebook


def names(notebook: Notebook) -> set[str]:
    return {library["name"] for library in notebook.action("state()")["state"]["libraries"]}


def test_installed_packages_are_not_local(notebook: Notebook, tagger: Path) -> None:
    notebook.done("import json, IPython, jupyter_client, tagger")
    assert names(notebook) == {"tagger"}


def test_a_module_beside_the_notebook_is_a_library_of_one_file(notebook: Notebook, tmp_path: Path) -> None:
    write(tmp_path / "helpers.py", "def f():\n    return 1\n")
    write(tmp_path / "unrelated.py", "this is not python\n")
    notebook.done("import helpers")
    (library,) = notebook.action("state()")["state"]["libraries"]
    assert (library["name"], library["kind"], library["files"]) == ("helpers", "module", 1)
    write(tmp_path / "helpers.py", "def f():\n    return 22\n")
    assert notebook.value("helpers.f()") == "22"


def test_a_namespace_package_is_its_local_portion(notebook: Notebook, tmp_path: Path) -> None:
    write(tmp_path / "acme" / "billing" / "rates.py", "RATE = 1\n")
    notebook.done("import acme.billing.rates as rates")
    (library,) = notebook.action("state()")["state"]["libraries"]
    assert (library["name"], library["kind"]) == ("acme", "namespace")
    write(tmp_path / "acme" / "billing" / "rates.py", "RATE = 22\n")
    assert notebook.value("rates.RATE") == "22"


def test_a_library_imported_only_inside_a_function_is_found(notebook: Notebook, tagger: Path) -> None:
    notebook.done("def later():\n    import tagger\n    return tagger.tag()")
    assert names(notebook) == {"tagger"}


def test_a_library_imported_only_inside_a_function_is_found_once_its_folder_is_on_the_path(
    notebook: Notebook, tmp_path: Path
) -> None:
    write(tmp_path / "elsewhere" / "helpers.py", "def f():\n    return 1\n")
    notebook.done(
        f"import sys\nsys.path.insert(0, {str(tmp_path / 'elsewhere')!r})\n"
        "def later():\n    import helpers\n    return helpers.f()"
    )
    assert names(notebook) == {"helpers"}


def test_a_library_that_a_library_imports_only_inside_a_function_is_found(
    notebook: Notebook, tagger: Path, tmp_path: Path
) -> None:
    write(tmp_path / "front" / "__init__.py", "def f():\n    from tagger import tag\n    return tag()\n")
    notebook.done("import front")
    assert names(notebook) == {"front", "tagger"}


def test_two_libraries_of_which_one_imports_the_other_change_together(
    notebook: Notebook, tagger: Path, tmp_path: Path
) -> None:
    write(
        tmp_path / "front" / "__init__.py", "from tagger import tag\ndef f():\n    return 'front ' + tag()\n"
    )
    notebook.done("import front")
    write(
        tmp_path / "front" / "__init__.py",
        "from tagger import label\ndef f():\n    return 'front ' + label()\n",
    )
    write(tagger / "__init__.py", "from tagger.words import label\n")
    write(tagger / "words.py", "def label():\n    return 'label'\n")
    assert notebook.value("front.f()") == "'front label'"


def test_a_module_in_the_home_directory_is_fine_and_the_home_directory_is_not_a_library(
    open_notebook: Open, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    write(home / "helpers.py", "def f():\n    return 1\n")
    notebook = open_notebook(home, {"HOME": str(home)})
    notebook.done("import helpers")
    write(home / "helpers.py", "def f():\n    return 22\n")
    assert notebook.value("helpers.f()") == "22"
    write(home / "__init__.py", "")
    refused = notebook.run(f"%autoegg add {home}")
    assert "LibraryRefused" in refused.stdout
    assert str(home) in refused.stdout


def test_what_must_not_be_a_library_is_refused_with_the_reason(notebook: Notebook, tmp_path: Path) -> None:
    environment = tmp_path / "environment"
    write(environment / "pyvenv.cfg", "home = /usr\n")
    write(environment / "__init__.py", "")
    site_packages = tmp_path / "lib" / "site-packages"
    write(site_packages / "__init__.py", "")
    for path in ("/", str(environment), str(site_packages), str(tmp_path / "nothing-here")):
        said = notebook.run(f"%autoegg add '{path}'").stdout
        assert said.startswith("LibraryRefused"), said
        assert path in said


def test_libraries_are_added_and_removed_by_hand(notebook: Notebook, tagger: Path, tmp_path: Path) -> None:
    write(tmp_path / "project" / "src" / "extra" / "__init__.py", "")
    notebook.done("import tagger")
    notebook.done("%autoegg add project")
    assert names(notebook) == {"tagger", "extra"}
    notebook.done("%autoegg remove tagger")
    assert names(notebook) == {"extra"}
    say(tagger, "two")
    assert notebook.value("tagger.tag()") == "'one'"
    notebook.done("%autoegg add tagger")
    assert notebook.value("tagger.tag()") == "'two'"


@pytest.mark.parametrize(
    "cell",
    [
        "import tagger",
        "from tagger import tag",
        "%%time\nimport tagger.words as w",
        "def later():\n    import tagger",
        "import sys; sys.modules.pop('tagger'); sys.modules.pop('tagger.words'); __import__('tag' + 'ger').tag()",
        "from tagger import late",
    ],
)
def test_a_library_that_was_removed_and_is_imported_again_is_kept_current_again(
    notebook: Notebook, tagger: Path, cell: str
) -> None:
    write(tagger / "late.py", "")
    notebook.done("import tagger")
    notebook.done("%autoegg remove tagger")
    say(tagger, "two")
    assert notebook.value("tagger.tag()") == "'one'"
    told = notebook.done(cell).stderr + notebook.done("pass").stderr
    assert told.count("tagger is kept up to date again, because it was imported again") == 1, told
    assert names(notebook) == {"tagger"}
    assert notebook.value("import tagger; tagger.tag()") == "'two'"
    say(tagger, "three")
    assert notebook.value("tagger.tag()") == "'three'"


def test_one_that_is_gone_is_reported_and_blocks_nothing(
    notebook: Notebook, tagger: Path, tmp_path: Path
) -> None:
    notebook.done("import tagger")
    tagger.rename(tmp_path / "elsewhere")
    notebook.done("%autoegg remove tagger")
    told = "".join(notebook.done("import tagger").stderr for _ in range(2))
    assert told.count(f"is not kept up to date: {tagger} does not exist") == 1, told
    (tmp_path / "elsewhere").rename(tagger)
    say(tagger, "two")
    assert notebook.value("import tagger\ntagger.tag()") == "'two'"


def test_a_paused_library_keeps_its_version_until_it_is_resumed(notebook: Notebook, tagger: Path) -> None:
    notebook.done("import tagger")
    answer = notebook.action('set_library("tagger", False)')
    assert answer["ok"]
    assert answer["state"]["libraries"][0]["condition"] == "paused"
    say(tagger, "two")
    assert notebook.value("tagger.tag()") == "'one'"
    notebook.action('set_library("tagger", True)')
    assert notebook.value("tagger.tag()") == "'two'"
    assert not notebook.action('set_library("nothing", True)')["ok"]


def test_a_library_that_vanishes_refuses_cells_until_it_is_back(
    notebook: Notebook, tagger: Path, tmp_path: Path
) -> None:
    notebook.done("import tagger")
    tagger.rename(tmp_path / "elsewhere")
    refused = notebook.run("tagger.tag()")
    assert refused.ename == "LibraryMissing"
    assert str(tagger) in refused.evalue
    (tmp_path / "elsewhere").rename(tagger)
    assert notebook.value("tagger.tag()") == "'one'"


def test_a_link_that_points_elsewhere_is_followed(notebook: Notebook, tmp_path: Path) -> None:
    for release in ("one", "two"):
        say(tmp_path / "releases" / release / "linked", release)
        write(tmp_path / "releases" / release / "linked" / "__init__.py", "from linked.words import tag\n")
    link = tmp_path / "linked"
    link.symlink_to(tmp_path / "releases" / "one" / "linked")
    assert notebook.value("import linked\nlinked.tag()") == "'one'"
    link.unlink()
    link.symlink_to(tmp_path / "releases" / "two" / "linked")
    assert notebook.value("linked.tag()") == "'two'"
    say(tmp_path / "releases" / "two" / "linked", "three")
    assert notebook.value("linked.tag()") == "'three'"


def test_a_module_that_becomes_a_package_and_back_is_the_same_library(
    notebook: Notebook, tmp_path: Path
) -> None:
    write(tmp_path / "helpers.py", "def f():\n    return 1\n")
    notebook.done("import helpers\nfrom helpers import f")
    (tmp_path / "helpers.py").unlink()
    write(tmp_path / "helpers" / "__init__.py", "from helpers.more import f\n")
    write(tmp_path / "helpers" / "more.py", "def f():\n    return 22\n")
    assert notebook.value("helpers.f(), f()") == "(22, 22)"
    write(tmp_path / "helpers" / "more.py", "def f():\n    return 333\n")
    assert notebook.value("helpers.f(), f()") == "(333, 333)"
    shutil.rmtree(tmp_path / "helpers")
    write(tmp_path / "helpers.py", "def f():\n    return 4\n")
    assert notebook.value("helpers.f(), f()") == "(4, 4)"
    assert names(notebook) == {"helpers"}


def test_a_file_that_cannot_be_read_refuses_the_cell_and_is_named(notebook: Notebook, tagger: Path) -> None:
    write(tagger / "data.txt", "x")
    notebook.done("import tagger")
    (tagger / "data.txt").unlink()
    # A link to itself cannot be read by anyone, root included.
    (tagger / "words.py").unlink()
    os.symlink("words.py", tagger / "words.py")
    refused = notebook.run("tagger.tag()")
    assert refused.ename in ("LibraryMissing", "LibraryBroken"), refused
    assert "words" in refused.evalue
    (tagger / "words.py").unlink()
    say(tagger, "two")
    assert notebook.value("tagger.tag()") == "'two'"


def test_a_removed_submodule_is_gone_from_the_driver(notebook: Notebook, tagger: Path) -> None:
    write(tagger / "extra.py", "X = 1\n")
    notebook.done("import tagger.extra")
    (tagger / "extra.py").unlink()
    gone = notebook.run("import tagger.extra")
    assert gone.ename in ("ModuleNotFoundError", "ImportError", "LibraryBroken"), gone


def test_deleting_and_restoring_a_file_between_cells_loses_nothing(notebook: Notebook, tagger: Path) -> None:
    notebook.done("from tagger import tag")
    shutil.move(tagger / "words.py", tagger.parent / "words.stash")
    assert notebook.run("tag()").ename == "LibraryBroken"
    shutil.move(tagger.parent / "words.stash", tagger / "words.py")
    assert notebook.value("tag()") == "'one'"


def test_an_editable_install_is_local(open_notebook: Open, tmp_path: Path) -> None:
    source = tmp_path / "elsewhere" / "src"
    write(source / "editable" / "__init__.py", "def f():\n    return 1\n")
    site_packages = tmp_path / "venv" / "site-packages"
    write(site_packages / "editable.pth", f"{source}\n")
    notebook = open_notebook()
    notebook.done(f"import site; site.addsitedir({str(site_packages)!r}); import editable")
    assert names(notebook) == {"editable"}
    write(source / "editable" / "__init__.py", "def f():\n    return 22\n")
    assert notebook.value("editable.f()") == "22"


def test_nothing_is_written_into_the_users_tree(notebook: Notebook, tagger: Path) -> None:
    before = {path.relative_to(tagger) for path in tagger.rglob("*") if "__pycache__" not in path.parts}
    notebook.done("import tagger")
    say(tagger, "two")
    notebook.done("tagger.tag()")
    after = {path.relative_to(tagger) for path in tagger.rglob("*") if "__pycache__" not in path.parts}
    assert after == before


def test_a_notebook_without_local_code_is_left_alone(notebook: Notebook) -> None:
    assert notebook.value("1 + 1") == "2"
    assert notebook.run("%autoegg").stdout.endswith("no local library imported yet\n")


def test_without_java_spark_says_what_to_install_and_the_driver_is_kept_current(
    open_notebook: Open, tmp_path: Path, tagger: Path
) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in ("bash", "dirname", "env", "ps", "sh", "uname", "cat", "node"):
        found = shutil.which(tool)
        assert found is not None, tool
        (tools / tool).symlink_to(found)
    notebook = open_notebook(env={"PATH": str(tools), "JAVA_HOME": None})
    failed = notebook.run("from pyspark.sql import SparkSession\nSparkSession.builder.getOrCreate()")
    assert not failed.ok
    assert "autoegg: Spark needs Java" in failed.stderr
    notebook.done("import tagger")
    say(tagger, "two")
    assert notebook.value("tagger.tag()") == "'two'"


def test_code_that_cannot_be_a_library_is_said_once_and_never_in_the_way(
    open_notebook: Open, tmp_path: Path
) -> None:
    environment = tmp_path / "env"
    write(environment / "pyvenv.cfg", "home = /usr\n")
    write(environment / "__init__.py", "")
    notebook = open_notebook()
    first = notebook.done("import env\n1")
    second = notebook.done("2")
    told = first.stderr + second.stderr + notebook.done("3").stderr
    assert told.count("env is not kept up to date") == 1, told
    assert "virtual environment" in told


@pytest.mark.parametrize(
    ("loaded", "appears"), [("lib.py", "lib/__init__.py"), ("lib/part.py", "lib/__init__.py")]
)
def test_a_module_or_namespace_that_an_import_would_no_longer_find_is_refused(
    notebook: Notebook, tmp_path: Path, loaded: str, appears: str
) -> None:
    write(tmp_path / loaded, "X = 1\n")
    name = "lib" if loaded == "lib.py" else "lib.part"
    notebook.done(f"import {name}")
    write(tmp_path / appears, "")
    refused = notebook.run("1")
    assert refused.ename == "RestartNeeded"
    assert appears in refused.evalue
    (tmp_path / appears).unlink()
    assert notebook.value(f"{name}.X") == "1"


def test_a_removed_library_is_listed_as_such_and_comes_back_with_its_versions(
    notebook: Notebook, tagger: Path
) -> None:
    notebook.done("import tagger")
    say(tagger, "two")
    notebook.done("tagger.tag()")
    before = notebook.action("state()")["state"]["libraries"][0]
    assert before["version"]
    removed = notebook.action("remove('tagger')")["state"]
    assert removed["libraries"] == []
    assert removed["removed"] == [{"name": "tagger", "path": str(tagger)}]
    listed = notebook.run("%autoegg").stdout
    assert "tagger  not kept up to date" in listed and "no local library imported yet" not in listed
    back = notebook.action("restore('tagger')")
    assert back["ok"], back
    assert back["state"]["removed"] == []
    library = back["state"]["libraries"][0]
    assert len(library["history"]) == 2 and library["version"] == before["version"]
    say(tagger, "three")
    assert notebook.value("tagger.tag()") == "'three'"
    assert not notebook.action("restore('nothing')")["ok"]


def test_a_kernel_says_whether_somebody_has_chosen_its_settings(notebook: Notebook) -> None:
    assert notebook.action("state()")["state"]["configured"] is False
    assert notebook.action("set_enabled(False)")["state"]["configured"] is True


def test_the_status_line_counts_files_in_plain_english(notebook: Notebook, tmp_path: Path) -> None:
    write(tmp_path / "helpers.py", "")
    notebook.done("import helpers")
    assert " 1 file," in notebook.run("%autoegg").stdout
