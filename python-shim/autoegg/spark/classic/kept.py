"""What Spark keeps of earlier runs without being asked, and would hand out again after the code has changed.

Shuffled data stays on disk as long as its RDD is in use, and a DataFrame keeps the plan it was run with, shuffles and all:
running either again skips what was there before the shuffle. Data that was cached on purpose is different, and stays.
"""

from __future__ import annotations

import weakref
from typing import Any

_STAMP = "_autoegg_run"


class Kept:
    """For each SparkContext, which shuffles may hold data of older code."""

    def __init__(self) -> None:
        self._contexts: weakref.WeakKeyDictionary[Any, _Shuffles] = weakref.WeakKeyDictionary()

    def moved(self, context: Any, token: str | None, late: bool) -> None:
        """The state moved: what was shuffled so far comes from older code.

        :param late: whether there may have been library code before the first state.
        """
        shuffles = self._contexts.get(context)
        if shuffles is None or shuffles.token != token:
            first = shuffles is None and not late
            # A number that is drawn is not given to a shuffle; it costs nothing.
            drawn = context._jsc.sc().newShuffleId()
            self._contexts[context] = _Shuffles(token, 0 if first else drawn)

    def rdd(self, rdd: Any, token: str | None) -> None:
        """Somebody asks for the Java side of ``rdd``, maybe to run it: what it would take from shuffles of older code is
        thrown away.

        Cached RDDs end the search, as in Spark's own ``RDD.cleanShuffleDependencies``, which throws away.
        """
        own = rdd.__dict__
        # What a Python RDD begins with: that it shares with others, its own last step is new with each action.
        java = own.get("_prev_jrdd") or own.get("_jrdd")
        shuffles = self._contexts.get(own.get("ctx")) if java is not None else None
        if shuffles is None or not shuffles.old or own.get("is_cached") or own.get(_STAMP) == token:
            return
        shuffles.forget_below(java.rdd())
        own[_STAMP] = token

    def ran_before(self, frame: Any) -> None:
        """``frame`` may have been run before anybody looked."""
        frame.__dict__.setdefault(_STAMP, None)

    def frame(self, frame: Any, token: str | None) -> None:
        """Somebody asks for the Java side of ``frame``, maybe to run it: with a plan of its own for each state.

        Cached data is found again, because Spark looks for it by what a plan says.
        """
        own = frame.__dict__
        before = own.get(_STAMP)
        java = own.get("_jdf")
        if before == token or java is None or own["_sc"]._jsc is None:
            return
        if _STAMP in own and not java.isStreaming():
            classic = java.getClass().getName()  # Dataset, in another package since Spark 4
            companion = getattr(own["_sc"]._jvm, classic)
            # The plan as analysed: columns that were taken from this DataFrame still belong to it. And as executed where
            # it was a command: made from ``analyzed()``, an INSERT would insert once more.
            plan = java.queryExecution().commandExecuted()
            own["_jdf"] = companion.ofRows(java.sparkSession(), plan)
            own.pop("rdd", None)  # a cached property of Spark 4
            if "_lazy_rdd" in own:  # Spark 3.5
                frame._lazy_rdd = None
        own[_STAMP] = token


class _Shuffles:
    """Of one context, since its state moved last."""

    def __init__(self, token: str | None, old: int) -> None:
        self.token = token
        self.old = old
        self._seen: set[int] = set()

    def forget_below(self, rdd: Any) -> None:
        waiting = [rdd]
        while waiting:
            rdd = waiting.pop()
            number = rdd.id()
            if number in self._seen:
                continue
            self._seen.add(number)
            if rdd.getStorageLevel().isValid():
                continue
            dependencies = rdd.dependencies()
            for index in range(dependencies.size()):
                dependency = dependencies.apply(index)
                name = dependency.getClass().getSimpleName()
                if name == "ShuffleDependency" and dependency.shuffleId() < self.old:
                    rdd.cleanShuffleDependencies(True)
                waiting.append(dependency.rdd())
