"""How the globals of each module were when it was imported, so that what the run has made of them since can be told."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from .edits import Edit
from .purity import bound
from .records import Record
from .state import Marks, changed_names, containers, marks
from .witness import named_classes


class Marking:
    def __init__(self, records: Mapping[str, Record]) -> None:
        self._records = records
        self._marks: dict[str, Marks] = {}
        self._boxes: dict[str, list[tuple[str, Any]]] = {}

    def __contains__(self, module: object) -> bool:
        return module in self._marks

    def __bool__(self) -> bool:
        """Whether any module is marked."""
        return bool(self._marks)

    def of(self, module: str) -> Marks:
        return self._marks.get(module, {})

    def forget(self, module: str) -> None:
        self._marks.pop(module, None)
        self._boxes.pop(module, None)

    def mark(self, modules: Collection[str]) -> None:
        for name in modules:
            if name in self._records:
                self._marks[name] = marks(self._records[name].module)
                self._boxes.pop(name, None)

    def mark_clean(self, name: str, dirty: Collection[str]) -> None:
        """Mark what a reload has made of the globals that the run had not changed before; ``dirty`` stays the run's."""
        if name in self._marks:
            self._renew(name, lambda key: key.removesuffix("#") not in dirty)

    def mark_replaced(
        self, name: str, before: dict[str, Any], edit: Edit | None, dirty: Collection[str]
    ) -> None:
        """The same for a module that was edited: of what the run had changed, mark what the edit replaced."""
        namespace, known = self._records[name].module.__dict__, self.of(name)
        executed = set().union(*map(bound, edit.execute)) if edit is not None else set()
        kept = {
            f"{cls}.{key}"
            for cls, keys in (edit.keep if edit is not None else {}).items()
            if before.get(cls) is namespace.get(cls)  # else it was made anew, with all its attributes
            for key in keys
        }
        replaced = {
            key for key in {*before, *namespace} if before.get(key) is not namespace.get(key)
        } | executed

        def is_new(key: str) -> bool:
            own = key.removesuffix("#")
            return own not in dirty or (
                own.partition(".")[0] in replaced and not (own in kept and key in known)
            )

        self._renew(name, is_new)

    def _renew(self, name: str, is_new: Callable[[str], bool]) -> None:
        known = self._marks.setdefault(name, {})
        now = marks(self._records[name].module)
        for key in {*known, *now}:
            if is_new(key):
                known.pop(key, None)
                if key in now:
                    known[key] = now[key]
        self._boxes.pop(name, None)

    def changed(self, module: str) -> list[str]:
        """Globals and class attributes that are not as they were when they were marked."""
        before = self._marks.get(module)
        return [] if before is None else changed_names(before, marks(self._records[module].module))

    def set_by_the_run(self, module: str, cls: type) -> set[str]:
        """Attributes that the class did not have when it was made."""
        known = self.of(module)
        prefix = f"{cls.__name__}."
        if not any(name.startswith(prefix) for name in known) and cls.__name__ not in known:
            return set()
        return {key for key in cls.__dict__ if prefix + key not in known and not key.startswith("__")}

    def named_containers(self, module: str) -> list[tuple[str, Any]]:
        """The containers that the module has, each with the global that it belongs to."""
        found = self._boxes.get(module)
        if found is None:
            found = self._boxes[module] = containers(self._records[module].module)
        return found

    def named_classes(self, module: str) -> list[tuple[str, Any]]:
        return named_classes(module, self._records[module].module.__dict__)

    def containers(self, module: str) -> list[Any]:
        return [box for _, box in self.named_containers(module)]
