"""What a person reads after ``%autoegg verify``: who differs, who did not answer, and what to do."""

from __future__ import annotations

from pathlib import Path

from kernel_notebook import Notebook

from autoegg.kernel.proof import Proof
from autoegg.spark import Row

NEW, OLD = "7a21" + "0" * 60, "3f9c" + "0" * 60
DRIVER = Row("driver", "driver", "here", 1, "tagger", NEW, True)


def test_equal_versions_are_said_to_agree() -> None:
    proof = Proof([DRIVER, Row("executor", "0", "node", 7, "tagger", NEW, True)])
    assert proof.agree
    assert repr(proof).splitlines()[-1] == "driver and executors agree"
    assert "not the driver's" not in repr(proof)


def test_a_process_on_another_version_is_named_with_the_cure() -> None:
    proof = Proof([DRIVER, Row("executor", "1", "node", 8, "tagger", OLD, True)])
    assert not proof.agree
    row, verdict, problem = repr(proof).splitlines()[1:]
    assert row.endswith("not the driver's")
    assert verdict == "driver and executors do not agree:"
    assert problem == (
        "executor 1 (process 8 on node) runs tagger 3f9c, the driver 7a21: run `%autoegg ship` and verify again; if that "
        "does not help, restart the Spark session"
    )
    assert "not the driver&#x27;s" in proof._repr_html_() and problem in proof._repr_html_()


def test_an_executor_that_was_not_reached_is_named_once_with_what_it_ran_last() -> None:
    silent = [
        Row("executor", "2", "node", None, library, None, False, last)
        for library, last in (("tagger", OLD[:16]), ("front", None))
    ]
    proof = Proof([DRIVER, Row("driver", "driver", "here", 1, "front", NEW, True), *silent])
    assert not proof.agree
    assert repr(proof).splitlines()[-1] == (
        "executor 2 on node did not answer in time (its last finished task ran tagger 3f9c): it is busy or lost; verify again "
        "when its tasks have ended"
    )


def test_a_driver_that_runs_no_one_version_is_named() -> None:
    proof = Proof(
        [
            Row("driver", "driver", "here", 1, "tagger", None, True),
            Row("executor", "0", "n", 7, "tagger", NEW, True),
        ]
    )
    assert not proof.agree
    assert "the driver has modules from different versions of tagger loaded" in repr(proof)


def test_with_nothing_shipped_nothing_is_claimed() -> None:
    assert "nothing to compare" in repr(Proof())


def test_the_executor_of_local_mode_is_not_called_the_driver() -> None:
    workers = Row("executor", "driver", "here", 7, "tagger", NEW, True)
    assert repr(Proof([DRIVER, workers])).splitlines()[1].startswith("workers ")


def test_without_spark_the_driver_alone_is_looked_at(notebook: Notebook, tagger: Path) -> None:
    notebook.done("import tagger")
    said = notebook.run("%autoegg verify")
    assert said.ok and "there is no Spark session yet" in (said.value or "")
    assert "ShipFailed" not in said.stdout


def test_the_magic_lists_its_commands(notebook: Notebook) -> None:
    shown = notebook.value("get_ipython().find_line_magic('autoegg').__doc__")
    for command in ("ship", "verify", "log", "off", "on", "add PATH", "remove NAME", "check on"):
        assert command in shown
