"""The journal's own texts, without a kernel."""

from __future__ import annotations

from dataclasses import dataclass, field

from autoegg.kernel.journal import SHORT_LINE, Journal, short_line
from autoegg.reload import Execution, Report


@dataclass
class LaterReport(Report):
    """A report with a kind of news that the journal has no words for."""

    frozen_things: list[tuple[str, int]] = field(default_factory=list)


def surprising(count: int) -> Report:
    return Report(
        modules=["lib.a"],
        old_layout=[(f"lib.a.VeryLongClassName{number}", number + 1) for number in range(count)],
    )


def test_nothing_surprising_nothing_said() -> None:
    assert short_line(Report(modules=["lib.a"], executed=["lib.a"])) == []


def test_many_surprises_are_one_line_that_says_how_many_more_there_are() -> None:
    (line,) = short_line(surprising(20))
    assert "\n" not in line
    assert len(line) < SHORT_LINE + 60
    told = line.count("memory layout")
    assert line.endswith(f"({20 - told} more: `%autoegg log`)")


def test_one_surprise_is_reported_in_full_however_long() -> None:
    report = Report(modules=["lib.a"], dropped=[("lib.b", "why " * 100)])
    (line,) = short_line(report)
    assert line == report.lines[0]


def test_the_entry_has_every_name_and_both_versions() -> None:
    journal = Journal()
    journal.note(surprising(20), 0.0, {"lib": ("aaaabbbb", "ccccdddd"), "new": (None, "eeeeffff")})
    assert "reloaded lib aaaa → cccc, new ? → eeee in" in journal.text
    assert all(f"{number + 1} of lib.a.VeryLongClassName{number}" in journal.text for number in range(20))


def test_news_that_the_journal_has_no_words_for_is_shown_under_its_own_name() -> None:
    journal = Journal()
    journal.note(LaterReport(modules=["lib.a"], frozen_things=[("lib.a.X", 3)]), 0.0)
    assert "    frozen things: lib.a.X · 3" in journal.text


def test_a_reload_that_found_nothing_to_do_leaves_no_entry() -> None:
    journal = Journal()
    assert journal.note(Report(), 0.0) == []
    assert journal.text == ""
    assert journal.last is None


def test_old_entries_make_room() -> None:
    journal = Journal(capacity=3)
    for number in range(9):
        journal.note(Report(modules=[f"lib.m{number}"]), 0.0)
    assert journal.text.count("reloaded") == 3
    assert "lib.m8" in journal.text


def test_each_statement_that_ran_has_a_line_with_its_reason() -> None:
    journal = Journal()
    ran = [Execution("lib.a", number, "x is a different object", f"y{number} = x") for number in range(1, 31)]
    journal.note(Report(modules=["lib.a"], executed=["lib.a"], ran=ran), started=0.0)
    lines = journal.text.splitlines()
    assert "        lib.a, line 3: y3 = x (x is a different object)" in lines
    assert lines[-1] == "        and 10 more"
