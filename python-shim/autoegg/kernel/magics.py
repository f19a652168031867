"""``%autoegg``: status, and the switches that a person needs without a browser; ``%%autoegg at``."""

from __future__ import annotations

import shlex
from collections.abc import Collection
from pathlib import Path
from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, magics_class

from autoegg.errors import AutoeggError
from autoegg.kernel import sentences
from autoegg.kernel.actions import ship_sentence
from autoegg.kernel.at import run_at
from autoegg.kernel.loaded import Loaded
from autoegg.kernel.proof import verify
from autoegg.kernel.status import status_text
from autoegg.kernel.using import use, versions_text

_USAGE = "%autoegg [status | ship | reload [NAME] | on | off | verify | check on|off | add PATH | remove NAME | log | versions [NAME] | use VERSION... | record on|off]"

_ARGUMENTS: dict[str, Collection[int]] = {
    "add": (1,),
    "check": (1,),
    "remove": (1,),
    "record": (1,),
    "reload": (0, 1),
    "use": range(1, 100),
    "versions": (0, 1),
}
"""How many a verb has; others have none."""


@magics_class
class AutoeggMagics(Magics):
    """The magic and its verbs."""

    def __init__(self, shell: Any, parts: Loaded) -> None:
        super().__init__(shell)
        self._parts = parts

    @line_cell_magic
    def autoegg(self, line: str, cell: str | None = None) -> Any:
        """Show or change what keeps the driver and Spark workers up to date with the code on disk.

        %autoegg                list the libraries that are kept up to date
        %autoegg ship           build, reload and send them to Spark now
        %autoegg verify         ask the driver and every executor which version they run
        %autoegg log            show what each save changed
        %autoegg versions       list the versions that this or an earlier kernel has run
        %autoegg use VERSION    run that version until `%autoegg use now`; of several libraries, name several versions
        %autoegg record on      record below each cell what it ran on, for notebooks that run without a browser; `off` stops it
        %autoegg off            leave this notebook alone; `%autoegg on` resumes
        %autoegg add PATH       add a library that was not detected
        %autoegg remove NAME    stop managing a library
        %autoegg check on       for debugging: make each task prove what it has loaded; `off` stops it

        %%autoegg at VERSION    run this cell on that version, driver and workers, and go back afterwards, also when it fails
        """
        if cell is not None:
            return self._at(line, cell)
        try:
            verb, *arguments = shlex.split(line) or ["status"]
        except ValueError:  # a quote that is not closed
            raise UsageError(_USAGE) from None
        action = getattr(self, f"_{verb}", None)
        if action is None or len(arguments) not in _ARGUMENTS.get(verb, (0,)):
            raise UsageError(_USAGE)
        try:
            return action(*arguments)
        except AutoeggError as refusal:
            print(f"{type(refusal).__name__}: {refusal}")
            return None

    def _at(self, line: str, cell: str) -> Any:
        verb, *versions = line.split() or [""]
        if verb != "at" or not versions:
            raise UsageError("%%autoegg at VERSION...")
        return run_at(self.shell, self._parts, versions, cell)

    def _status(self) -> None:
        print(status_text(self._parts.sync))

    def _ship(self) -> None:
        print(ship_sentence())

    def _reload(self, name: str | None = None) -> None:
        libraries, report = self._parts.sync.run_again_whole(name)
        count = len(report.whole)
        print(
            f"{', '.join(libraries)}: {count} {'module was' if count == 1 else 'modules were'} run again as a whole"
        )
        for sentence in report.lines:
            print(sentence)

    def _on(self) -> None:
        self._parts.sync.enabled = self._parts.sync.configured = True
        self._parts.comm.publish()
        print("autoegg is on: from the next cell on, driver and workers run the code on disk")

    def _off(self) -> None:
        self._parts.sync.enabled, self._parts.sync.configured = False, True
        self._parts.comm.publish()
        print("autoegg is off: cells run what is loaded; `%autoegg on` resumes")
        if (last := self._parts.sync.received.last()) is not None:
            print(last)

    def _verify(self) -> Any:
        return verify(None)

    def _check(self, word: str) -> None:
        if word not in ("on", "off"):
            raise UsageError(_USAGE)
        self._parts.sync.delivering.check = word == "on"
        print(
            "from the next cell on, each task checks that everything it has loaded belongs to the shipped version, and fails otherwise (slower)"
            if word == "on"
            else "tasks no longer check what they have loaded"
        )

    def _add(self, path: str) -> None:
        for library in self._parts.sync.add_at(Path(path).expanduser().absolute()):
            print(f"{library.name} ({library.spec.path}) is kept up to date from now on")

    def _remove(self, name: str) -> None:
        gone = self._parts.sync.remove(name)
        print(sentences.removed(name) if gone else sentences.unknown(name))

    def _versions(self, name: str | None = None) -> None:
        print(versions_text(self._parts.sync, name))

    def _use(self, *versions: str) -> None:
        print(use(self._parts.sync, versions))
        self._parts.comm.publish()

    def _record(self, word: str) -> None:
        if word not in ("on", "off"):
            raise UsageError(_USAGE)
        self._parts.recording.on = word == "on"

    def _log(self) -> None:
        parts = [self._parts.sync.journal.text, self._parts.log.text]
        print("\n".join(part for part in parts if part) or "nothing has been reloaded yet")
