"""Configuration for the UI tests only: no token, no protection against other pages."""

import os

from jupyterlab.galata import configure_jupyter_server

c = get_config()  # type: ignore[name-defined]  # noqa: F821
configure_jupyter_server(c)
c.ServerApp.ip = "127.0.0.1"
c.ServerApp.port = int(os.environ["AUTOEGG_UI_PORT"])
c.ServerApp.allow_root = os.getuid() == 0
c.ServerApp.jpserver_extensions = {"jupyterlab_autoegg": os.environ["AUTOEGG_UI_KIND"] != "scripted"}
c.JupyterNotebookApp.expose_app_in_browser = True
