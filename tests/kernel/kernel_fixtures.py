"""Fixtures of all tests with real kernels: notebooks that end with their test, and a library to edit beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from kernel_library import Open, write
from kernel_notebook import SHIM, Notebook

_DAEMON = SHIM / "jupyterlab_autoegg" / "daemon.cjs"


@pytest.fixture(scope="session", autouse=True)
def daemon_is_built() -> None:
    if not _DAEMON.is_file():
        pytest.exit("the daemon is not built: run `npm run build:daemon` first", returncode=1)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str | None]:
    """Caches of the test's own, so that nothing of the user's is touched."""
    return {"XDG_CACHE_HOME": str(tmp_path / "cache"), "IPYTHONDIR": str(tmp_path / "ipython")}


@pytest.fixture
def open_notebook(tmp_path: Path, environment: dict[str, str | None]) -> Iterator[Open]:
    notebooks: list[Notebook] = []

    def open_one(
        cwd: Path | None = None, env: Mapping[str, str | None] | None = None, load: bool = True
    ) -> Notebook:
        notebook = Notebook(cwd or tmp_path, {**environment, **(env or {})}, load)
        notebooks.append(notebook)
        return notebook

    yield open_one
    for notebook in notebooks:
        notebook.close()


@pytest.fixture
def notebook(open_notebook: Open) -> Notebook:
    return open_notebook()


@pytest.fixture
def tagger(tmp_path: Path) -> Path:
    """A small package beside the notebook: ``tagger.words.tag()`` says ``one``."""
    write(tmp_path / "tagger" / "__init__.py", "from tagger.words import tag\n")
    write(
        tmp_path / "tagger" / "words.py",
        """
        def tag():
            return "one"
        """,
    )
    return tmp_path / "tagger"
