"""One save, all the way: the same story on a local Spark and on a cluster of two executors, with Spark's default settings."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kernel_library import Open, say, write
from kernel_notebook import Notebook, private_spark_home

MASTERS = ["local[2]", "local-cluster[2,1,1024]"]

START = """
from pyspark.sql import SparkSession
spark = (
    SparkSession.builder.master({master!r})
    .config("spark.ui.enabled", "false")
    .config("spark.local.dir", {scratch!r})
    .config("spark.sql.shuffle.partitions", "2")
    .getOrCreate()
)
sc = spark.sparkContext
"""


@pytest.fixture(params=MASTERS)
def master(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def spark_notebook(open_notebook: Open, tmp_path: Path) -> Iterator[Notebook]:
    """A notebook that can start Spark; `local-cluster` needs SPARK_HOME."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    notebook = open_notebook(
        env={
            "SPARK_HOME": str(private_spark_home(tmp_path)),
            "SPARK_LOCAL_IP": "127.0.0.1",
        }
    )
    yield notebook
    notebook.run("spark.stop()")


def start(notebook: Notebook, master: str, tmp_path: Path) -> None:
    notebook.done(START.format(master=master, scratch=str(tmp_path / "scratch")))


def test_the_story_of_one_session(
    spark_notebook: Notebook, master: str, tmp_path: Path, tagger: Path
) -> None:
    """Import, ship, edit, use again: RDDs, UDFs and DataFrames made before an edit run the new code; cached data stays."""
    notebook = spark_notebook
    # Session, first import and first job in one cell: nothing was shipped before it.
    first = START.format(master=master, scratch=str(tmp_path / "scratch")) + (
        "import tagger\n"
        "rdd = sc.parallelize(range(4), 4).map(lambda i: (tagger.tag(), tagger.__file__))\n"
        "sorted({tag for tag, file in rdd.collect()}), all('.egg/' in file for tag, file in rdd.collect())"
    )
    assert notebook.value(first) == "(['one'], True)"
    notebook.done(
        "from pyspark.sql.functions import udf\n"
        "from tagger import tag\n"
        "tagged = udf(lambda i: tag())\n"
        "frame = spark.range(5).select(tagged('id').alias('tag'))\n"
        "kept = spark.range(4).select(tagged('id').alias('tag')).cache()\n"
        "kept.count()"
    )
    say(tagger, "two")
    assert notebook.value("sorted({tag for tag, file in rdd.collect()})") == "['two']"
    assert notebook.value("sorted({row.tag for row in frame.collect()})") == "['two']"
    assert (
        notebook.value(
            "sorted({row.tag for row in spark.range(4).select(tagged('id').alias('tag')).collect()})"
        )
        == "['two']"
    )
    assert notebook.value("tag()") == "'two'"
    assert notebook.value("sorted({row.tag for row in kept.collect()})") == "['one']"

    # A broken file: nothing runs; repaired: everything does.
    write(tagger / "words.py", "def tag(:\n")
    refused = notebook.run("rdd.collect()")
    assert (refused.ename, "tagger/words.py, line 1" in refused.evalue) == ("LibraryBroken", True)
    say(tagger, "three")
    assert notebook.value("sorted({tag for tag, file in rdd.collect()})") == "['three']"

    # A file that nobody imports and that does not compile ships as it is, and is in nobody's way.
    write(tagger / "old.py", "print 'Python 2'\n")
    cell = "sc.parallelize([0]).map(lambda i: (tagger.tag(), open(tagger.__file__[:-11] + 'old.py').read())).collect()"
    assert notebook.value(cell) == """[('three', "print 'Python 2'\\n")]"""

    # Back to older content with older times.
    say(tagger, "one")
    assert notebook.value("sorted({tag for tag, file in rdd.collect()})") == "['one']"

    # A second library joins and both change together.
    write(
        tagger.parent / "front" / "__init__.py",
        "from tagger import tag\ndef f():\n    return 'front ' + tag()\n",
    )
    assert (
        notebook.value("import front\nsc.parallelize([0]).map(lambda i: front.f()).collect()")
        == "['front one']"
    )
    say(tagger, "four")
    write(
        tagger.parent / "front" / "__init__.py",
        "from tagger import tag\ndef f():\n    return 'new front ' + tag()\n",
    )
    assert notebook.value("sc.parallelize([0]).map(lambda i: front.f()).collect()") == "['new front four']"

    # Every executor proves what it runs.
    proof = notebook.value(
        "import autoegg\nproof = autoegg.verify(spark)\nproof.agree, {row.role for row in proof} == {'driver', 'executor'}"
    )
    assert proof == "(True, True)", notebook.run("proof").value


def test_a_new_spark_context_is_shipped_to_by_itself(
    spark_notebook: Notebook, tmp_path: Path, tagger: Path
) -> None:
    notebook = spark_notebook
    start(notebook, "local[2]", tmp_path)
    count = "import tagger\nsorted(set(sc.parallelize(range(4), 4).map(lambda i: tagger.tag()).collect()))"
    assert notebook.value(count) == "['one']"
    notebook.done("spark.stop()")
    say(tagger, "two")
    start(notebook, "local[2]", tmp_path)
    assert notebook.value(count) == "['two']"


def test_a_save_is_delivered_before_the_next_cell_asks_for_it(
    spark_notebook: Notebook, tmp_path: Path, tagger: Path
) -> None:
    notebook = spark_notebook
    start(notebook, "local[2]", tmp_path)
    notebook.done("import tagger\nsc.parallelize([0]).map(lambda i: tagger.tag()).collect()")
    listed = "len([name for name in sc.listFiles if 'autoegg-tagger' in name])"
    before = int(notebook.value(listed))

    def shipped() -> int:
        # A silent request passes no gate, so only a save can have delivered.
        reply = notebook.finish(notebook.start("", silent=True, expressions={"r": listed}))
        return int(reply.expressions["r"]["data"]["text/plain"])

    def wait_for(seen: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + 30
        while not seen():
            assert time.monotonic() < deadline, what
            time.sleep(0.1)

    def condition() -> str:
        return str(notebook.action("state()")["state"]["libraries"][0]["condition"])

    write(tagger / "words.py", "def tag(:\n")
    wait_for(lambda: condition() == "broken", "the save was not noticed")
    assert shipped() == before
    assert notebook.run("tagger.tag()").ename == "LibraryBroken"
    assert shipped() == before
    say(tagger, "two")
    wait_for(lambda: shipped() > before, "the save was not delivered")
    state = notebook.action("state()")["state"]["libraries"][0]
    assert state["condition"] == "waiting"
    assert state["shipped"]["version"] != state["version"]
    assert notebook.value("sc.parallelize([0]).map(lambda i: tagger.tag()).collect()") == "['two']"


def test_a_job_of_a_running_cell_keeps_the_version_of_its_start(
    spark_notebook: Notebook, tmp_path: Path, tagger: Path
) -> None:
    notebook = spark_notebook
    start(notebook, "local[2]", tmp_path)
    notebook.done("import tagger")
    cell = (
        "from pathlib import Path\n"
        "Path('tagger/words.py').write_text('def tag():\\n    return \"two\"\\n')\n"
        "import time; time.sleep(1)\n"
        "sc.parallelize([0]).map(lambda i: tagger.tag()).collect(), tagger.tag()"
    )
    assert notebook.value(cell) == "(['one'], 'one')"
    assert (
        notebook.value("sc.parallelize([0]).map(lambda i: tagger.tag()).collect(), tagger.tag()")
        == "(['two'], 'two')"
    )


def test_a_killed_daemon_in_the_middle_of_a_session_never_leads_to_old_code(
    spark_notebook: Notebook, tmp_path: Path, tagger: Path
) -> None:
    import os
    import signal

    notebook = spark_notebook
    start(notebook, "local[2]", tmp_path)
    notebook.done("import tagger\nsc.parallelize([0]).map(lambda i: tagger.tag()).collect()")
    os.kill(notebook.daemon_pid(), signal.SIGKILL)
    say(tagger, "two")
    assert notebook.value("sc.parallelize([0]).map(lambda i: tagger.tag()).collect()") == "['two']"


def test_without_a_daemon_a_changed_library_refuses_cells_of_a_live_session(
    open_notebook: Open, tmp_path: Path, tagger: Path
) -> None:
    java = Path(os_which("java")).parent
    only_java = tmp_path / "bin"
    only_java.mkdir()
    for tool in ("java", "bash", "dirname", "env", "ps", "sh", "uname", "cat", "nice", "sed"):
        (only_java / tool).symlink_to(os_which(tool))
    notebook = open_notebook(env={"PATH": str(only_java), "JAVA_HOME": str(java.resolve().parent)})
    (tmp_path / "scratch").mkdir()
    start(notebook, "local[2]", tmp_path)
    notebook.done("import tagger")
    say(tagger, "two")
    refused = notebook.run("1")
    assert refused.ename == "DaemonUnavailable"
    assert "words.py" in refused.evalue
    notebook.done("%autoegg off")
    notebook.done("spark.stop()")


def os_which(tool: str) -> str:
    import shutil

    path = shutil.which(tool)
    assert path is not None, tool
    return path


def test_many_saves_leave_a_short_list_of_eggs_in_spark(
    spark_notebook: Notebook, tmp_path: Path, tagger: Path
) -> None:
    notebook = spark_notebook
    start(notebook, "local[2]", tmp_path)
    notebook.done("import tagger\nsc.parallelize([0]).map(lambda i: tagger.tag()).collect()")
    for turn in range(20):
        say(tagger, f"word {turn}")
        assert notebook.action("ship()")["ok"]
    assert int(notebook.value("len([name for name in sc.listFiles if 'autoegg-' in name])")) <= 13
    assert notebook.value("sc.parallelize([0]).map(lambda i: tagger.tag()).collect()") == "['word 19']"


def test_ship_on_demand_says_the_version(spark_notebook: Notebook, tmp_path: Path, tagger: Path) -> None:
    notebook = spark_notebook
    assert "nothing to ship" in notebook.action("ship()")["message"]
    notebook.done("import tagger")
    assert "once a session runs" in notebook.action("ship()")["message"]
    start(notebook, "local[2]", tmp_path)
    say(tagger, "two")
    answer = notebook.action("ship()")
    version = answer["state"]["libraries"][0]["version"]
    assert answer["ok"]
    assert answer["message"] == f"shipped tagger {version[:4]}"
    assert answer["state"]["spark"]["kind"] == "classic"
    assert "already" in notebook.action("ship()")["message"]
    write(tagger / "words.py", "def tag(:\n")
    answer = notebook.action("ship()")
    assert (answer["ok"], "line 1" in answer["message"]) == (False, True)


def test_workers_run_what_the_driver_has_loaded_under_a_name_and_verify_reports_what_is_mixed(
    spark_notebook: Notebook, tmp_path: Path
) -> None:
    notebook = spark_notebook
    for word in ("a", "b"):
        write(tmp_path / word / "utils" / "__init__.py", f"def f():\n    return '{word}'\n")
        write(tmp_path / word / "utils" / "more.py", f"def m():\n    return '{word}'\n")
    start(notebook, "local[2]", tmp_path)
    notebook.done("import sys\nsys.path.insert(0, 'a')\nimport utils.more\nsys.path.insert(0, 'b')")
    write(tmp_path / "a" / "utils" / "new.py", "")
    ran = "sc.parallelize([0]).map(lambda i: utils.f()).collect(), utils.f()"
    verify = "import autoegg\nautoegg.verify().verdict[-1]"
    assert notebook.value(ran) == "(['a'], 'a')"
    assert notebook.value(verify) == "'driver and executors agree'"
    notebook.done("del sys.modules['utils.more'], sys.modules['utils']\nimport utils.more")
    assert notebook.value(ran) == "(['b'], 'b')"
    assert notebook.value(verify) == "'driver and executors agree'"
    notebook.done("del sys.modules['utils'], sys.path[0]\nimport utils")  # and utils.more stays
    assert notebook.value(ran) == "(['a'], 'a')"
    strange = f"utils.more from {tmp_path / 'b' / 'utils' / 'more.py'}, which does not belong to utils"
    assert strange in notebook.value(verify)


def test_verify_compares_what_driver_and_workers_have_of_modules_that_tasks_have_imported(
    spark_notebook: Notebook, tmp_path: Path
) -> None:
    notebook = spark_notebook
    write(
        tmp_path / "counting.py",
        "import os\nPARENT = os.getppid()\nSEEN = []\nLIMIT = 3\ndef see(i):\n    SEEN.append(i)\n    return LIMIT\n",
    )
    start(notebook, "local[2]", tmp_path)
    notebook.done("import counting\nsc.parallelize([0]).map(counting.see).collect()")
    said = notebook.done("%autoegg verify").value.splitlines()
    assert said[-4:-2] == ["driver and executors agree", "same code in the 1 module that tasks have imported"]
    assert said[-2].startswith("values at import differ: counting.PARENT (executor ")
    assert said[-1].startswith("run-time state differs, which is no error: counting.SEEN (executor ")
