"""Re-ship on save: the patch of a save is compiled and given to Spark at once, so that the next cell only has to switch.

Nothing here is needed for correctness: the next cell's barrier checks the disk itself.
"""

from __future__ import annotations

import logging

from autoegg.errors import AutoeggError
from autoegg.kernel.blame import blaming
from autoegg.kernel.delivery import Delivering
from autoegg.kernel.library import Library
from autoegg.kernel.reading import Reading
from autoegg.kernel.unimported import Unimported
from autoegg.protocol import Delivery
from autoegg.spark import live_targets
from autoegg.versions.version import Version

_log = logging.getLogger("autoegg")


def take_notice(
    library: Library,
    delivery: Delivery,
    reading: Reading,
    unimported: Unimported,
    delivering: Delivering | None,
) -> None:
    """Follows one notice of the daemon; ``delivering`` is None when saves are not to be shipped early.

    A loaded file that does not compile is not shipped; the library shows it, and the cell that comes is refused with it.
    """
    if library.version is None:
        return  # the first cell takes all of it; there is nothing yet that could be switched
    if delivery.version == library.version.name:
        library.ahead, library.failure = None, None
        return
    library.ahead = delivery.version
    version = Version(library.spec, delivery)
    versions = {library.spec: version}
    try:
        with reading.pending(versions), blaming([library]):
            unimported.check(version.files_that_differ_from(library.version))
            library.failure = None
            if delivering is not None:
                for target in delivering.reachable(live_targets()):
                    delivering.give(target, [library], versions)
    except AutoeggError as refusal:
        _log.info("on save: %s", refusal)
