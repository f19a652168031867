"""Stands for the editor in the demo: changes the library's files on disk and shows what it changed.

    python edit.py domain | break | repair | reset

The first three are the same as typing into src/tagscrape/image.py by hand; the last puts the file back as it was in the beginning.
"""

import difflib
import sys
from pathlib import Path

HERE = Path(__file__).parent
FILE = HERE / "src" / "tagscrape" / "image.py"
ORIGINAL = HERE / "image.py.original"

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
    """Makes one of the edits and returns it as a diff; a sentence where the file is not as it expects, which is left alone then."""
    before = FILE.read_text(encoding="utf-8")
    if name == "reset":
        after = ORIGINAL.read_text(encoding="utf-8")
    else:
        changes = EDITS[name]
        if name != "repair" and all(new in before for _, new in changes):
            return f"{FILE.name} has this edit already."
        if not all(old in before for old, _ in changes):
            return (
                f"{FILE.name} has been changed by hand, so there is nothing to do here; "
                "`edit.py reset` puts it back."
            )
        after = before
        for old, new in changes:
            after = after.replace(old, new)
    if after == before:
        return f"{FILE.name} is as it was in the beginning."
    FILE.write_text(after, encoding="utf-8")
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), FILE.name, FILE.name, lineterm="", n=0
    )
    return "\n".join(lines)


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in (*EDITS, "reset"):
        raise SystemExit(__doc__)
    print(edit(sys.argv[1]))
