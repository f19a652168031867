"""What every part of the library says: the version that runs, and where its code came from."""

VERSION = "v1"


def say(version: str) -> str:
    """The caller's version and where this module was loaded from; both must be of one version."""
    place = "egg" if ".egg/" in __file__ else "disk"
    return f"{version} {place}" if version == VERSION else f"{version} calls {VERSION}"


def word(*row: object) -> str:
    return say("v1")
