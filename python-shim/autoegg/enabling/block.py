"""A few marked lines at the end of a user's configuration file, which can be removed completely."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

_BEGIN = b"# >>> autoegg >>>"
_END = b"# <<< autoegg <<<"

_LINES = (
    _BEGIN + b" made by `autoegg enable`; `autoegg disable` removes these lines",
    b"try:",
    b"    from autoegg.enabling import add_to",
    b"except ImportError:",
    b"    pass  # a kernel of another environment",
    b"else:",
    b"    add_to(get_config())",
    _END,
)


class BlockDamaged(Exception):
    """The block has a beginning but no end, so it is unknown which lines are ours. ``str()`` is one sentence."""


def is_in(file: Path) -> bool:
    """Whether the block, as it is or as an earlier release wrote it, is in the file. Raises OSError, BlockDamaged."""
    content = _content(file)
    return content is not None and _without(file, content) != content


def put_into(file: Path) -> bool:
    """Writes the block to the end of the file, which is created if needed; False if it is already correct.

    Raises OSError, BlockDamaged.
    """
    before = _content(file)
    own = b"" if before is None else _without(file, before)
    newline = b"\r\n" if b"\r\n" in own else b"\n"
    after = own + (newline if own else b"") + newline.join(_LINES) + newline
    if after == before:
        return False
    file.parent.mkdir(parents=True, exist_ok=True)
    _write(file, after)
    return True


def take_out_of(file: Path) -> bool:
    """Leaves the file as it was before; False if the block is not in it. A file that contains nothing else is removed.

    Raises OSError, BlockDamaged.
    """
    before = _content(file)
    after = None if before is None else _without(file, before)
    if before is None or after is None or before == after:
        return False
    if after:
        _write(file, after)
    else:
        file.unlink()
    return True


def _content(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None


def _without(file: Path, content: bytes) -> bytes:
    """The content as it was before the block was put in."""
    kept: list[bytes] = []
    begun: int | None = None
    lines = content.splitlines(keepends=True)
    for number, line in enumerate(lines, 1):
        if line.startswith(_BEGIN):
            if begun is not None:
                raise _damaged(file, begun, "end")
            begun = number
        elif line.startswith(_END):
            if begun is None:
                raise _damaged(file, number, "beginning")
            begun = None
            # Takes back the line break that was put in front of the block; one that ends a line of the user's stays if lines follow.
            if kept and (number == len(lines) or not kept[-1].strip()):
                kept[-1] = kept[-1].removesuffix(b"\n").removesuffix(b"\r")
        elif begun is None:
            kept.append(line)
    if begun is not None:
        raise _damaged(file, begun, "end")
    return b"".join(kept)


def _damaged(file: Path, line: int, missing: str) -> BlockDamaged:
    return BlockDamaged(
        f"{file}, line {line}: autoegg's lines lack their {missing}; remove the rest of them by hand"
    )


def _write(file: Path, content: bytes) -> None:
    """All or nothing, and through a link: configuration often is one, into a folder under version control."""
    real = Path(os.path.realpath(file))
    handle, name = tempfile.mkstemp(prefix=f".{real.name}.", dir=real.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        if real.exists():
            shutil.copymode(real, name)
        else:
            mask = os.umask(0)
            os.umask(mask)
            os.chmod(name, 0o666 & ~mask)
        os.replace(name, real)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
