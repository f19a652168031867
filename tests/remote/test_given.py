"""A library of the Jupyter server's machine in a kernel behind a gateway: each cell runs what is on the server's disk."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from jupyter_process import JupyterProcess, make_environment
from remote_notebook import Gateway, RemoteNotebook, arguments


class Side:
    """The server's side: a folder with the library ``ledger``, and a home for servers of one user."""

    def __init__(self, folder: Path) -> None:
        self.project = folder / "project"
        self.library = self.project / "ledger"
        self.home = folder / "home"
        self.home.mkdir()
        self.begin()

    def begin(self) -> None:
        """The library as every test finds it."""
        shutil.rmtree(self.project, ignore_errors=True)
        self.library.mkdir(parents=True)
        (self.library / "__init__.py").write_text("from .code import tag\n")
        self.edit("v1")

    def edit(self, tag: str) -> None:
        self.write("code.py", f"def tag():\n    return {tag!r}\n")

    def write(self, file: str, text: str) -> None:
        place = self.library / file
        place.parent.mkdir(exist_ok=True)
        place.write_text(text)


@pytest.fixture(scope="module")
def side(tmp_path_factory: pytest.TempPathFactory) -> Side:
    return Side(tmp_path_factory.mktemp("side"))


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory, side: Side) -> Iterator[Gateway]:
    gateway = Gateway(tmp_path_factory.mktemp("there") / "far", side.project.parent)
    yield gateway
    gateway.close()


@pytest.fixture(scope="module")
def server(side: Side, gateway: Gateway) -> Iterator[JupyterProcess]:
    server = JupyterProcess(side.home, make_environment(side.home), arguments(gateway, side.library))
    yield server
    server.stop()


@pytest.fixture
def notebook(server: JupyterProcess, side: Side) -> Iterator[RemoteNotebook]:
    side.begin()
    notebook = RemoteNotebook(server)
    yield notebook
    notebook.close()


def test_each_cell_runs_what_is_on_the_servers_disk(notebook: RemoteNotebook, side: Side) -> None:
    notebook.done("import ledger\nfrom ledger.code import tag")
    assert notebook.value("ledger.tag()") == "v1"
    for number in range(10):
        side.edit(f"edit {number}")
        assert notebook.value("ledger.tag()") == f"edit {number}"
    assert notebook.value("tag()") == "edit 9"
    side.write("part/__init__.py", "NAME = 'new'\n")
    assert notebook.value("import ledger.part; ledger.part.NAME") == "new"
    (side.library / "part" / "__init__.py").unlink()
    (side.library / "part").rmdir()
    outcome = notebook.run("from ledger.part import NAME")
    assert not outcome.ok and outcome.ename == "ModuleNotFoundError"
    side.edit("v1")
    assert notebook.value("ledger.tag()") == "v1"


def test_both_sides_call_a_version_by_the_same_digest_and_a_person_reads_her_own_paths(
    notebook: RemoteNotebook, side: Side
) -> None:
    side.write("data/rates.json", '{"a": 1}')
    side.write("code.py", "def tag():\n    raise ValueError('here')\n")
    notebook.done("import ledger")
    here = notebook.value(
        "import autoegg\n[library.version.name for library in autoegg.kernel.loaded.current().sync.libraries][0]"
    )
    state = notebook.server.state()["libraries"]
    assert [(library["path"], library["version"]) for library in state] == [(str(side.library), here)]
    outcome = notebook.run("ledger.tag()")
    assert outcome.ename == "ValueError"
    assert f"{side.library}/code.py:2" in outcome.traceback
    assert "received" not in outcome.traceback
    assert str(side.library) in notebook.done("%autoegg").printed


def test_the_page_finds_contents_and_differences_on_the_servers_side(
    notebook: RemoteNotebook, side: Side
) -> None:
    notebook.done("import ledger")
    (first,) = notebook.state()["libraries"]
    assert first["path"] == str(side.library)
    key = first["library"]
    assert [library["library"] for library in notebook.server.state()["libraries"]] == [key]
    status, contents = notebook.server.request("GET", f"autoegg/contents?library={key}")
    assert status == 200
    assert sorted(file["path"] for file in contents["files"]) == ["ledger/__init__.py", "ledger/code.py"]
    side.edit("v2")
    notebook.done("ledger.tag()")
    (second,) = notebook.state()["libraries"]
    query = f"library={key}&from={first['version']}&to={second['version']}"
    status, changes = notebook.server.request("GET", f"autoegg/changes?{query}")
    assert status == 200 and changes["changed"] == ["ledger/code.py"]
    status, difference = notebook.server.request("GET", f"autoegg/diff?path=ledger/code.py&{query}")
    assert status == 200 and "+    return 'v2'" in difference["lines"]


def test_a_file_that_does_not_compile_refuses_the_cell_by_its_place(
    notebook: RemoteNotebook, side: Side
) -> None:
    notebook.done("import ledger")
    side.write("code.py", "def tag(:\n")
    outcome = notebook.run("print('ran')")
    assert not outcome.ok and outcome.ename == "LibraryBroken" and outcome.printed == ""
    assert "ledger/code.py, line 1" in outcome.evalue
    refusal = notebook.state()["refusal"]
    assert (refusal["file"], refusal["line"]) == (str(side.library / "code.py"), 1)
    side.edit("repaired")
    assert notebook.value("ledger.tag()") == "repaired"


def test_a_library_that_is_gone_from_the_servers_disk_refuses_the_cell(
    notebook: RemoteNotebook, side: Side
) -> None:
    notebook.done("import ledger")
    aside = side.project / "aside"
    side.library.rename(aside)
    outcome = notebook.run("print('ran')")
    assert not outcome.ok and outcome.ename == "LibraryMissing" and outcome.printed == ""
    assert str(side.library) in outcome.evalue
    aside.rename(side.library)
    assert notebook.value("ledger.tag()") == "v1"


def test_without_an_answer_the_cell_is_refused_and_off_goes_on_with_the_last_version(
    notebook: RemoteNotebook, side: Side, gateway: Gateway
) -> None:
    notebook.done("import ledger")
    assert notebook.value("ledger.tag()") == "v1"
    direct = notebook.directly(gateway)
    os.kill(notebook.server.process.pid, signal.SIGSTOP)  # a laptop asleep, or a network that is cut
    try:
        side.edit("unheard")
        outcome = direct.run("print('ran')")
        assert not outcome.ok and outcome.ename == "ServerSilent" and outcome.printed == ""
        assert "5 s" in outcome.evalue and "%autoegg off" in outcome.evalue
        off = direct.done("%autoegg off")
        assert "last received" in off.printed + off.errors
        assert direct.value("ledger.tag()") == "v1"
    finally:
        os.kill(notebook.server.process.pid, signal.SIGCONT)
    direct.done("%autoegg on")
    assert direct.value("ledger.tag()") == "unheard"
    direct.leave()


def test_files_that_were_changed_on_the_kernels_machine_are_not_run(
    notebook: RemoteNotebook, side: Side
) -> None:
    notebook.done("import ledger.code, pathlib\nfile = pathlib.Path(ledger.code.__file__)")
    assert str(side.library) not in notebook.value("str(file)")
    notebook.done("file.write_text(file.read_text().replace('v1', 'theirs'))")
    outcome = notebook.run("print('ran')")
    assert not outcome.ok and outcome.ename == "LibraryChanged" and outcome.printed == ""
    assert notebook.value("ledger.tag()") == "v1"


def test_a_large_file_comes_in_parts_and_only_once(notebook: RemoteNotebook, side: Side) -> None:
    content = os.urandom(2_000_000)
    (side.library / "model.bin").write_bytes(content)
    notebook.done("import ledger")
    notebook.done(
        "import autoegg\nline = autoegg.kernel.loaded.current().sync.received._line\n"
        "fetched, fetch = [], line.fetch\n"
        "def counted(*asked):\n    fetched.append(asked[3])\n    return fetch(*asked)\n"
        "line.fetch = counted"
    )
    read = "import hashlib, pathlib; hashlib.sha256((pathlib.Path(ledger.__file__).parent / %r).read_bytes()).hexdigest()"
    digest = notebook.value(read % "model.bin")
    (side.library / "model.bin").rename(side.library / "renamed.bin")
    side.edit("v2")
    assert notebook.value(read % "renamed.bin") == digest
    assert notebook.value("ledger.tag()") == "v2"
    assert notebook.value("len(fetched)") == "0", (
        "what is there by content, and what is small, is not fetched"
    )
    (side.library / "renamed.bin").write_bytes(content[::-1])
    notebook.done("ledger.tag()")
    assert notebook.value("[len(digests) for digests in fetched]") == "[1]"


def test_a_library_that_takes_long_shows_its_progress_and_can_be_cancelled(
    notebook: RemoteNotebook, side: Side
) -> None:
    notebook.done("import ledger")
    # No machine is slow enough for each run of a test: every part counts as late, and the kernel interrupts itself at the third.
    notebook.done(
        "import autoegg, os, signal\nimport autoegg.kernel.receiving as receiving\n"
        "receiving.SHOWN_AFTER_SECONDS = receiving.PAUSE_SECONDS = 0\n"
        "session = autoegg.kernel.loaded.current()\nprogress = session.sync.received.progress\n"
        "shown, publish = [], progress._changed\n"
        "def seen():\n"
        "    shown.append(session.comm._state()['receiving'])\n"
        "    publish()\n"
        "    if len(shown) == 3:\n        os.kill(os.getpid(), signal.SIGINT)\n"
        "progress._changed = seen"
    )
    large = os.urandom(20_000_000)
    (side.library / "model.bin").write_bytes(large)
    outcome = notebook.run("print('ran')")
    assert outcome.ename == "Interrupted" and outcome.printed == ""
    direct = notebook.run("%autoegg off")
    assert direct.ok
    assert notebook.value("shown[0]['library'], shown[0]['total'], shown[-1]") == "('ledger', 20000000, None)"
    notebook.done("progress._changed = publish")
    notebook.done("%autoegg on")
    read = "len((__import__('pathlib').Path(ledger.__file__).parent / 'model.bin').read_bytes())"
    assert notebook.value(read) == "20000000"


def test_a_kernel_that_is_started_again_has_the_libraries_again(notebook: RemoteNotebook, side: Side) -> None:
    notebook.done("import ledger")
    side.edit("v2")
    status, _ = notebook.server.request("POST", f"api/kernels/{notebook.kernel_id}/restart", {})
    assert status == 200
    assert notebook.value("import ledger; ledger.tag()") == "v2", "also in a cell that runs at once"


def test_the_first_cell_of_a_kernel_waits_for_the_libraries(server: JupyterProcess, side: Side) -> None:
    side.begin()
    notebook = RemoteNotebook(server, offered=False)
    assert notebook.value("import ledger; ledger.tag()") == "v1"
    notebook.close()


def test_a_kernel_that_hears_of_no_library_refuses_cells_until_it_is_switched_off(
    server: JupyterProcess, side: Side, gateway: Gateway
) -> None:
    side.begin()
    notebook = RemoteNotebook(server)
    direct = notebook.directly(gateway)
    os.kill(server.process.pid, signal.SIGSTOP)
    try:
        gateway.restart(notebook.kernel_id)
        outcome = direct.run("print('ran')")
        assert outcome.ename == "ServerSilent" and outcome.printed == ""
        assert "which libraries it has" in outcome.evalue and "%autoegg off" in outcome.evalue
        direct.done("%autoegg off")
        assert direct.done("print('ran')").printed == "ran\n"
    finally:
        os.kill(server.process.pid, signal.SIGCONT)
    direct.leave()
    notebook.close()


def test_a_kernel_keeps_to_the_server_that_was_first(
    notebook: RemoteNotebook, side: Side, gateway: Gateway
) -> None:
    notebook.done("import ledger")
    theirs = {"key": "k", "name": "ledger", "kind": "package", "path": "/home/eve/ledger"}
    offer = {"protocol": 1, "server": "eve", "kind": "offer", "libraries": [theirs]}
    beside = notebook.directly(gateway)
    beside.send("control", "autoegg_server", offer)
    said = beside.said_to_servers("refused")
    assert said["server"] == "eve" and "another Jupyter server" in said["message"]
    side.edit("still mine")
    assert notebook.value("ledger.tag()") == "still mine"
    beside.leave()


def test_two_libraries_one_on_each_side(notebook: RemoteNotebook, side: Side) -> None:
    notebook.done(
        "import pathlib, sys, tempfile\nfolder = pathlib.Path(tempfile.mkdtemp())\n"
        "sys.path.insert(0, str(folder))\n(folder / 'near.py').write_text('NAME = 1')"
    )
    notebook.done("import ledger, near")
    side.edit("v2")
    notebook.done("(folder / 'near.py').write_text('NAME = 22')")
    assert notebook.value("(near.NAME, ledger.tag())") == "(22, 'v2')"


def test_spark_workers_beside_the_kernel_run_what_is_on_the_servers_disk(
    notebook: RemoteNotebook, side: Side
) -> None:
    notebook.done(
        "import os, pathlib, tempfile, pyspark\nhome = pathlib.Path(tempfile.mkdtemp())\n"
        "for entry in pathlib.Path(pyspark.__file__).parent.iterdir():\n"
        "    if entry.name != 'work': (home / entry.name).symlink_to(entry)\n"
        "os.environ.update(SPARK_HOME=str(home), SPARK_LOCAL_IP='127.0.0.1')\nos.environ.pop('PYTHONPATH', None)\n"
        "from pyspark.sql import SparkSession\n"
        "spark = SparkSession.builder.master('local-cluster[1,1,1024]').config('spark.ui.enabled', 'false').getOrCreate()"
    )
    notebook.done("import ledger")
    ask = "sorted(set(spark.sparkContext.parallelize(range(2), 2).map(lambda row: ledger.tag()).collect()))"
    for tag in ("v1", "v2"):
        side.edit(tag)
        assert notebook.value(ask) == f"['{tag}']"
    assert notebook.value("import autoegg; autoegg.verify(spark, timeout=60).agree") == "True"
    notebook.done("spark.stop()")
