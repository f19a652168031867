"""Go or refuse, once per cell, before any of it runs.

The pre-run hook only notes that a person's cell begins: IPython prints an exception of a hook and runs the cell all the
same, and silent requests of the front end do not call it. The question is put by an AST transformer, called after the
cell was parsed and before it runs, sync or async; of its exceptions only ``InputRejected`` stops a cell, any other one
unregisters the transformer (IPython, interactiveshell.py, ``run_cell_async`` and ``transform_ast``).
"""

from __future__ import annotations

import ast
import logging
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from IPython.core.error import InputRejected

from autoegg.errors import AutoeggError, InternalError, Interrupted
from autoegg.kernel.cell_code import binding_imports, parsed
from autoegg.kernel.passing import always_passes

_log = logging.getLogger("autoegg")


class Gate:
    """Calls ``before(tree)`` for each outermost cell and refuses the cell if that raises; ``after(imports, error)`` when it ended.

    Args:
        shell: the running ``InteractiveShell``.
        before: brings everything up to date for the parsed cell; an exception refuses the cell.
        after: hears the import statements of each cell (``binding_imports``), also of cells that ran inside of it, once it has ended,
            and the exception that it raised, if any. Of a cell that was refused there are none.
        ended: hears IPython's ``ExecutionResult`` of each cell, after ``after``; also of one that was refused.
    """

    def __init__(
        self,
        shell: Any,
        before: Callable[[ast.AST], None],
        after: Callable[[str, BaseException | None], None],
        ended: Callable[[Any], None],
    ) -> None:
        self._shell = shell
        self._before = before
        self._after = after
        self._ended = ended
        self._asked = threading.local()

    def install(self) -> None:
        self._shell.events.register("pre_run_cell", self._cell_begins)
        self._shell.events.register("post_run_cell", self._cell_ended)
        self._shell.ast_transformers.insert(0, self)

    def uninstall(self) -> None:
        self._shell.events.unregister("pre_run_cell", self._cell_begins)
        self._shell.events.unregister("post_run_cell", self._cell_ended)
        self._shell.ast_transformers.remove(self)

    def _cell_begins(self, info: Any) -> None:
        if _cells_on_stack() > 1:
            return  # run by a magic of the outer cell (%%time, %%capture): one cell has one state to its end
        self._asked.pending = True
        self._asked.imports = {}

    def visit(self, node: ast.AST) -> ast.AST:
        """The AST transformer's entry point: leaves the cell as it is, or refuses it."""
        imports = getattr(self._asked, "imports", None)  # None: no cell, but a request of the front end
        if imports is not None:
            imports[_imports_in(node)] = None
        if getattr(self._asked, "pending", False):
            self._asked.pending = False
            if always_passes(node, self._shell):
                return node
            try:
                self._before(node)
            except AutoeggError as refusal:
                raise _rejection(refusal) from None
            except KeyboardInterrupt:
                raise _rejection(Interrupted()) from None
            except BaseException as error:
                raise _rejection(InternalError(error)) from error
        return node

    def _cell_ended(self, result: Any) -> None:
        if _cells_on_stack() == 0:
            self._asked.pending = False
            self._after(self._imports_of(result), result.error_in_exec)
            self._ended(result)

    def _imports_of(self, result: Any) -> str:
        found = self._asked.__dict__.pop("imports", None)
        if result.error_before_exec is not None:
            return ""
        if found is None:  # the cell that has loaded the extension was parsed before
            tree = parsed(result.info.raw_cell or "")
            return _imports_in(tree) if tree is not None else ""
        return "\n".join(found)


def _imports_in(tree: ast.AST) -> str:
    try:
        return binding_imports(tree)
    except Exception:
        _log.exception("what this cell has imported is not bound again after an edit")
        return ""


def _cells_on_stack() -> int:
    """How many cells are being run on this thread; more than one when a magic of a cell runs another one."""
    cells = 0
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_name == "run_cell_async" and frame.f_code.co_filename.endswith(
            "interactiveshell.py"
        ):
            cells += 1
        frame = frame.f_back
    return cells


_rejections: dict[type[AutoeggError], Any] = {}


def _rejection(error: AutoeggError) -> InputRejected:
    """The same refusal as a kind of InputRejected; its class keeps the name, which becomes ``ename`` in the reply."""
    kind = type(error)
    if kind not in _rejections:
        _rejections[kind] = type(kind.__name__, (InputRejected, kind), {"__module__": kind.__module__})
    rejection = _rejections[kind](str(error), file=error.file, line=error.line)
    assert isinstance(rejection, InputRejected)
    return rejection
