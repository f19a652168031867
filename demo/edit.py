"""Stands for the editor in the demo: changes the library's files on disk and shows what it changed.

    python edit.py domain | break | repair

Each edit is the same as typing it into src/tagscrape/image.py by hand.
"""

import difflib
import sys
from pathlib import Path

FILE = Path(__file__).parent / "src" / "tagscrape" / "image.py"

IMPORT = "from tagscrape.jpeg import jpeg_size\n"
TAG = "        self.tag = tag\n"

WITH_IMPORT = "from urllib.parse import urlsplit\n\n" + IMPORT
WITH_DOMAIN = TAG + "        self.domain = urlsplit(url).hostname\n"
BROKEN = TAG.replace("= tag", "= (tag")

EDITS = {
    "domain": [(IMPORT, WITH_IMPORT), (TAG, WITH_DOMAIN)],
    "break": [(TAG, BROKEN)],
    "repair": [(BROKEN, TAG)],
}


def edit(name: str) -> str:
    """Makes one of the edits and returns it as a diff."""
    before = after = FILE.read_text(encoding="utf-8")
    for old, new in EDITS[name]:
        if old not in after:
            raise SystemExit(
                f"{FILE.name} does not hold the line {old.strip()!r}: was this edit made before?"
            )
        after = after.replace(old, new)
    FILE.write_text(after, encoding="utf-8")
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), FILE.name, FILE.name, lineterm="", n=0
    )
    return "\n".join(lines)


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in EDITS:
        raise SystemExit(__doc__)
    print(edit(sys.argv[1]))
