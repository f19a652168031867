"""JupyterHub for its UI test only: whoever names herself is let in, and her server runs as the user of the test."""

import os
import socket
import sys
from pathlib import Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


files = Path.cwd()
c = get_config()  # type: ignore[name-defined]  # noqa: F821
c.JupyterHub.bind_url = f"http://127.0.0.1:{os.environ['AUTOEGG_UI_PORT']}/"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{free_port()}"
c.JupyterHub.db_url = f"sqlite:///{files.parent / 'hub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(files.parent / "cookie_secret")
c.ConfigurableHTTPProxy.command = [os.environ["AUTOEGG_UI_PROXY"]]
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{free_port()}"
c.ConfigurableHTTPProxy.pid_file = str(files.parent / "proxy.pid")
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = str(files.parent / "home")
c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
c.Spawner.args = [
    "--allow-root",
    "--LabApp.expose_app_in_browser=True",
    "--ServerApp.jpserver_extensions={'jupyterlab_autoegg': True}",
]
c.Spawner.notebook_dir = str(files)
c.Spawner.default_url = "/lab/tree/hub-project/notebook.ipynb"
c.Spawner.environment = {
    name: value
    for name, value in os.environ.items()
    if name.startswith(("JUPYTER_", "PYTHON", "IPYTHON", "SPARK_", "XDG_"))
}
c.Spawner.start_timeout = c.Spawner.http_timeout = 180
