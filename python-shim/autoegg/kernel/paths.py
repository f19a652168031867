"""Which libraries a path stands for that a person has named."""

from __future__ import annotations

from pathlib import Path

from autoegg.errors import LibraryRefused
from autoegg.protocol import LibrarySpec


def libraries_at(path: Path) -> list[LibrarySpec]:
    """The libraries that a path stands for: a module's file, a package's directory, or a project that holds packages.

    Raises LibraryRefused when there is none.
    """
    real = path.resolve()
    if real.is_file() and real.suffix == ".py":
        return [LibrarySpec(real.stem, "module", str(real))]
    if (real / "__init__.py").is_file():
        return [LibrarySpec(real.name, "package", str(real))]
    for folder in (real / "src", real):
        packages = (
            sorted(init.parent for init in folder.glob("*/__init__.py")) if real != Path(real.anchor) else []
        )
        if packages and real != Path.home().resolve():
            return [LibrarySpec(package.name, "package", str(package)) for package in packages]
    if not real.exists():
        raise LibraryRefused(f"{path}: no such file or directory", file=str(path))
    raise LibraryRefused(
        f"{path} holds no package of its own: name a package's directory, a module's .py file or a project's directory",
        file=str(path),
    )
