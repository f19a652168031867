"""``autoegg enable``: every IPython of an environment loads the extension, and afterwards none does, without a trace."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

SHIM = Path(__file__).resolve().parents[2] / "python-shim"

LOADED = "print('autoegg' in get_ipython().extension_manager.loaded)"

OVERRIDES = 'c = get_config()\nc.InteractiveShellApp.extensions = ["storemagic"]\n'


@dataclass
class Environment:
    """A virtual environment with IPython, and the IPython folder of its user."""

    prefix: Path
    ipython: Path

    def __post_init__(self) -> None:
        self.config = self.prefix / "etc" / "ipython" / "ipython_config.py"
        self.profile = self.ipython / "profile_default" / "ipython_config.py"

    def run(self, *arguments: str, shim: bool = True, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("AUTOEGG", "IPYTHON", "PYTHON", "VIRTUAL_ENV"))
        }
        environment |= {
            "IPYTHONDIR": str(self.ipython),
            **({"PYTHONPATH": str(SHIM)} if shim else {}),
            **variables,
        }
        return subprocess.run(
            [self.prefix / "bin" / "python", *arguments],
            cwd=self.prefix.parent,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def autoegg(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        # Without Node.js: none of this needs it.
        return self.run("-m", "autoegg", *arguments, PATH="/nowhere")

    def ipython_says(self, code: str = LOADED, *options: str, shim: bool = True, **variables: str) -> str:
        """What a starting IPython prints, on both streams."""
        done = self.run("-m", "IPython", *options, "-c", code, shim=shim, **variables)
        return done.stdout + done.stderr

    def wrote(self, text: str, path: Path | None = None) -> Path:
        path = path or self.profile
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        return path


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """Without the extension, unless the shim's folder is on the path."""
    return make(tmp_path)


def make(folder: Path) -> Environment:
    prefix = folder / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", prefix], check=True, timeout=120)
    (packages,) = prefix.glob("lib/python*/site-packages")
    installed = folder / "installed"
    installed.mkdir()
    for origin in (Path(entry) for entry in sys.path if entry.endswith("site-packages")):
        for entry in origin.iterdir():
            if (
                "autoegg" not in entry.name
                and entry.suffix != ".pth"
                and not (installed / entry.name).exists()
            ):
                (installed / entry.name).symlink_to(entry)
    (packages / "installed.pth").write_text(f"{installed}\n")
    return Environment(prefix, folder / "ipython")


@pytest.mark.parametrize("option", ["", "--env", "--user"])
def test_ipython_loads_the_extension_after_enable_and_no_more_after_disable(
    environment: Environment, option: str
) -> None:
    options = [option] if option else []
    assert environment.ipython_says() == "False\n"
    enabled = environment.autoegg("enable", *options)
    assert (enabled.returncode, enabled.stderr) == (0, "")
    assert str(environment.profile if option == "--user" else environment.config) in enabled.stdout
    assert environment.ipython_says() == "True\n"
    assert "already enabled" in environment.autoegg("enable", *options).stdout
    assert environment.autoegg("disable", *options).returncode == 0
    assert environment.ipython_says() == "False\n"
    assert not environment.config.exists() and not environment.profile.exists()
    again = environment.autoegg("disable")
    assert again.returncode == 0 and "was not enabled" in again.stdout


def test_disable_without_an_option_takes_back_both(environment: Environment) -> None:
    environment.autoegg("enable", "--user")
    environment.autoegg("enable", "--env")
    assert environment.ipython_says() == "True\n"
    environment.autoegg("disable")
    assert environment.ipython_says() == "False\n"


def test_a_kernel_without_autoegg_or_with_it_disabled_starts_as_ever(
    environment: Environment,
) -> None:
    environment.autoegg("enable", "--user")
    assert environment.ipython_says(shim=False) == "False\n"
    assert environment.ipython_says(AUTOEGG_DISABLE="1") == "False\n"


@pytest.mark.parametrize(
    "own",
    [
        "c = get_config()\nc.InteractiveShellApp.exec_lines = ['mine = 5']\n",
        "c.InteractiveShellApp.exec_lines = ['mine = 5']",
        "c.InteractiveShellApp.extensions = ['storemagic']\r\nc.InteractiveShellApp.exec_lines = ['mine = 5']\r\n",
        "c.InteractiveShellApp.extensions = ('storemagic',)\nc.InteractiveShellApp.exec_lines = ['mine = 5']\n\n\n",
        "c.InteractiveShellApp.extensions = ['autoegg']\nc.InteractiveShellApp.exec_lines = ['mine = 5']\n",
    ],
)
def test_what_was_in_the_file_before_works_on_and_stays_to_the_byte(
    environment: Environment, own: str
) -> None:
    file = environment.wrote(own)
    file.chmod(0o640)
    assert environment.autoegg("enable", "--user").returncode == 0
    assert environment.ipython_says(f"{LOADED}; print(mine)") == "True\n5\n"
    assert environment.autoegg("disable").returncode == 0
    assert file.read_bytes().decode() == own
    assert file.stat().st_mode & 0o777 == 0o640


def test_lines_that_were_added_after_ours_stay_lines(environment: Environment) -> None:
    file = environment.wrote("first = 1")
    environment.autoegg("enable", "--user")
    with file.open("a") as stream:
        stream.write("last = 2\n")
    environment.autoegg("disable", "--user")
    assert file.read_text() == "first = 1\nlast = 2\n"


def test_a_file_that_is_a_link_stays_one(environment: Environment, tmp_path: Path) -> None:
    kept = environment.wrote("mine = 1\n", tmp_path / "dotfiles" / "ipython_config.py")
    environment.profile.parent.mkdir(parents=True)
    environment.profile.symlink_to(kept)
    environment.autoegg("enable", "--user")
    assert environment.profile.is_symlink() and "autoegg" in kept.read_text()
    environment.autoegg("disable", "--user")
    assert kept.read_text() == "mine = 1\n"


def test_half_of_our_lines_is_refused_with_file_and_line(environment: Environment) -> None:
    environment.autoegg("enable", "--user")
    lines = environment.profile.read_text().splitlines(keepends=True)
    left = environment.wrote("mine = 1\n" + "".join(lines[:-1]))
    for command in ("enable", "disable"):
        done = environment.autoegg(command, "--user")
        assert done.returncode == 1
        (said,) = done.stderr.splitlines()
        assert said.startswith(f"autoegg: {left}, line 2: ") and "lack their end" in said
    assert left.read_text() == "mine = 1\n" + "".join(lines[:-1])


def test_a_profile_that_overrides_the_list_is_named(environment: Environment) -> None:
    overriding = environment.wrote(OVERRIDES, environment.ipython / "profile_spark" / "ipython_config.py")
    environment.wrote("c.InteractiveShellApp.extensions.append('storemagic')\n")
    assert environment.autoegg("status").returncode == 0
    said = environment.autoegg("enable")
    assert said.returncode == 1
    (sentence,) = said.stderr.splitlines()
    assert 'profile "spark"' in sentence and f"{overriding}, line 2," in sentence
    # The sentence is true of both.
    assert environment.ipython_says() == "True\n"
    assert environment.ipython_says(LOADED, "--profile=spark") == "False\n"
    status = environment.autoegg("status")
    assert status.returncode == 1 and status.stderr == said.stderr
    assert "loaded by kernels with the IPython profile default" in status.stdout.splitlines()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ipython_kernel_config.py", "c.IPKernelApp.extensions = []\n"),
        ("ipython_config.json", json.dumps({"InteractiveShellApp": {"extensions": []}})),
    ],
)
def test_every_file_that_ipython_reads_counts(environment: Environment, name: str, text: str) -> None:
    file = environment.wrote(text, environment.profile.with_name(name))
    assert str(file) in environment.autoegg("enable").stderr


def test_a_file_that_ipython_cannot_read_is_named(environment: Environment) -> None:
    file = environment.wrote("mine = 1\nif mine:\n")
    said = environment.autoegg("enable", "--user")
    assert said.returncode == 1
    assert f"cannot read {file}, line " in said.stderr


def test_where_nothing_can_be_written_a_sentence_says_what_to_do(environment: Environment) -> None:
    (environment.prefix / "etc").write_text("")
    said = environment.autoegg("enable")
    assert said.returncode == 1
    (sentence,) = said.stderr.splitlines()
    assert str(environment.config.parent) in sentence and "try `--user`" in sentence


def test_an_environment_without_ipython_is_refused(environment: Environment, tmp_path: Path) -> None:
    for entry in tmp_path.glob("installed/*"):
        entry.unlink()
    said = environment.autoegg("enable")
    assert said.returncode == 1 and "IPython is not installed in the environment" in said.stderr
    assert not environment.config.exists()


def test_only_one_place_can_be_named(environment: Environment) -> None:
    said = environment.autoegg("enable", "--user", "--env")
    assert said.returncode == 2 and "usage: autoegg enable" in said.stderr
