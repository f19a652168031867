"""Which kernels load the extension in the end: what IPython's own loaders make of its configuration files, profile by profile.

Nothing is guessed from the text of the files: they are Python, may include others, and are run here in the order in
which a kernel runs them. No profile is created, unlike with IPython's own application.
"""

from __future__ import annotations

import ast
import contextlib
import sys
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autoegg.enabling import EXTENSION


@dataclass(frozen=True)
class Profile:
    """What the kernels of one IPython profile do.

    ``found`` says in one clause which file keeps them from loading the extension that another one names, and ``cure`` what
    to do; both are None where nothing does.
    """

    name: str
    loads: bool
    found: str | None = None
    cure: str | None = None


def profiles(folder: Path) -> list[Profile]:
    """The default profile, and every other one in IPython's own ``folder``. Raises ImportError where there is no IPython."""
    application = _application()
    names = {path.name.removeprefix("profile_") for path in folder.glob("profile_*") if path.is_dir()}
    return [
        _profile(application, name, folder / f"profile_{name}")
        for name in ["default", *sorted(names - {"default"})]
    ]


def _profile(application: Any, name: str, folder: Path) -> Profile:
    from traitlets.config import Config

    config, listed = Config(), False
    kept_off = Profile(name, False)
    for file, loader in _files(application, folder):
        try:
            # What it prints is not part of our answer.
            with contextlib.redirect_stdout(sys.stderr):
                config.merge(loader.load_config())
            now = EXTENSION in _extensions(application, config)
        except (Exception, SystemExit) as error:
            # IPython continues without such a file. It matters if that file should load the extension.
            if EXTENSION.encode() in file.read_bytes():
                line = error.lineno if isinstance(error, SyntaxError) else None
                found = f"IPython cannot read {_place(file, line)} ({type(error).__name__}: {error})"
                kept_off = Profile(
                    name, False, found, "correct it: until then IPython ignores the whole file"
                )
            continue
        if listed and not now:
            found = f"{_place(file, _line_that_sets(file))} sets a list of extensions that lacks autoegg"
            kept_off = Profile(
                name, False, found, f'put "{EXTENSION}" into that list, or append to the list there'
            )
        listed = now
    return Profile(name, True) if listed else kept_off


def _place(file: Path, line: int | None) -> str:
    return str(file) if line is None else f"{file}, line {line},"


def _application() -> Any:
    """The class that starts kernels, or that of a terminal where there is no ipykernel."""
    try:
        from ipykernel.kernelapp import IPKernelApp

        return IPKernelApp
    except ImportError:
        from IPython.terminal.ipapp import TerminalIPythonApp

        return TerminalIPythonApp


def _files(application: Any, profile: Path) -> Iterator[tuple[Path, Any]]:
    """The files that there are, in the order in which ``BaseIPythonApplication.load_config_file`` merges them."""
    from IPython.core.application import ENV_CONFIG_DIRS, SYSTEM_CONFIG_DIRS

    for name in dict.fromkeys(("ipython_config", f"{application.name.replace('-', '_')}_config")):
        for folder in reversed([profile, *map(Path, ENV_CONFIG_DIRS), *map(Path, SYSTEM_CONFIG_DIRS)]):
            for suffix, kind in (
                (".py", application.python_config_loader_class),
                (".json", application.json_config_loader_class),
            ):
                if (folder / f"{name}{suffix}").is_file():
                    yield folder / f"{name}{suffix}", kind(f"{name}{suffix}", path=str(folder))


def _extensions(application: Any, config: Any) -> list[str]:
    """The list that a kernel with this configuration has: sections of derived classes come before those of their bases."""
    from traitlets.config import Config

    wanted = Config()
    for section in application.section_names():
        if section in config and "extensions" in config[section]:
            wanted[section].extensions = deepcopy(config[section].extensions)
    return list(application(config=wanted).extensions)


def _line_that_sets(file: Path) -> int | None:
    """Where the file assigns ``….extensions``, as far as its text shows."""
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None
    lines = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Attribute) and target.attr == "extensions"
    ]
    return max(lines, default=None)
