"""A folder of the server that somebody adds for one kernel behind the gateway, and who may add which."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from jupyter_process import JupyterProcess, make_environment
from remote_notebook import Gateway, RemoteNotebook, arguments


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("here")


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Iterator[Gateway]:
    gateway = Gateway(tmp_path_factory.mktemp("there") / "far", home)
    yield gateway
    gateway.close()


@pytest.fixture(scope="module")
def server(home: Path, gateway: Gateway) -> Iterator[JupyterProcess]:
    server = JupyterProcess(home, make_environment(home), arguments(gateway))
    yield server
    server.stop()


@pytest.fixture
def notebook(server: JupyterProcess) -> Iterator[RemoteNotebook]:
    notebook = RemoteNotebook(server, offered=False)
    yield notebook
    notebook.close()


def library(folder: Path, name: str, tag: str) -> Path:
    place = folder / name
    place.mkdir(parents=True, exist_ok=True)
    (place / "__init__.py").write_text(f"TAG = {tag!r}\n")
    return place


def test_a_folder_that_was_added_is_run_as_it_is_on_the_servers_disk(
    server: JupyterProcess, home: Path, notebook: RemoteNotebook
) -> None:
    library(home / "work", "added", "v1")
    assert notebook.run("import added").ename == "ModuleNotFoundError"
    assert notebook.give("work/added") == (200, {"libraries": ["added"], "refused": []})
    assert notebook.value("import added; added.TAG") == "v1"
    library(home / "work", "added", "v2")
    assert notebook.value("added.TAG") == "v2"
    status, _ = server.request("POST", f"api/kernels/{notebook.kernel_id}/restart", {})
    assert status == 200
    assert notebook.value("import added; added.TAG") == "v2", "a kernel that is started again has it at once"
    with_another = RemoteNotebook(server, offered=False)
    assert with_another.run("import added").ename == "ModuleNotFoundError", "another kernel was not given it"
    with_another.close()


def test_what_may_not_be_given_is_refused_in_one_sentence(
    server: JupyterProcess, home: Path, notebook: RemoteNotebook, tmp_path: Path
) -> None:
    library(tmp_path, "outside", "v1")
    (home / "link").symlink_to(tmp_path / "outside")
    library(home / ".hidden", "secret", "v1")
    (home / "empty").mkdir()
    for path in ("link", "../../outside", str(tmp_path / "outside"), ".hidden/secret", "nowhere"):
        status, answer = notebook.give(path)
        assert status == 404 and "is not a folder below this server's root" in answer["message"], path
    assert notebook.give("empty")[0] == 404
    body = {"kernel": "no-such-kernel", "path": "empty"}
    assert server.request("POST", "autoegg/give", body)[0] == 404
    assert server.request("POST", "autoegg/give", ["?"])[0] == 400
    assert server.request("POST", "autoegg/give", body, headers={})[0] == 403
    library(home, "json", "mine")
    status, answer = notebook.give("json")
    assert status == 409 and "json has already been imported from" in answer["message"]
    assert notebook.value("import json; json.loads('1')") == "1"
    library(home / "two" / "src", "decimal", "mine")
    library(home / "two" / "src", "better", "v1")
    (home / "two" / "pyproject.toml").write_text("[project]\nname = 'two'\n")
    notebook.done("import decimal")
    status, answer = notebook.give("two")
    assert status == 200 and answer["libraries"] == ["better"]
    assert len(answer["refused"]) == 1 and "decimal has already been imported from" in answer["refused"][0]
    assert notebook.value("import better; better.TAG") == "v1"


def test_a_kernel_that_does_not_answer_is_named_with_what_to_do(
    tmp_path: Path, home: Path, server: JupyterProcess, notebook: RemoteNotebook
) -> None:
    library(home / "work", "unheard", "v1")
    # As a kernel is that has an older version of this package, or a gateway that passes only messages that it knows.
    notebook.done("get_ipython().kernel.control_handlers.pop('autoegg_server')")
    status, answer = notebook.give("work/unheard")
    assert status == 409 and "same version of jupyterlab-autoegg" in answer["message"]
    assert "allowed_message_types" in answer["message"]
