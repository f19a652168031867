"""What the package index shows: the README with links that lead somewhere, and the project's addresses, from one field.

``repository`` under ``[tool.hatch.metadata.hooks.custom]`` in pyproject.toml is the address of the repository on a code host. While it is
empty there are no addresses, and the page has no pictures and no links into the repository: they would lead nowhere.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_PICTURE = re.compile(r"^!\[([^\]]*)\]\((?!https?:)([^)]+)\)\n?", re.MULTILINE)
_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((?!https?:|#)([^)]+)\)")


class ProjectPage(MetadataHookInterface):
    """Hatch calls it for every build, and for an editable install."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Sets ``readme`` and ``urls`` in place."""
        repository = self.config.get("repository", "").rstrip("/")
        text = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        metadata["readme"] = {"content-type": "text/markdown", "text": page(text, repository)}
        metadata["urls"] = urls(repository)


def page(readme: str, repository: str) -> str:
    """The README as it can stand elsewhere than in the repository; all of it without a picture or a dead link if that has no address."""
    if not repository:
        return _LINK.sub(r"\1", _PICTURE.sub("", readme))
    pictures = _PICTURE.sub(rf"![\1]({repository}/raw/HEAD/\2)\n", readme)
    return _LINK.sub(rf"[\1]({repository}/blob/HEAD/\2)", pictures)


def urls(repository: str) -> dict[str, str]:
    """The addresses on the package's page."""
    if not repository:
        return {}
    return {
        "Repository": repository,
        "Documentation": f"{repository}/blob/HEAD/README.md",
        "Changelog": f"{repository}/blob/HEAD/CHANGELOG.md",
        "Issues": f"{repository}/issues",
    }
