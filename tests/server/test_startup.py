"""What kernels, terminals and old Pythons get from the start-up file and the bootstrap code."""

from __future__ import annotations

import ast
import json
import site
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_process import SHIM, JupyterProcess, StartServer, evaluate, make_environment

STARTUP = SHIM / "jupyterlab_autoegg" / "startup" / "autoegg_startup.py"
IS_LOADED = "'autoegg' in get_ipython().extension_manager.loaded"
OUR_NAMES = "[name for name in globals() if 'autoegg' in name]"


# --- outside kernels ---------------------------------------------------------------------------------------------------


def test_the_file_keeps_to_what_python_2_7_can_parse() -> None:
    """Every kind of node that the file uses is one that 2.7's grammar has; annotations and the like are not.

    (Python 2.7.18 and 3.6.15 compiled it when this list was written.)
    """
    source = STARTUP.read_bytes()
    assert source.isascii()
    tree = ast.parse(source)
    known = {
        "Add", "And", "Assign", "Attribute", "BinOp", "BoolOp", "Call", "Compare", "Constant", "Delete", "Del", "Dict",
        "ExceptHandler", "Expr", "For", "FunctionDef", "If", "Import", "ImportFrom", "Is", "Load", "Lt", "Mod", "Module",
        "Name", "Not", "NotEq", "Eq", "NotIn", "Or", "Raise", "Return", "Store", "Subscript", "Try", "Tuple",
        "UnaryOp", "With", "alias", "arguments", "arg", "keyword", "withitem",
    }  # fmt: skip
    assert {type(node).__name__ for node in ast.walk(tree)} <= known
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            assert not node.args.args and not node.args.kwonlyargs and node.returns is None
        if isinstance(node, ast.Raise):
            assert node.cause is None
        if isinstance(node, ast.Constant):
            assert node.value is None or isinstance(node.value, (str, int))


def plain_python(home: Path, typed: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """``python`` in a terminal of the server, with ``typed`` typed in."""
    environment = {**make_environment(home), "PYTHONSTARTUP": str(STARTUP), **variables}
    return subprocess.run(
        [sys.executable, "-q", "-i"], input=typed, env=environment, capture_output=True, text=True, timeout=60
    )


def test_python_in_a_terminal_is_left_alone(tmp_path: Path) -> None:
    typed = "import sys; print([n for n in globals() if 'autoegg' in n], 'autoegg' in sys.modules)\n"
    done = plain_python(tmp_path, typed)
    assert done.stdout == "[] False\n"
    # An interactive Python writes its prompts there, and nothing else.
    assert done.stderr.replace(">>> ", "").strip() == ""


def test_python_in_a_terminal_still_runs_the_users_own_file(tmp_path: Path) -> None:
    own = tmp_path / "own.py"
    own.write_text("mine = __file__\n", "utf-8")
    done = plain_python(tmp_path, "print(mine)\n", AUTOEGG_NEXT_PYTHONSTARTUP=str(own))
    assert done.stdout == f"{own}\n"


def test_an_error_in_the_users_own_file_is_shown_as_ever(tmp_path: Path) -> None:
    own = tmp_path / "own.py"
    own.write_text("early = 1\nundefined_name\n")
    typed = "print(early, [n for n in globals() if 'autoegg' in n])\n"
    done = plain_python(tmp_path, typed, AUTOEGG_NEXT_PYTHONSTARTUP=str(own))
    assert done.stdout == "1 []\n"
    assert f'File "{own}", line 2' in done.stderr
    assert "NameError" in done.stderr


def test_a_file_that_is_gone_or_that_is_ours_is_not_run(tmp_path: Path) -> None:
    for other in (tmp_path / "gone.py", STARTUP):
        done = plain_python(tmp_path, "print('well')\n", AUTOEGG_NEXT_PYTHONSTARTUP=str(other))
        assert done.stdout == "well\n"
        assert done.stderr.replace(">>> ", "").strip() == ""


def test_an_extension_that_fails_costs_one_line_and_not_the_kernel(tmp_path: Path) -> None:
    (tmp_path / "autoegg.py").write_text(
        "def load_ipython_extension(shell):\n    raise ValueError('two\\nlines')\n"
    )
    script = (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        f"shell.safe_execfile({str(STARTUP)!r}, shell.user_ns, raise_exceptions=True)\n"
        "print('well')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=make_environment(tmp_path, tmp_path), capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.stdout == "well\n"
    assert done.stderr == (
        "autoegg is not active in this kernel (ValueError: two lines); run `%load_ext autoegg` to try again.\n"
    )


# --- kernels of a server -----------------------------------------------------------------------------------------------


def environment_without_the_package(folder: Path) -> str:
    """Another virtual environment's Python, with all packages of this one except for ours."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True, timeout=60)
    packages = folder / "packages"
    packages.mkdir()
    for origin in {path for path in sys.path if path in site.getsitepackages()}:
        for entry in Path(origin).iterdir():
            if (
                "autoegg" not in entry.name
                and entry.suffix != ".pth"
                and not (packages / entry.name).exists()
            ):
                (packages / entry.name).symlink_to(entry)
    (own,) = folder.glob("lib/python*/site-packages")
    (own / "shared.pth").write_text(f"{packages}\n")
    return str(folder / "bin" / "python")


def add_kernel(home: Path, name: str, python: str, **variables: str) -> None:
    folder = home / "data" / "kernels" / name
    folder.mkdir(parents=True)
    argv = [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (folder / "kernel.json").write_text(
        json.dumps({"argv": argv, "display_name": name, "language": "python", "env": variables})
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user with a PYTHONSTARTUP file and kernels of several kinds."""
    home = tmp_path_factory.mktemp("user")
    (home / "own.py").write_text("mine = 'from my own start-up file'\n")
    add_kernel(home, "python3", sys.executable)
    add_kernel(home, "disabled", sys.executable, AUTOEGG_DISABLE="1")
    # As PySpark kernelspecs do.
    (home / "spec.py").write_text("mine = 'from the kernelspec'\n")
    add_kernel(home, "own-startup", sys.executable, PYTHONSTARTUP=str(home / "spec.py"))
    bare = environment_without_the_package(home / "other-environment")
    add_kernel(home, "bare", bare, PYTHONPATH="")
    add_kernel(
        home, "bare-own-startup", bare, PYTHONPATH="", PYTHONSTARTUP=str(home / "spec.py"), AUTOEGG_SHIM="",
    )  # fmt: skip
    return home


@pytest.fixture(scope="module")
def user_server(home: Path, start_module_server: StartServer) -> JupyterProcess:
    return start_module_server(home=home, environment={"PYTHONSTARTUP": str(home / "own.py")})


@pytest.fixture
def kernel(user_server: JupyterProcess, request: pytest.FixtureRequest) -> Iterator[BlockingKernelClient]:
    with user_server.kernel(request.param) as client:
        yield client


def run_silently(client: BlockingKernelClient, code: str) -> list[dict[str, Any]]:
    """Runs it as the browser does and returns what the kernel said besides its status."""
    heard: list[dict[str, Any]] = []

    def listen(message: dict[str, Any]) -> None:
        if message["msg_type"] != "status":
            heard.append(message)

    reply = client.execute_interactive(
        code, silent=True, store_history=False, allow_stdin=False, output_hook=listen, timeout=60
    )
    assert reply["content"]["status"] == "ok", reply["content"]
    return heard


@pytest.mark.parametrize("kernel", ["python3"], indirect=True)
def test_a_kernel_starts_with_the_extension_and_the_users_own_names(kernel: BlockingKernelClient) -> None:
    assert evaluate(kernel, IS_LOADED) is True
    assert evaluate(kernel, "mine") == "from my own start-up file"
    assert evaluate(kernel, OUR_NAMES) == []


@pytest.mark.parametrize("kernel", ["bare"], indirect=True)
def test_a_kernel_of_an_environment_without_the_package_gets_it_and_nothing_else(
    kernel: BlockingKernelClient, user_server: JupyterProcess
) -> None:
    shim = user_server.private_directory() / "shim"
    assert evaluate(kernel, IS_LOADED) is True
    assert evaluate(kernel, "__import__('autoegg').__file__") == str(shim / "autoegg" / "__init__.py")
    assert evaluate(kernel, "__import__('sys').path[-1]") == str(shim)
    assert (
        evaluate(kernel, "__import__('importlib.util').util.find_spec('jupyterlab_autoegg') is None") is True
    )


@pytest.mark.parametrize("kernel", ["disabled"], indirect=True)
def test_a_kernel_that_is_switched_off_by_its_environment_only_runs_the_users_file(
    kernel: BlockingKernelClient, user_server: JupyterProcess
) -> None:
    run_silently(kernel, user_server.request("GET", "autoegg/bootstrap")[1]["code"])
    assert evaluate(kernel, IS_LOADED) is False
    assert evaluate(kernel, "'autoegg' in __import__('sys').modules") is False
    assert evaluate(kernel, "mine") == "from my own start-up file"


@pytest.mark.parametrize("kernel", ["own-startup", "bare-own-startup"], indirect=True)
def test_the_bootstrap_code_loads_the_extension_where_the_kernelspec_has_its_own_startup_file(
    kernel: BlockingKernelClient, user_server: JupyterProcess
) -> None:
    assert evaluate(kernel, IS_LOADED) is False
    assert evaluate(kernel, "mine") == "from the kernelspec"
    code = user_server.request("GET", "autoegg/bootstrap")[1]["code"]
    assert run_silently(kernel, code) == []
    assert evaluate(kernel, IS_LOADED) is True
    assert evaluate(kernel, OUR_NAMES) == []
    assert evaluate(kernel, "mine") == "from the kernelspec"
    rendezvous = evaluate(kernel, "__import__('os').environ['AUTOEGG_DAEMON']")
    assert rendezvous == str(user_server.private_directory() / "daemon.json")

    assert run_silently(kernel, code) == []
    assert evaluate(kernel, IS_LOADED) is True


@pytest.mark.parametrize("kernel", ["python3"], indirect=True)
def test_a_server_started_in_a_terminal_of_another_keeps_the_users_own_file(
    kernel: BlockingKernelClient, start_server: StartServer
) -> None:
    inherited = {
        name: evaluate(kernel, f"__import__('os').environ[{name!r}]")
        for name in ("PYTHONSTARTUP", "AUTOEGG_NEXT_PYTHONSTARTUP", "AUTOEGG_DAEMON", "AUTOEGG_SHIM")
    }
    inner = start_server(environment=inherited)
    with inner.kernel() as client:
        assert evaluate(client, IS_LOADED) is True
        assert evaluate(client, "mine") == "from my own start-up file"
        rendezvous = evaluate(client, "__import__('os').environ['AUTOEGG_DAEMON']")
        assert rendezvous == str(inner.private_directory() / "daemon.json")


def test_the_bootstrap_code_names_no_directory_that_the_kernel_cannot_see(tmp_path: Path) -> None:
    script = (
        "import os\n"
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "get_ipython = InteractiveShell.instance\n"
        "names = {'AUTOEGG_DAEMON': '/far/away/daemon.json', 'AUTOEGG_SHIM': '/far/away/shim'}\n"
        f"exec(compile(open({str(STARTUP)!r}).read(), 's', 'exec'), {{'__name__': 'autoegg_bootstrap', "
        "'get_ipython': get_ipython, 'server_environment': names})\n"
        "print([name for name in os.environ if name.startswith('AUTOEGG')])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=make_environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout == "[]\n", done.stderr
