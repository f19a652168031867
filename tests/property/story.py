"""One notebook under random edits, uses and kills; whatever it computes must be what a fresh process says.

What may run which code:
  a cell that runs now     the tree as it is on disk, on the driver and on every worker, with objects old and new;
  while autoegg is off     the tree as it was when it was switched off;
  a job in a thread        the tree as it was when the job began, although cells have moved on;
  a running stream         the tree as it was when the query began;
  cached data              the tree as it was when it was cached; parts that were lost with an executor are computed anew.
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from apis import APIS, PREPARE
from places import Processes
from tree import ROWS, Tree, fresh

sys.path.insert(0, str(Path(__file__).parents[1] / "kernel"))

from kernel_notebook import Notebook, Outcome, private_spark_home

MASTERS = {"local": "local[2,8]", "cluster": "local-cluster[2,1,1024]"}

START = """
from pyspark.sql import SparkSession
builder = SparkSession.builder.master({master!r})
for key, value in {settings!r}.items():
    builder = builder.config(key, value)
spark = builder.getOrCreate()
sc = spark.sparkContext
sc.setLogLevel("OFF")
R = {rows}
"""

MARK = "@@"


class Wrong(AssertionError):
    """Something ran other code than it should have."""


class Story:
    """
    Args:
        seed: decides every choice; the times at which processes meet are the machine's.
        folder: an empty one.
        master: a key of MASTERS.
        say: is told each step.
        without: names of APIS that are not used.
    """

    def __init__(
        self, seed: int, folder: Path, master: str = "local", say: Any = None, without: Sequence[str] = ()
    ) -> None:
        self.rng = random.Random(seed)
        self._seed = seed
        self._master = master
        self._say = say or (lambda line: None)
        self._apis = sorted(set(APIS) - set(without))
        self.history: list[str] = []
        for name in ("scratch", "notebook"):
            (folder / name).mkdir()
        self._scratch = folder / "scratch"
        self._root = folder / "notebook"
        self.tree = Tree(self.rng, self._root)
        self.now = fresh(self._root)
        self._paused = False
        self._made: dict[int, str] = {}
        self._late: dict[int, list[str]] = {}
        self._kept: dict[int, list[list[str]]] = {}
        self._streams: dict[int, list[str]] = {}
        self._count = 0
        self.notebook = Notebook(
            self._root,
            {
                "SPARK_HOME": str(private_spark_home(folder)),
                "SPARK_LOCAL_IP": "127.0.0.1",
                "XDG_CACHE_HOME": str(folder / "cache"),
                "IPYTHONDIR": str(folder / "ipython"),
                "PYTHONWARNINGS": "ignore",
            },
        )
        self._processes = Processes(self.notebook.pid, self.rng)

    # ------------------------------------------------------------------ run

    def run(self, steps: int, seconds: float = float("inf")) -> int:
        """The steps done; stops early when ``seconds`` have passed, though not before the third.

        :raises Wrong: with seed, step and what happened before it.
        """
        end = time.monotonic() + seconds
        try:
            settings = {
                "spark.ui.enabled": "false",
                "spark.local.dir": str(self._scratch),
                "spark.sql.shuffle.partitions": "2",
                "spark.task.maxFailures": "8",
                "spark.deploy.maxExecutorRetries": "-1",
                "spark.sql.streaming.checkpointLocation": str(self._scratch / "checkpoints"),
            }
            self._cell(START.format(master=MASTERS[self._master], settings=settings, rows=ROWS) + PREPARE)
            self._cell("made_first = udf(lambda i: held(i))")
            for step in range(steps):
                if step >= 3 and time.monotonic() > end:
                    return step
                self._step()
            self._collect_late(wait=True)
            for number in list(self._streams):
                self._end_stream(number)
            return steps
        except Exception as error:
            tail = "\n".join(self.history[-25:])
            raise Wrong(
                f"seed {self._seed}, {self._master}, step {len(self.history)}: {error}\n\n{tail}"
            ) from error

    def close(self) -> None:
        self.notebook.close()

    def _step(self) -> None:
        deeds = {
            self._edit: 10,
            self._break: 1,
            self._pause: 1,
            self._kill: 3,
            self._kill_in_job: 2,
            self._start_job: 2,
            self._cache: 1,
            self._stream: 1,
        }
        if self._paused and self.rng.random() < 0.4:
            self._resume()
        else:
            self.rng.choices(list(deeds), list(deeds.values()))[0]()
        self._use()
        self._collect_late(wait=False)

    def _note(self, line: str) -> None:
        self.history.append(line)
        self._say(line)

    def _cell(self, code: str) -> Outcome:
        outcome = self.notebook.run(code)
        if not outcome.ok:
            raise Wrong("\n".join(["a cell failed:", code, outcome.stdout[-2000:], *outcome.traceback]))
        return outcome

    def _ask(self, code: str) -> Any:
        """What the cell prints as JSON."""
        printed = self._cell(f"{code}\nprint({MARK!r} + json.dumps(answer))").stdout
        return json.loads(printed.rpartition(MARK)[2])

    # ------------------------------------------------------------------ use

    def _use(self) -> None:
        """New objects and old ones, on workers and in the driver, in one cell."""
        names = self.rng.sample(self._apis, 2)
        old = self.rng.sample(sorted(self._made), min(2, len(self._made)))
        parts = ["answer = {'driver': [[i, prop_front.observe(i)] for i in range(R)],"]
        parts.append("          'held': [[i, held(i)] for i in range(R)]}")
        for name in names:
            self._count += 1
            self._made[self._count] = name
            parts.append(f"N = {self._count}\n{APIS[name]}\nmade[N] = use")
        for number in [*old, *(number for number in self._made if number > self._count - len(names))]:
            parts.append(f"answer['{number} {self._made[number]}'] = attempt(made[{number}])")
        self._note("use: " + ", ".join([*(f"old {n} {self._made[n]}" for n in old), *names]))
        for what, answer in self._ask("\n".join(parts)).items():
            self._compare(what, answer, [self.now])
        if len(self._made) > 40:
            del self._made[min(self._made)]

    def _compare(self, what: str, answer: Any, allowed: list[list[str]]) -> None:
        if isinstance(answer, str):
            raise Wrong(f"{what} failed: {answer}")
        if sorted(i for i, _ in answer) != list(range(ROWS)):
            raise Wrong(f"{what} gave rows {answer}")
        for i, text in answer:
            if text not in [said[i] for said in allowed]:
                raise Wrong(
                    f"{what}, row {i}:\n  it said      {text}\n  it should be {[said[i] for said in allowed]}"
                )

    # ------------------------------------------------------------------ deeds

    def _edit(self) -> None:
        before = self.now
        self._note(self.tree.edit(data_too=not self._paused))
        if not self._paused:
            self.now = fresh(self._root)
        else:
            self._note("  (while autoegg is off)")
            assert before is self.now

    def _break(self) -> None:
        if self._paused:
            return
        self._note(f"broken: {self.tree.broken()}")
        outcome = self.notebook.run("answer = prop_front.observe(1)")
        if outcome.ename != "LibraryBroken":
            raise Wrong(f"a cell ran although the library is broken: {outcome}")
        self.tree.write()

    def _pause(self) -> None:
        if not self._paused:
            self._cell("%autoegg off")
            self._paused = True
            self._note("off")

    def _resume(self) -> None:
        self._cell("%autoegg on")
        self._paused = False
        self.now = fresh(self._root)
        self._note("on")

    def _kill(self) -> None:
        kind = self.rng.choice(["workers", "workers", "daemons", "executors"])
        if kind == "executors" and self._master == "local":
            kind = "workers"
        killed = self._processes.kill_one(getattr(self._processes, kind)())
        if kind == "executors":
            self._lost_cached_data()
        self._note(f"killed one of the {kind}: {killed}")

    def _kill_in_job(self) -> None:
        """A worker, a daemon or an executor goes while a job runs; Spark repeats the tasks."""
        kind = self.rng.choice(["workers", "workers", "daemons", "executors"])
        if self._master == "local" and kind == "executors":
            kind = "workers"
        self._note(f"killing one of the {kind} in a job")
        wait = self.rng.uniform(0.1, 1.2)
        timer = threading.Timer(wait, lambda: self._processes.kill_one(getattr(self._processes, kind)()))
        timer.start()
        try:
            answer = self._ask(
                "r = sc.parallelize(range(R), R).map(lambda i: (time.sleep(0.4), (i, observe(i)))[1])\n"
                "answer = attempt(r.collect)"
            )
        finally:
            timer.join()
        if kind == "executors":
            self._lost_cached_data()
        self._compare("a job in which a process was killed", answer, [self.now])

    def _start_job(self) -> None:
        """In a thread; it goes on while the next cells edit and run."""
        self._count += 1
        number, begun = self._count, self._scratch / f"begun-{self._count}"
        self._note(f"job {number} in a thread")
        self._cell(
            f"def job(n={number}, begun={str(begun)!r}):\n"
            "    def slow(i):\n"
            "        open(begun, 'w').close()\n"
            "        time.sleep(0.7)\n"
            "        return i, prop_front.observe(i)\n"
            "    late[n] = attempt(sc.parallelize(range(R), R).map(slow).collect)\n"
            f"threading.Thread(target=job).start()\n"
            f"while not os.path.exists({str(begun)!r}) and {number} not in late: time.sleep(0.05)"
        )
        self._late[number] = self.now

    def _collect_late(self, wait: bool) -> None:
        deadline = time.monotonic() + 120
        while self._late:
            for number, answer in self._ask("answer = late").items():
                said = self._late.pop(int(number), None)
                if said is not None:
                    self._compare(f"job {number} in a thread", answer, [said])
            if not wait:
                return
            if time.monotonic() > deadline:
                raise Wrong(f"jobs did not end: {sorted(self._late)}")
            time.sleep(0.2)

    def _cache(self) -> None:
        """A frame is kept; later it still says what it said, until it is unpersisted."""
        if not self._kept or (len(self._kept) < 3 and self.rng.random() < 0.5):
            self._count += 1
            self._note(f"cache {self._count}")
            answer = self._ask(
                f"kept[{self._count}] = spark.range(0, R, 1, 2).select('id', udf(observe)('id')).cache()\n"
                f"answer = attempt(lambda: rows(kept[{self._count}]))"
            )
            self._kept[self._count] = [self.now]
            self._compare("a frame that is being cached", answer, [self.now])
            return
        number = self.rng.choice(sorted(self._kept))
        answer = self._ask(f"answer = attempt(lambda: rows(kept[{number}]))")
        if len(self._kept[number]) > 1 and self.now not in self._kept[number]:
            self._kept[number].append(self.now)  # parts of it were lost, and may have been computed just now
        self._compare(f"cached frame {number}", answer, self._kept[number])
        if self.rng.random() < 0.5:
            self._note(f"unpersist {number}")
            answer = self._ask(
                f"kept[{number}].unpersist()\nanswer = attempt(lambda: rows(kept.pop({number})))"
            )
            self._compare(f"frame {number}, unpersisted", answer, [self.now])
            del self._kept[number]

    def _lost_cached_data(self) -> None:
        for allowed in self._kept.values():
            allowed.append(self.now)

    def _stream(self) -> None:
        if self._streams:
            self._end_stream(next(iter(self._streams)))
            return
        self._count += 1
        self._note(f"stream {self._count}")
        self._cell(
            f"q = streams[{self._count}] = (spark.readStream.format('rate-micro-batch').option('rowsPerBatch', 4)"
            ".option('numPartitions', 2).load().select((col('value') % R).alias('id'))"
            ".select('id', udf(observe)('id').alias('text'))"
            f".writeStream.format('memory').queryName('seen_{self._count}')"
            ".trigger(processingTime='2 seconds').start())\n"
            "end = time.monotonic() + 120\n"
            "while q.isActive and q.lastProgress is None and time.monotonic() < end: time.sleep(0.2)"
        )
        self._streams[self._count] = self.now

    def _end_stream(self, number: int) -> None:
        self._note(f"end of stream {number}")
        answer = self._ask(
            f"q = streams.pop({number})\nproblem = str(q.exception())[-5000:] if q.exception() else None\nq.stop()\n"
            f"seen = spark.sql('select distinct id, text from seen_{number}').collect()\n"
            "answer = problem or [[int(row.id), row.text] for row in seen]"
        )
        said = self._streams.pop(number)
        if isinstance(answer, str):
            raise Wrong(f"stream {number} failed: {answer}")
        for i, text in answer:
            if text != said[i]:
                raise Wrong(f"stream {number}, row {i}:\n  it said      {text}\n  it should be {said[i]}")
