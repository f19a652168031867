"""What all tests share: temporary files of their own."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def _temporary_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Kernels are killed in tests, and leave folders behind until the next one of the same user comes: here they go
    with the run. A short path, because sockets lie in it; ``tmp_path`` stays where it is.
    """
    tmp_path_factory.getbasetemp()
    before = os.environ.get("TMPDIR")
    folder = tempfile.mkdtemp(prefix="ae-")
    os.chmod(folder, 0o711)  # some tests run a process as another user
    os.environ["TMPDIR"], tempfile.tempdir = folder, None
    yield
    tempfile.tempdir = None
    if before is None:
        del os.environ["TMPDIR"]
    else:
        os.environ["TMPDIR"] = before
    shutil.rmtree(folder, ignore_errors=True)
