"""Functions that were pickled before the hooks were there, or before there was a state: they get their guard afterwards.

A worker cannot be kept on a state by a pickle that says nothing: it would run whatever library the process had last. The
bytes lie in Java objects that RDDs, plans and registered functions share, and are replaced there. That is done once, with
the first state after such pickles were made; no data can have been cached under an older state then.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from typing import Any

from ...protocol import State
from ..guard import prologue
from ..telling import tell

_CLASSES = {
    "rdd": (("pyspark.core.rdd", "RDD"), ("pyspark.rdd", "RDD")),
    "frame": (("pyspark.sql.classic.dataframe", "DataFrame"), ("pyspark.sql.dataframe", "DataFrame")),
    "column": (("pyspark.sql.classic.column", "Column"), ("pyspark.sql.column", "Column")),
    "session": (("pyspark.sql.session", "SparkSession"),),
}

_HEAD = b"\x80\x04cbuiltins\nexec\n"


def live(kind: str) -> list[Any]:
    """The Python objects of one kind of ``_CLASSES`` that are alive in this process."""
    cls = next(
        (getattr(sys.modules[module], name) for module, name in _CLASSES[kind] if module in sys.modules), None
    )
    # Not isinstance: it would ask a lazy object for its class and so wake it.
    return [found for found in gc.get_objects() if cls is not None and issubclass(type(found), cls)]


def guard_all(context: Any, state: State) -> None:
    """Put ``state`` in front of each function of ``context`` that was pickled without one."""
    try:
        java = _Java(context, state)
    except Exception as error:
        tell(
            f"Spark objects created before autoegg was on still use old code ({type(error).__name__}): recreate them"
        )
        return
    for kind in ("session", "rdd", "frame", "column"):
        for found in live(kind):
            try:
                java.guard(kind, found)
            except Exception as error:
                java.failed.append(f"{type(error).__name__} in a {type(found).__name__}")
    if java.names:
        tell(
            f"{', '.join(dict.fromkeys(java.names))} was registered before autoegg was on: register it again, because "
            "planning in a separate process and cached results still use the old code"
        )
    if java.failed:
        tell(
            f"objects created before autoegg was on could not be switched to the shipped code ({len(java.failed)}; first: "
            f"{java.failed[0].partition(chr(10))[0]}): recreate RDDs, DataFrames and registered functions from that time"
        )


class _Java:
    """Finds ``SimplePythonFunction`` objects (PythonRDD.scala) below RDDs, plans and registries."""

    def __init__(self, context: Any, state: State) -> None:
        self.failed: list[str] = []
        self.names: list[str] = []
        """What is registered by name and cannot be registered again, because its Python object is not known."""
        self._replaced = 0
        self._context = context
        self._jvm = context._jvm
        self._prologue = prologue(state)
        self._seen: set[int] = set()
        patterns = self._named("org.apache.spark.sql.catalyst.trees.TreePattern")
        self._patterns = self._seq([patterns.PYTHON_UDF(), patterns.GENERATOR()])

    def guard(self, kind: str, found: Any) -> None:
        """One Python object; those of another context have nothing to do with this one."""
        if kind == "rdd" and found.ctx is self._context:
            java = getattr(found, "_jrdd_val", None) if "_jrdd_val" in found.__dict__ else found._jrdd
            if java is not None:
                self._rdd(java.rdd())
        elif kind == "frame" and found.sparkSession._sc is self._context:
            self._plan(found._jdf.queryExecution().analyzed())
        elif kind == "column":
            self._column(found._jc)
        elif kind == "session" and found._sc is self._context:
            self._session(found)

    def _named(self, name: str) -> Any:
        return getattr(self._jvm, name)

    def _seq(self, items: list[Any]) -> Any:
        return self._jvm.PythonUtils.toSeq(items)

    def _function(self, function: Any) -> None:
        if function.getClass().getSimpleName() != "SimplePythonFunction":
            return
        pickled = bytes(function.command().toArray(self._named("scala.reflect.ClassTag").Byte()))
        if pickled.startswith(_HEAD):
            return
        guarded = self._jvm.SimplePythonFunction(
            bytearray(self._prologue + pickled),
            function.envVars(),
            function.pythonIncludes(),
            function.pythonExec(),
            function.pythonVer(),
            function.broadcastVars(),
            function.accumulator(),
        )
        field = function.getClass().getDeclaredField("command")
        field.setAccessible(True)
        field.set(function, guarded.command())
        self._replaced += 1

    def _rdd(self, rdd: Any) -> None:
        waiting = [rdd]
        while waiting:
            rdd = waiting.pop()
            number = rdd.id()
            if number in self._seen:
                continue
            self._seen.add(number)
            if rdd.getClass().getSimpleName() == "PythonRDD":
                field = rdd.getClass().getDeclaredField("func")
                field.setAccessible(True)
                self._function(field.get(rdd))
            waiting += [dependency.rdd() for dependency in _items(rdd.dependencies())]

    def _plan(self, plan: Any) -> None:
        for leaf in _items(plan.collectLeaves()):
            if leaf.nodeName() in ("LogicalRDD", "ExternalRDD"):
                self._rdd(leaf.rdd())
        self._node(plan)

    def _node(self, node: Any) -> None:
        if not node.containsAnyPattern(self._patterns):
            return
        for expression in _items(node.expressions()):
            self._expression(expression)
        for below in (node.children(), node.subqueries()):
            for child in _items(below):
                self._node(child)

    def _expression(self, expression: Any) -> None:
        if not expression.containsAnyPattern(self._patterns):
            return
        if "Python" in expression.getClass().getSimpleName():
            self._function(expression.func())
        for child in _items(expression.children()):
            self._expression(child)

    def _column(self, java: Any) -> None:
        if _has(java, "expr"):  # Spark 3.5
            self._expression(java.expr())
            return
        for session in live("session"):
            if session._sc is self._context:
                self._expression(session._jsparkSession.expression(java))
                return

    def _session(self, session: Any) -> None:
        catalog = session._jsparkSession.sessionState().catalog()
        for identifier in _items(catalog.listTemporaryFunctions()):
            name, nothing = identifier.funcName(), self._seq([])
            for resolve, found in (
                (catalog.resolveBuiltinOrTempFunction, self._expression),
                (catalog.resolveBuiltinOrTempTableFunction, self._plan),
            ):
                try:
                    made = resolve(name, nothing)
                except Exception:
                    continue  # not one of Python's, which take what comes
                if made.isDefined():
                    before = self._replaced
                    found(made.get())
                    self.names += [name] if self._replaced > before else []
        self._data_sources(session._jsparkSession.sessionState())
        for view in _items(catalog.listLocalTempViews("*")):
            self._plan(session._jsparkSession.table(view.quotedString()).queryExecution().analyzed())
        for query in session._jsparkSession.streams().active():
            self._plan(query.streamingQuery().logicalPlan())

    def _data_sources(self, state: Any) -> None:
        if not _has(state, "dataSourceManager"):  # Spark 3.5
            return
        manager = state.dataSourceManager()
        field = manager.getClass().getDeclaredField("runtimeDataSourceBuilders")
        field.setAccessible(True)
        for name in list(field.get(manager).keySet()):
            before = self._replaced
            self._function(manager.lookupDataSource(name).dataSourceCls())
            self.names += [name] if self._replaced > before else []


def _items(seq: Any) -> Iterator[Any]:
    for index in range(seq.size()):
        yield seq.apply(index)


def _has(java: Any, name: str) -> bool:
    return any(method.getName() == name for method in java.getClass().getMethods())
