"""Every refusal of the kernel shim: one class per remedy, one sentence each, with file and line where there is one."""

from __future__ import annotations


class AutoeggError(ImportError):
    """A cell or task was refused. ``str()`` is the one line that a person reads.

    An ImportError, because the code cannot be delivered to where it should run.
    """

    def __init__(self, message: str, *, file: str | None = None, line: int | None = None) -> None:
        super().__init__(message)
        self.file = file
        self.line = line

    def _render_traceback_(self) -> list[str]:
        # IPython prints this instead of a traceback of ours (interactiveshell.py, showtraceback).
        return [f"{type(self).__name__}: {self}"]


class LibraryBroken(AutoeggError):
    """The library's code on disk does not compile or cannot be imported; the last good version stays loaded."""


class LibraryMissing(AutoeggError):
    """The library's files are missing or cannot be read."""


class LibraryRefused(AutoeggError):
    """A path that must not be a library."""


class LibraryUnsettled(AutoeggError):
    """Files kept changing while they were read."""


class LibraryChanged(AutoeggError):
    """Files changed in the middle of a cell, so that driver and workers could not run one version of them."""


class ShipFailed(AutoeggError):
    """Spark did not accept the eggs, so its workers could not be updated to the code on disk.

    ``gone``: because the target does not answer; nothing can run there either until it does.
    """

    def __init__(
        self, message: str, *, file: str | None = None, line: int | None = None, gone: bool = False
    ) -> None:
        super().__init__(message, file=file, line=line)
        self.gone = gone


class DaemonUnavailable(AutoeggError):
    """No daemon can be reached or started."""


class StoreUnwritable(DaemonUnavailable):
    """The daemon has found something new on disk and has no room for its eggs."""


class StoreDamaged(AutoeggError):
    """What the daemon keeps of a version is missing or damaged; it is rebuilt when a cell begins."""


class VersionMissing(AutoeggError):
    """A version that cannot be had here: it is unknown, or its files are not kept any more."""


class RestartNeeded(AutoeggError):
    """The change cannot be applied to a running interpreter (an extension module, for one)."""


class Interrupted(AutoeggError):
    """The user interrupted the check before the cell."""

    def __init__(self, message: str = "", *, file: str | None = None, line: int | None = None) -> None:
        super().__init__(
            message or "interrupted while the library was being updated; the cell was not run",
            file=file,
            line=line,
        )


class InternalError(AutoeggError):
    """A bug in autoegg; its cause is kept."""

    def __init__(
        self, error: BaseException | str, *, file: str | None = None, line: int | None = None
    ) -> None:
        if isinstance(error, BaseException):
            error = (
                f"the check before the cell failed ({type(error).__name__}: {error}), so the cell was not run; "
                "`%autoegg log` has the details, `%autoegg off` switches the check off"
            )
        super().__init__(error, file=file, line=line)
