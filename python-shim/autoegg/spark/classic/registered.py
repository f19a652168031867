"""What was registered with a session by name is registered again when the state moves.

Spark keeps the bytes that a SQL function, a table function or a data source was registered with. Jobs run the newest code
all the same, because they carry the state; but a new query with equal bytes may be answered from data that was cached
under older code, and what plans in a process of its own (a table function's ``analyze``, a data source) knows only the
state in the bytes.
"""

from __future__ import annotations

import copy
import threading
import weakref
from collections.abc import Callable
from typing import Any

from ..telling import tell


class Registration:
    """One name of one session. It comes back only as long as Spark still has what was registered last."""

    def __init__(
        self, what: str, name: str, again: Callable[[Any], None], find: Callable[[Any], Any]
    ) -> None:
        self.what = what
        self.name = name
        self.token: str | None = None
        self._again = again
        self._find = find
        self._mark: Any = None

    def note(self, session: Any, token: str | None) -> None:
        """Remember how Spark knows it now."""
        self._mark, self.token = self._find(session), token

    def is_there(self, session: Any) -> bool:
        """Whether it was neither dropped nor replaced, in SQL or from another language."""
        found = self._find(session)
        return found is not None and self._mark is not None and bool(found.equals(self._mark))

    def renew(self, session: Any, token: str | None) -> None:
        self._again(session)
        self.note(session, token)


def function(name: str, registered: Any) -> Registration:
    """A SQL function; ``registered`` is what ``spark.udf.register`` returned."""
    # A copy, because the user's object may change: ``asNondeterministic`` must not reach what was registered.
    udf = copy.copy(getattr(registered, "_unwrapped", registered))

    def again(session: Any) -> None:
        udf._judf_placeholder = None
        session._jsparkSession.udf().registerPython(name, udf._judf)

    return Registration("SQL function", name, again, lambda session: _temporary(session, name, ""))


def table_function(name: str, registered: Any) -> Registration:
    """A SQL table function; ``registered`` is what ``spark.udtf.register`` returned."""
    udtf = copy.copy(registered)

    def again(session: Any) -> None:
        udtf._judtf_placeholder = None
        session._jsparkSession.udtf().registerPython(name, udtf._judtf)

    return Registration("table function", name, again, lambda session: _temporary(session, name, "Table"))


def data_source(name: str, cls: type) -> Registration:
    """A Python data source, under the name that it had (``DataSourceRegistration.register`` in datasource.py)."""

    def again(session: Any) -> None:
        from pyspark.sql.udf import _wrap_function

        context = session._sc
        wrapped = _wrap_function(context, cls)
        package = "org.apache.spark.sql.execution.datasources.v2.python"
        made = getattr(context._jvm, f"{package}.UserDefinedPythonDataSource")(wrapped)
        session._jsparkSession.dataSource().registerPython(name, made)

    def find(session: Any) -> Any:
        manager = session._jsparkSession.sessionState().dataSourceManager()
        return manager.lookupDataSource(name) if manager.dataSourceExists(name) else None

    return Registration("data source", name, again, find)


def _temporary(session: Any, name: str, kind: str) -> Any:
    """Spark's own entry for a temporary function: a new object with each registration."""
    catalog = session._jsparkSession.sessionState().catalog()
    found = getattr(catalog, f"lookupBuiltinOrTemp{kind}Function")(name)
    return found.get() if found.isDefined() else None


class Registered:
    """All names of all sessions. Sessions are held weakly, what was registered with them as long as they live."""

    def __init__(self) -> None:
        self._sessions: weakref.WeakKeyDictionary[Any, dict[tuple[str, str], Registration]] = (
            weakref.WeakKeyDictionary()
        )
        self._lock = threading.RLock()

    def add(self, session: Any, registration: Registration, token: str | None) -> None:
        """``registration`` was just made in ``session``."""
        registration.note(session, token)
        with self._lock:
            names = self._sessions.setdefault(session, {})
            names[registration.what, registration.name.lower()] = registration

    def renew(self, context: Any, token: str | None) -> None:
        """Register again, in every session of ``context``, what is not on the state that ``token`` names."""
        with self._lock:
            for session, names in list(self._sessions.items()):
                if session._sc is context:
                    for key, registration in list(names.items()):
                        if registration.token != token:
                            self._renew(session, names, key, token)

    def _renew(
        self,
        session: Any,
        names: dict[tuple[str, str], Registration],
        key: tuple[str, str],
        token: str | None,
    ) -> None:
        registration = names[key]
        if not registration.is_there(session):
            names.pop(key, None)
            return
        try:
            registration.renew(session, token)
        except Exception as error:
            names.pop(key, None)
            tell(
                f"the {registration.what} {registration.name} keeps the bytes that it was registered with, because it "
                f"could not be pickled again ({type(error).__name__}: {str(error).partition(chr(10))[0]}); a query with "
                "it may be answered from data cached under older code, so register it again"
            )
