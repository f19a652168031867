"""Code that is running while the library changes finishes as it began; what is called next is the new code."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from pathlib import Path

from reload_harness import Notebook

GENERATOR = "def helper(): return {0}\ndef g():\n    yield {0}\n    yield helper()\n    yield {0}\n"


def test_a_generator_in_progress_keeps_its_own_code_and_calls_new_functions(tmp_path: Path) -> None:
    with Notebook(tmp_path, {"lib/__init__.py": "", "lib/a.py": GENERATOR.format(1)}) as notebook:
        notebook.run("from lib.a import g\nit = g()\nassert next(it) == 1\n")
        notebook.edit({"lib/a.py": GENERATOR.format(2)})
        notebook.run("assert list(it) == [2, 1] and list(g()) == [2, 2, 2]")


def test_a_coroutine_in_progress_is_finished_and_awaits_new_ones(tmp_path: Path) -> None:
    text = "import asyncio\nasync def part(): return {0}\nasync def whole(event):\n    await event.wait()\n    return {0}, await part()\n"
    with Notebook(tmp_path, {"lib/__init__.py": "", "lib/a.py": text.format(1)}) as notebook:
        notebook.run("from lib.a import whole")

        async def cells() -> None:
            event = asyncio.Event()
            task = asyncio.ensure_future(notebook.value("whole")(event))
            await asyncio.sleep(0)
            notebook.edit({"lib/a.py": text.format(2)})
            event.set()
            assert await task == (1, 2)
            assert await notebook.value("whole")(event) == (2, 2)

        asyncio.run(cells())


def test_a_thread_that_calls_the_library_again_and_again_gets_the_new_code(tmp_path: Path) -> None:
    with Notebook(tmp_path, {"lib/__init__.py": "", "lib/a.py": "def f(): return 1\n"}) as notebook:
        notebook.run("from lib.a import f")
        f, seen, stop = notebook.value("f"), [], threading.Event()

        def work() -> None:
            while not stop.is_set():
                seen.append(f())

        thread = threading.Thread(target=work)
        thread.start()
        try:
            for value in range(2, 12):
                notebook.edit({"lib/a.py": f"X = {value}\ndef f(y={value}): return y\n"})
        finally:
            stop.set()
            thread.join()
        assert f() == 11 and set(seen) <= set(range(1, 12)) and seen == sorted(seen)


def test_an_executor_of_the_library_goes_on(tmp_path: Path) -> None:
    text = "from concurrent.futures import ThreadPoolExecutor\npool = ThreadPoolExecutor(1)\ndef f(x): return x * {}\ndef go(): return list(pool.map(f, [1, 2]))\n"
    with Notebook(tmp_path, {"lib/__init__.py": "", "lib/a.py": text.format(1)}) as notebook:
        notebook.run("import lib.a\nfrom lib.a import go\nassert go() == [1, 2]\nwas = lib.a.pool\n")
        try:
            notebook.edit({"lib/a.py": text.format(3)})
            notebook.run("assert go() == [3, 6] and lib.a.pool is was")
        finally:
            notebook.value("was").shutdown()


SEARCH = """
import asyncio, gc
from autoegg.reload.settle.referrers import referrers
async def main():
    future = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(future.set_result, 1)
    await future
for _ in range(3):
    asyncio.run(main())
    many = [[number] for number in range(1000)]
    assert len(referrers(many)) >= 1
    del many
gc.get_referrers(object())
print("ended")
"""


def test_searching_the_heap_leaves_the_interpreters_dead_objects_alone() -> None:
    done = subprocess.run([sys.executable, "-c", SEARCH], capture_output=True, text=True, timeout=60)
    assert done.stdout == "ended\n", done.stderr
