"""The Jupyter server's side of jupyterlab-autoegg: the daemon's life, its state for the browser, the start-up of kernels."""

from __future__ import annotations

from typing import Any

__version__ = "0.1.0"


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "jupyterlab-autoegg"}]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    # Imported here: asking for the labextension's path must not load the server.
    from .app import AutoeggExtension

    return [{"module": "jupyterlab_autoegg", "app": AutoeggExtension}]
