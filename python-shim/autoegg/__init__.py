"""Keeps the driver and Spark's Python workers on exactly the library code that is on disk.

In a notebook: ``%load_ext autoegg`` (JupyterLab does it by itself), then ``%autoegg`` or the functions here. In a plain
program: ``autoegg.ship(spark)``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from autoegg.kernel.proof import Proof
    from autoegg.versions.results import Compared

__version__ = "0.1.0"
__all__ = ["compare", "load_ipython_extension", "ship", "status", "tag", "unload_ipython_extension", "verify"]


def load_ipython_extension(shell: Any) -> None:
    """``%load_ext autoegg``; loading twice changes nothing."""
    from autoegg.kernel import actions, session  # noqa: F401 - actions is what the browser's requests name

    session.load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """``%unload_ext autoegg``."""
    from autoegg.kernel import session

    session.unload()


def ship(spark: Any = None) -> str:
    """Ships now and says in one sentence what driver and workers run.

    In a notebook with the extension loaded, all local libraries; in a plain program the library of the calling frame (or
    those imported by it, when the caller is not part of one), to the given session or context.
    """
    import sys

    loaded = sys.modules.get("autoegg.kernel.loaded")
    if loaded is not None and loaded.is_loaded():
        from autoegg.kernel.actions import ship_sentence

        return ship_sentence()
    from autoegg import program

    return program.ship(spark, sys._getframe(1))


def status() -> str:
    """What is kept up to date here, one line per library."""
    from autoegg.kernel.loaded import current
    from autoegg.kernel.status import status_text

    return status_text(current().sync)


def tag(thing: Any) -> Any:
    """Commits of Delta and Iceberg tables name the versions of your libraries that wrote them.

    ``tag(spark)``: from now on, and with each later version, in what this session writes: Delta's user metadata, of SQL too; Iceberg's
    snapshot summary for ``df.write.format("iceberg").save(...)``. Returns a sentence. Settings that you change later stay as you set them.

    ``tag(df.write)``, ``tag(df.writeTo(table))``: in this write, also to Iceberg with ``saveAsTable``, ``insertInto`` and ``writeTo``.
    Returns the writer. (A table of another format keeps them as its properties.)

    Raises:
        AutoeggError: nothing is shipped to the session, or you have given Delta's commits a text of your own.
    """
    from autoegg.spark import commits

    return commits.tag(thing)


def compare(function: Callable[[], Any], first: str, second: str = "now", *, limit: int = 10_000) -> Compared:
    """The results of ``function()`` on two versions of the library, side by side: what only one of them gives, in any order.

    Each version is named by its first digits, ``now`` is the code that runs now. The first one is run twice, to tell whether results
    vary by themselves. DataFrames are computed while driver and workers are on their version.

    Raises:
        AutoeggError: a version cannot be had, or there are more than ``limit`` rows.
    """
    from autoegg.kernel.compare import compare as run
    from autoegg.kernel.loaded import current

    return run(current(), function, first, second, limit)


def verify(spark: Any = None, timeout: float = 10.0) -> Proof:
    """Asks driver and executors which versions they run; see ``autoegg.kernel.proof.verify``."""
    from autoegg.kernel.proof import verify as ask

    return ask(spark, timeout)
