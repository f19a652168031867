"""One wheel installs everything: the shim, the server extension, the daemon, the plugin and the server's configuration."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    # What `npm run build` has made is packed as it is.
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--quiet",
            "--no-deps",
            "--no-build-isolation",
            "-w",
            str(folder),
            str(ROOT),
        ],
        check=True,
        env={**os.environ, "HATCH_JUPYTER_BUILDER_SKIP_NPM": "1"},
    )
    (built,) = folder.glob("jupyterlab_autoegg-*.whl")
    return built


def test_the_wheel_holds_every_part(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for wanted in (
        "autoegg/__init__.py",
        "autoegg/worker/bootstrap.py",
        "jupyterlab_autoegg/__init__.py",
        "jupyterlab_autoegg/daemon.cjs",
        "jupyterlab_autoegg/cli.cjs",
        "jupyterlab_autoegg/startup/autoegg_startup.py",
        "jupyterlab_autoegg/events/state.v1.yaml",
    ):
        assert wanted in names
    data = {name.partition(".data/data/")[2] for name in names if ".data/data/" in name}
    assert "etc/jupyter/jupyter_server_config.d/jupyterlab_autoegg.json" in data
    extension = "share/jupyter/labextensions/jupyterlab-autoegg"
    assert {f"{extension}/package.json", f"{extension}/install.json"} <= data
    assert any(name.startswith(f"{extension}/static/remoteEntry.") for name in data)
    assert f"{extension}/schemas/jupyterlab-autoegg/plugin.json" in data


def test_nothing_of_the_workshop_is_in_the_wheel(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert not [
        name for name in names if "node_modules" in name or name.startswith(("tests/", "src/", "lib/"))
    ]
    assert len(names) == len(set(names))


def test_the_daemon_of_the_wheel_runs_where_it_is_installed(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site packages"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    library = tmp_path / "own"
    library.mkdir()
    (library / "__init__.py").write_text("")
    program = (
        "from autoegg.daemon.link import DaemonLink\n"
        "from autoegg.protocol import LibrarySpec\n"
        "link = DaemonLink()\n"
        f"key = link.open(LibrarySpec('own', 'package', {str(library)!r}))\n"
        "print(link.barrier({key: None})[key].delivery is not None)\n"
        "link.close()\n"
    )
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("AUTOEGG", "PYTHON"))
    }
    environment |= {"PYTHONPATH": str(site), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    done = subprocess.run(
        [sys.executable, "-S", "-c", program],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout == "True\n", done.stderr


def test_the_command_line_of_the_wheel_runs_where_it_is_installed(wheel: Path, tmp_path: Path) -> None:
    python = tmp_path / "env" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "env"], check=True, timeout=120)
    install = [
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        str(wheel),
    ]
    subprocess.run([sys.executable, *install], check=True, timeout=120)
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "__init__.py").write_text("")
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("AUTOEGG", "PYTHON"))
    }
    done = subprocess.run(
        [python.with_name("autoegg"), "ls", "own"],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("own (package): 1 file, 0 bytes")


def test_the_page_of_the_package_leads_nowhere_that_is_not_there(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        text = archive.read(name).decode()
    assert "# jupyterlab-autoegg" in text
    assert "](docs/" not in text and "![" not in text
    assert "Project-URL" not in text


def test_with_an_address_the_page_has_its_pictures_and_links() -> None:
    spec = importlib.util.spec_from_file_location("project_page", ROOT / "scripts" / "project_page.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    readme = "![The panel](docs/images/a.png)\n[limits](docs/limits.md), [a site](https://example.org), [here](#limits)\n"
    assert module.page(readme, "https://example.org/x") == (
        "![The panel](https://example.org/x/raw/HEAD/docs/images/a.png)\n"
        "[limits](https://example.org/x/blob/HEAD/docs/limits.md), [a site](https://example.org), [here](#limits)\n"
    )
    assert module.page(readme, "") == "limits, [a site](https://example.org), [here](#limits)\n"
    assert (
        module.urls("") == {}
        and module.urls("https://example.org/x")["Repository"] == "https://example.org/x"
    )
