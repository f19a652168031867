"""The program of a measured worker: it unpickles what a Spark worker would, with a task's context, and tells how long it took.

``worker_process.py ROOT``: ROOT stands for the executor's folder of files. JSON lines in and out:
``{"pickle", "carried", "pairs"?, "plain"?, "then"?}`` → seconds of one ``loads``; with ``pairs``, the mean seconds of
``pickle`` and of ``plain`` in turn. ``then`` is imported afterwards, outside of the time.
"""

from __future__ import annotations

import base64
import importlib
import json
import os
import pickle
import sys
from time import perf_counter

from pyspark import SparkFiles, TaskContext


def main(root: str) -> None:
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    SparkFiles._root_directory = root
    SparkFiles._is_running_on_worker = True
    context = TaskContext._getOrCreate()
    for line in sys.stdin:
        request = json.loads(line)
        context._localProperties = {"spark.autoegg.job": request["carried"]} if request["carried"] else {}
        guarded = base64.b64decode(request["pickle"])
        if "pairs" in request:
            answer = paired(guarded, base64.b64decode(request["plain"]), request["pairs"])
        else:
            started = perf_counter()
            pickle.loads(guarded)
            answer = [perf_counter() - started]
        if request.get("then"):
            importlib.import_module(request["then"])
        replies.write(json.dumps(answer) + "\n")
        replies.flush()


def paired(guarded: bytes, plain: bytes, count: int) -> list[float]:
    pickle.loads(guarded)
    best = [float("inf"), float("inf")]
    for _ in range(20):
        for index, data in enumerate((guarded, plain)):
            started = perf_counter()
            for _ in range(count):
                pickle.loads(data)
            best[index] = min(best[index], (perf_counter() - started) / count)
    return best


if __name__ == "__main__":
    main(sys.argv[1])
