"""``autoegg enable``, ``disable`` and ``status`` on the command line. None of them needs Node.js."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from autoegg.enabling import block
from autoegg.enabling.profiles import Profile, profiles

COMMANDS = ("enable", "disable", "status")

_ABOUT = {
    "enable": "Makes every IPython kernel load autoegg: of JupyterLab, gateways, VS Code, papermill and the terminal.",
    "disable": "Takes back what `autoegg enable` has written: for the environment and the user if no option says which.",
    "status": "Says whether kernels load autoegg, and which IPython profile keeps them from it.",
}
_WHOSE = {"environment": f"the environment {sys.prefix}", "user": "the user"}


class _Refusal(Exception):
    """Nothing was done. ``str()`` is one sentence."""


def main(arguments: list[str]) -> int:
    """Runs one of COMMANDS. Returns 0: done; 1: refused, or something needs a remedy; 2: the command line is wrong."""
    command = arguments[0]
    try:
        options = _parser(command).parse_args(arguments[1:])
    except SystemExit as end:
        return int(end.code or 0)
    folder = Path(os.environ.get("IPYTHONDIR") or "~/.ipython").expanduser()
    places = {
        "environment": Path(sys.prefix, "etc", "ipython", "ipython_config.py"),
        "user": folder / "profile_default" / "ipython_config.py",
    }
    try:
        if command == "enable":
            return _enable(places, options.place or "environment", folder)
        if command == "disable":
            return _disable(places, [options.place] if options.place else list(places))
        return _status(places, folder, options.json)
    except (_Refusal, block.BlockDamaged) as refusal:
        print(f"autoegg: {refusal}", file=sys.stderr)
        return 1


def _parser(command: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(f"autoegg {command}", description=_ABOUT[command], allow_abbrev=False)
    if command == "status":
        parser.add_argument("--json", action="store_true", help="as data")
        return parser
    place = parser.add_mutually_exclusive_group()
    for option, value, told in (
        ("--env", "environment", f"for kernels of the environment {sys.prefix}"),
        (
            "--user",
            "user",
            "for your own kernels in every environment that has autoegg, with IPython's default profile",
        ),
    ):
        place.add_argument(option, dest="place", action="store_const", const=value, help=told)
    return parser


def _enable(places: dict[str, Path], name: str, folder: Path) -> int:
    _profiles(folder)  # refuses before anything is written
    if _change(block.put_into, places[name], name):
        print(f"autoegg is enabled for {_WHOSE[name]}: {places[name]}")
        print("Each kernel loads it when it starts; restart running kernels.")
    else:
        print(f"autoegg was already enabled for {_WHOSE[name]}: {places[name]}")
    return _tell(_profiles(folder))


def _disable(places: dict[str, Path], names: list[str]) -> int:
    gone = [name for name in names if _change(block.take_out_of, places[name], name)]
    for name in gone:
        print(f"autoegg is no longer enabled for {_WHOSE[name]}: {places[name]}")
    if not gone:
        print(f"autoegg was not enabled for {' or '.join(_WHOSE[name] for name in names)}.")
    return 0


def _status(places: dict[str, Path], folder: Path, as_data: bool) -> int:
    enabled = {name: _change(block.is_in, file, name) for name, file in places.items()}
    found = _profiles(folder)
    if as_data:
        data = {
            **{name: {"file": str(file), "enabled": enabled[name]} for name, file in places.items()},
            "profiles": [asdict(profile) for profile in found],
        }
        print(json.dumps(data, indent=2))
        return 1 if any(profile.found for profile in found) else 0
    for name, file in places.items():
        print(f"{'enabled' if enabled[name] else 'not enabled'} for {_WHOSE[name]}: {file}")
    for loads, told in ((True, "loaded"), (False, "not loaded")):
        names = [profile.name for profile in found if profile.loads is loads]
        if names:
            print(f"{told} by kernels with the IPython profile {', '.join(names)}")
    if not any(enabled.values()):
        print("Kernels that JupyterLab or Notebook starts load autoegg anyway.")
    return _tell(found)


def _tell(found: list[Profile]) -> int:
    kept_off = [profile for profile in found if profile.found]
    for profile in kept_off:
        print(
            f'autoegg: kernels with the IPython profile "{profile.name}" do not load autoegg: {profile.found}; {profile.cure}',
            file=sys.stderr,
        )
    return 1 if kept_off else 0


def _profiles(folder: Path) -> list[Profile]:
    try:
        return profiles(folder)
    except ImportError:
        raise _Refusal(
            f"IPython is not installed in the environment {sys.prefix}: install autoegg where your kernels run, and run it there"
        ) from None


def _change(act: Callable[[Path], bool], file: Path, name: str) -> bool:
    try:
        return act(file)
    except OSError as error:
        cure = "try `--user`" if name == "environment" else "make it a file that you can write"
        raise _Refusal(f"{error.filename or file}: {error.strerror}; {cure}") from None
