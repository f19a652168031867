"""What imported modules have, as plain data: two processes that imported the same files must give the same.

``describe(tops)`` walks from the modules of some libraries over everything that they reach, and names each object by the shortest way to it:
``lib.a:REGISTRY['x'].__closure__[0]``. An object is described once, under that name; elsewhere only the name appears. So the answer says
also which names are one object: a registry that holds a class of an earlier time, or a function whose globals are not the
module's any more, differs.

Left out: addresses, order of names in modules and classes, caches and state of foreign objects (locks, loggers, threads, streams), and lines of
code unless they are asked for. Nothing of the library is called: attributes are read as ``object.__getattribute__`` does.
"""

from __future__ import annotations

import _abc
import collections
import functools
import hashlib
import opcode
import re
import sys
import types
import typing
import weakref
from collections.abc import Callable, Collection, Iterable
from typing import Any

Values = dict[str, Any]
"""Name of an object -> what it is."""

FORMER = ("__builtins__", "__cached__", "__loader__", "__spec__", "__warningregistry__", "__dict__")
LAZY = ("__annotate__", "__annotate_func__", "__annotations_cache__", "__conditional_annotations__")
"""Python 3.14 keeps annotations as functions; what they gave is a cache."""
NOT_OF_MODULES = {*FORMER, *LAZY}
NOT_OF_CLASSES = {
    "__dict__", "__weakref__", "_abc_impl", "__static_attributes__", "__firstlineno__", "__abstractmethods__",
    "__annotations_cache__", "__classdictcell__",
}  # fmt: skip

ATOMS = (type(None), bool, int, float, complex, str, bytes, type(...), type(NotImplemented))
TOLD_BY_REPR = (range, slice, "count", "Decimal", "Fraction", "date", "datetime", "time", "timedelta", "timezone", "PosixPath", "UUID")  # fmt: skip
OPAQUE = (
    "_thread", "_io", "threading", "logging", "asyncio", "concurrent", "multiprocessing", "importlib", "_frozen_importlib",
    "_frozen_importlib_external", "random", "_random", "ctypes", "_ctypes", "io", "codecs", "zipimport", "socket", "ssl", "_ssl",
    "contextvars", "_contextvars", "queue", "_queue", "selectors", "subprocess", "tempfile",
)  # fmt: skip
"""Packages whose objects are described by their type: they represent something outside, or what a process did."""

_WORD = re.compile(r"\w*")
ADDRESS = re.compile(r"0x[0-9a-f]{6,}")


def describe(tops: Collection[str], lines: bool = False, leave_out: Collection[str] = ()) -> Values:
    """What the imported modules of the libraries ``tops`` have; ``leave_out``: names of module variables."""
    return _Walk(_modules_of(tops), lines, leave_out).run()


Shares = dict[str, tuple[str, str, str]]
"""``module:variable`` -> digests of its code, of the values that an import makes of it, and of what the run may have changed since."""
CODE, VALUES, STATE = range(3)


def shares(modules: Collection[str], roots: Collection[str] = ()) -> Shares:
    """What loaded modules have, in two parts: code, classes and constants; and what functions can change: containers, instances, counters.

    Args:
        modules: names; those that are not loaded are left out.
        roots: folders that the libraries lie in; where they are is no difference.
    """
    return _Shares({name: sys.modules[name] for name in modules if name in sys.modules}, roots).shares()


def differences(expected: Values, found: Values) -> dict[str, tuple[Any, Any]]:
    """Name of an object -> (expected, found); None: there is no such object."""
    names = [name for name in {**expected, **found} if expected.get(name) != found.get(name)]
    return {name: (expected.get(name), found.get(name)) for name in sorted(names)}


def variable(name: str) -> tuple[str, str]:
    """(module, variable) through which an object is reached; the variable is empty for the module itself."""
    module, _, rest = name.partition(":")
    found = _WORD.match(rest)
    return module, found.group() if found else ""


def brief(differing: dict[str, tuple[Any, Any]], most: int = 4) -> str:
    """For people: the first differences, each in a line."""

    def short(value: Any) -> str:
        text = "nothing" if value is None else repr(value)
        return text if len(text) <= 200 else text[:200] + "…"

    shown = [f"  {name}: {_where_they_part(*both, short)}" for name, both in [*differing.items()][:most]]
    more = [f"  and {len(differing) - most} more"] if len(differing) > most else []
    return "\n".join([*shown, *more])


def _where_they_part(expected: Any, found: Any, short: Callable[[Any], str]) -> str:
    if isinstance(expected, dict) and isinstance(found, dict):
        keys = [key for key in {**expected, **found} if expected.get(key) != found.get(key)]
        told = [f"{key}: fresh {short(expected.get(key))}, here {short(found.get(key))}" for key in keys[:3]]
        return "; ".join(told)
    return f"fresh {short(expected)}, here {short(found)}"


def code_digest(code: types.CodeType, lines: bool = False) -> str:
    """Equal for code that does the same; file names and, unless asked for, lines do not count."""
    constants = []
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            constants.append(code_digest(constant, lines))
        elif isinstance(constant, frozenset):
            constants.append(str(sorted(map(repr, constant))))
        elif (
            type(constant) is int
            and abs(constant) > 2**32
            and code.co_filename.startswith("<attrs generated")
        ):
            constants.append("the hash of a number of files made so far in the process")
        else:
            constants.append(f"{type(constant).__name__} {constant!r}")
    told = (
        code.co_name, code.co_code, constants, code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars, code.co_flags,
        code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, getattr(code, "co_exceptiontable", b""),
        list(code.co_lines()) if lines else None,
    )  # fmt: skip
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def _attribute(value: Any, name: str, default: Any = None) -> Any:
    """Without asking the object: ``__getattr__`` and properties of a library do not run."""
    try:
        return object.__getattribute__(value, name)
    except Exception:
        return default


def _globals_of(module: Any) -> dict[str, Any]:
    """Without waking one that loads itself at the first touch (``importlib.util.LazyLoader``)."""
    found: dict[str, Any] = object.__getattribute__(module, "__dict__")
    return found


def _namespace(cls: type) -> dict[str, Any]:
    return dict(type.__getattribute__(cls, "__dict__"))


def _is_named(value: Any, module: Any, qualname: Any) -> bool:
    """Does ``module.qualname`` lead to it, as pickle would look it up?"""
    found: Any = sys.modules.get(module) if isinstance(module, str) else None
    if not isinstance(found, types.ModuleType) or not isinstance(qualname, str):
        return False
    for part in qualname.split("."):
        namespace = _namespace(found) if isinstance(found, type) else _attribute(found, "__dict__", {})
        if part not in namespace:
            return False
        found = namespace[part]
        if isinstance(found, (staticmethod, classmethod)):
            found = found.__func__
    return found is value


def _modules_of(tops: Collection[str]) -> dict[str, Any]:
    tops = set(tops)
    return {name: module for name, module in sys.modules.items() if name.partition(".")[0] in tops}


class _Walk:
    def __init__(self, modules: dict[str, Any], lines: bool, leave_out: Collection[str]) -> None:
        self._modules = dict(sorted(modules.items()))
        self._lines = lines
        self._leave_out = {*NOT_OF_MODULES, *leave_out}
        self._names: dict[int, str] = {}
        self._waiting: collections.deque[tuple[str, Any]] = collections.deque()
        self._alive: list[Any] = []
        self._inline: dict[int, Any] = {}
        self._cached_of: dict[type, frozenset[str]] = {}
        self._slots_of: dict[type, list[tuple[str, Any]]] = {}
        self._namespaces = {
            id(_globals_of(module)): name
            for name, module in sys.modules.copy().items()
            if issubclass(type(module), types.ModuleType)
        }

    def run(self) -> Values:
        found: Values = {}
        named: list[tuple[str, dict[str, Any]]] = []
        for name, module in self._modules.items():
            if issubclass(type(module), types.ModuleType):
                namespace = {k: v for k, v in _globals_of(module).items() if k not in self._leave_out}
                named.append((name, namespace))
            else:  # a module may put another object in its place
                found[f"{name}:"] = self._refer(module, f"{name}:()")
        # The first name of an object is where it is defined, even if others hold it too.
        for name, namespace in named:
            for key, value in sorted(namespace.items()):
                if isinstance(value, (types.FunctionType, type)) and self._home(value) == (name, key):
                    self._refer(value, f"{name}:{key}")
        for name, namespace in named:
            found[f"{name}:"] = {
                key: self._refer(value, f"{name}:{key}") for key, value in sorted(namespace.items())
            }
        while self._waiting:
            name, value = self._waiting.popleft()
            found[name] = self._tell(value, name)
        return found

    def _home(self, value: Any) -> tuple[Any, Any]:
        if issubclass(type(value), type):
            return type.__getattribute__(value, "__module__"), type.__getattribute__(value, "__qualname__")
        return value.__module__, value.__qualname__

    # -- references

    def _refer(self, value: Any, name: str) -> Any:
        """How another object mentions it: a plain value itself, anything else by the name under which it is described."""
        kind = type(value)
        if kind in ATOMS:
            return self._atom(value)
        known = self._names.get(id(value))
        if known is not None:
            return known
        if id(value) in self._inline:
            return self._inline[id(value)]
        foreign = self._by_name(value, kind)
        if foreign is not None:
            return foreign
        if kind in (tuple, frozenset):
            told = self._inline[id(value)] = self._items(value, name)
            self._alive.append(value)
            return told
        if kind is types.CodeType:
            return "code " + code_digest(value, self._lines)
        if kind.__module__ in ("typing", "types", "annotationlib") and kind.__name__.endswith(("Alias", "Union", "UnionType", "ForwardRef")):  # fmt: skip
            told = self._inline[id(value)] = self._annotation(value, name)
            self._alive.append(value)
            return told
        self._names[id(value)] = name
        self._alive.append(value)
        self._waiting.append((name, value))
        return name

    def _annotation(self, value: Any, name: str) -> Any:
        """By value: ``typing`` caches such objects for the next request of an equal one, also one with another order in a union."""
        kind = type(value).__name__
        if kind == "ForwardRef":
            return f"ForwardRef {_attribute(value, '__forward_arg__')}"
        told = [
            self._refer(item, f"{name}.__args__[{i}]")
            for i, item in enumerate(_attribute(value, "__args__") or ())
        ]
        origin = _attribute(value, "__origin__")
        if "Union" in kind:
            told.sort(key=repr)
            origin = typing.Union  # equal to what ``|`` makes, and found instead of it
        metadata = self._refer(_attribute(value, "__metadata__", ()), f"{name}.__metadata__")
        return {
            "annotation": self._refer(origin, f"{name}.__origin__"),
            "of": told,
            "with": metadata,
        }

    def _atom(self, value: Any) -> str:
        told = repr(value)
        if "0x" in told:
            told = ADDRESS.sub("0x…", told)
        return told if len(told) <= 200 else f"{told[:60]}… {hashlib.sha256(told.encode()).hexdigest()[:16]}"

    def _by_name(self, value: Any, kind: type) -> str | None:
        """Modules, and what other packages have under a name."""
        if issubclass(kind, types.ModuleType):
            title = _globals_of(value).get("__name__")
            same = sys.modules.get(title) is value if isinstance(title, str) else False
            return f"module {title}" if same else f"module {title} of an earlier time"
        if id(value) in self._namespaces:
            return f"namespace of {self._namespaces[id(value)]}"
        if issubclass(kind, (types.FunctionType, type)):
            module, qualname = self._home(value)
            is_static = issubclass(kind, type) and not type.__dict__["__flags__"].__get__(value) & 1 << 9
            if module not in self._modules and (is_static or _is_named(value, module, qualname)):
                return f"{module}.{qualname}"
            return None
        if issubclass(kind, types.BuiltinFunctionType):
            owner = _attribute(value, "__self__")
            if owner is None or type(owner) is types.ModuleType:
                return f"{value.__module__}.{value.__qualname__}"
            return None
        module = self._home(kind)[0]
        if module in self._modules or not isinstance(module, str):
            return None
        home = sys.modules.get(module)
        if home is not None and issubclass(type(home), types.ModuleType):
            for key, other in list(_globals_of(home).items()):
                if other is value:
                    return f"{module}.{key}"
        return None

    # -- what a thing is

    def _tell(self, value: Any, name: str) -> Any:
        kind = type(value)
        if issubclass(kind, type):
            return self._class(value, name)
        tell = TELL.get(kind)
        if tell is not None:
            return tell(self, value, name)
        for base in (dict, list, tuple, set, frozenset, collections.deque, weakref.ref, functools.partial, property, staticmethod, classmethod):  # fmt: skip
            if issubclass(kind, base):
                return {"kind": self._refer(kind, f"{name}.__class__"), "holds": TELL[base](self, value, name), **self._state(value, name)}  # fmt: skip
        for plain in (str, bytes, int, float):
            if issubclass(kind, plain):
                return {"kind": self._refer(kind, f"{name}.__class__"), "is": plain.__repr__(value), **self._state(value, name)}  # fmt: skip
        return self._instance(value, name)

    def _instance(self, value: Any, name: str) -> Any:
        kind = type(value)
        module = self._home(kind)[0]
        title = f"{module}.{kind.__qualname__}"
        if (kind.__name__ in TOLD_BY_REPR or kind in TOLD_BY_REPR) and module not in self._modules:
            return f"{title} {value!r}"
        if module not in self._modules and str(module).partition(".")[0] in OPAQUE:
            return title
        if kind.__name__ == "_lru_cache_wrapper":
            return {"kind": "cached", **self._state(value, name)}
        if kind is typing.TypeVar:
            return f"TypeVar {value.__name__} {value.__covariant__} {value.__contravariant__}"
        if issubclass(kind, (weakref.WeakValueDictionary, weakref.WeakKeyDictionary, weakref.WeakSet)):
            held = list(value.items()) if hasattr(kind, "items") else list(value)
            told = self._pairs(held, name) if hasattr(kind, "items") else self._unordered(held, name)
            return {"kind": self._refer(kind, f"{name}.__class__"), "holds": told}
        return {"kind": self._refer(kind, f"{name}.__class__"), **self._state(value, name)}

    def _state(self, value: Any, name: str) -> dict[str, Any]:
        """Attributes that an instance has, and values in its slots."""
        told = {}
        namespace = _attribute(value, "__dict__", {})
        if type(namespace) is dict:
            cached = self._cached(type(value))
            for key, item in list(namespace.items()):
                if (
                    key not in cached and key != "_clear_cache"
                ):  # a ``singledispatch`` function's way to its cache
                    told[f".{key}"] = self._refer(item, f"{name}.{key}")
        for key, slot in self._slots(type(value)):
            try:
                item = slot.__get__(value)
            except Exception:
                continue
            told[f".{key}"] = self._refer(item, f"{name}.{key}")
        return told

    def _cached(self, kind: type) -> frozenset[str]:
        """What a ``cached_property`` has computed: it may be there or not."""
        found = self._cached_of.get(kind)
        if found is None:
            found = self._cached_of[kind] = frozenset(
                key
                for cls in kind.__mro__
                for key, value in _namespace(cls).items()
                if type(value) is functools.cached_property
            )
        return found

    def _slots(self, kind: type) -> list[tuple[str, Any]]:
        found = self._slots_of.get(kind)
        if found is None:
            found = self._slots_of[kind] = [
                (key, slot)
                for cls in kind.__mro__
                for key, slot in _namespace(cls).items()
                if type(slot) is types.MemberDescriptorType and not key.endswith("__")
            ]
        return found

    def _class(self, cls: Any, name: str) -> dict[str, Any]:
        read: Callable[[Any, str], Any] = type.__getattribute__
        module, qualname = self._home(cls)
        namespace = {key: value for key, value in _namespace(cls).items() if key not in NOT_OF_CLASSES}
        told: dict[str, Any] = {
            "class": f"{module}.{qualname}",
            "metaclass": self._refer(type(cls), f"{name}.__class__"),
            "bases": [self._refer(base, f"{name}.__bases__[{i}]") for i, base in enumerate(cls.__bases__)],
            "mro": [self._refer(base, f"{name}.__mro__[{i}]") for i, base in enumerate(type.mro(cls) if type(cls) is type else read(cls, "__mro__"))],
            "layout": [cls.__basicsize__, cls.__dictoffset__ != 0, cls.__weakrefoffset__ != 0],
            "lines": _namespace(cls).get("__firstlineno__") if self._lines else None,
        }  # fmt: skip
        if "_abc_impl" in _namespace(cls):
            told["abstract"] = sorted(_namespace(cls).get("__abstractmethods__", ()))
            registered = [reference() for reference in _abc._get_dump(cls)[0]]  # type: ignore[attr-defined]
            told["registered"] = self._unordered([c for c in registered if c is not None], f"{name}.register")
        for key, value in sorted(namespace.items()):
            if key in LAZY and not isinstance(value, types.FunctionType):
                continue
            told[f".{key}"] = self._refer(value, f"{name}.{key}")
        return told

    def _cells(self, function: Any, name: str) -> list[Any]:
        """What the function has captured; without the names of a class that is compared by itself (PEP 695), and without caches."""
        cells: list[Any] = []
        variables = function.__code__.co_freevars
        for i, (variable, cell) in enumerate(zip(variables, function.__closure__ or (), strict=True)):
            if variable == "__classdict__" or (
                variable == "dispatch_cache" and function.__module__ == "functools"
            ):
                continue
            try:
                cells.append(self._refer(cell.cell_contents, f"{name}.__closure__[{i}]"))
            except ValueError:
                cells.append("empty")
        return cells

    def _function(self, function: Any, name: str) -> dict[str, Any]:
        home = function.__globals__
        told = {
            "function": f"{function.__module__}.{function.__qualname__}",
            "name": function.__name__,
            "code": code_digest(function.__code__, self._lines),
            "globals": self._namespaces.get(id(home), f"no module's ({home.get('__name__')})"),
            "doc": self._refer(function.__doc__, f"{name}.__doc__"),
            "defaults": self._refer(function.__defaults__, f"{name}.__defaults__"),
            "kwdefaults": self._refer(function.__kwdefaults__, f"{name}.__kwdefaults__"),
            "closure": self._cells(function, name),
        }
        if sys.version_info >= (3, 14):
            annotate = function.__annotate__
            told["annotations"] = annotate and code_digest(annotate.__code__)
        else:
            told["annotations"] = self._pairs(function.__annotations__.items(), f"{name}.__annotations__")
        return told | self._state(function, name)

    # -- containers

    def _items(self, value: Any, name: str) -> Any:
        if isinstance(value, (set, frozenset)):
            return {type(value).__name__: self._unordered(value, name)}
        return {type(value).__name__: [self._refer(item, f"{name}[{i}]") for i, item in enumerate(value)]}

    def _pairs(self, pairs: Iterable[tuple[Any, Any]], name: str) -> list[Any]:
        told = []
        for i, (key, value) in enumerate(list(pairs)):
            if type(key) in ATOMS:
                place = f"[{self._atom(key)}]"
            elif issubclass(type(key), (types.FunctionType, type)):
                place = "[{}.{}]".format(*self._home(key))
            else:
                place = f"[#{i}]"
            told.append([self._refer(key, f"{name}.keys()[{i}]"), self._refer(value, name + place)])
        return told

    def _unordered(self, values: Iterable[Any], name: str) -> list[Any]:
        """In the order of what can be said of each without a name."""

        def key(value: Any) -> str:
            kind = type(value)
            if kind in ATOMS:
                return f"{kind.__name__} {self._atom(value)}"
            if kind in (tuple, frozenset):
                return kind.__name__ + str([key(item) for item in value])
            if kind is types.CodeType:
                return code_digest(value, self._lines)
            if issubclass(kind, (types.FunctionType, type)):
                return "{} {}".format(*self._home(value))
            attributes = _attribute(value, "__dict__", {})
            plain = sorted(f"{k} {v!r}" for k, v in attributes.items() if type(v) in ATOMS)
            return f"{kind.__module__} {kind.__qualname__} {plain}"

        return [self._refer(item, f"{name}{{{i}}}") for i, item in enumerate(sorted(values, key=key))]

    def _mapping(self, value: Any, name: str) -> Any:
        told: dict[str, Any] = {"dict": self._pairs(dict.items(value), name)}
        if isinstance(value, collections.defaultdict):
            told["default"] = self._refer(value.default_factory, f"{name}.default_factory")
        return told

    def _proxy(self, value: Any, name: str) -> Any:
        return {"mappingproxy": self._pairs(value.items(), name)}

    def _reference(self, value: Any, name: str) -> Any:
        target = weakref.ref.__call__(value)
        return "dead weak reference" if target is None else {"weak": self._refer(target, f"{name}()")}

    def _cell(self, value: Any, name: str) -> Any:
        try:
            return {"cell": self._refer(value.cell_contents, f"{name}.cell_contents")}
        except ValueError:
            return "empty cell"

    def _pattern(self, value: Any, name: str) -> Any:
        return {"pattern": self._atom(value.pattern), "flags": int(value.flags)}

    def _foreign(self, value: Any, name: str) -> Any:
        return {"type": type(value).__name__, "name": str(_attribute(value, "__name__", ""))}


def _parts(*attributes: str) -> Callable[[_Walk, Any, str], Any]:
    """An object of the interpreter that is made of these."""

    def tell(walk: _Walk, value: Any, name: str) -> Any:
        told: dict[str, Any] = {"type": type(value).__name__}
        for attribute in attributes:
            told[attribute] = walk._refer(getattr(value, attribute, None), f"{name}.{attribute}")
        return told

    return tell


TELL: dict[type, Callable[[_Walk, Any, str], Any]] = {
    types.FunctionType: _Walk._function,
    dict: _Walk._mapping,
    collections.OrderedDict: _Walk._mapping,
    collections.defaultdict: _Walk._mapping,
    list: _Walk._items,
    tuple: _Walk._items,
    set: _Walk._items,
    frozenset: _Walk._items,
    collections.deque: _Walk._items,
    bytearray: lambda walk, value, name: bytes(value).hex(),
    types.MappingProxyType: _Walk._proxy,
    types.CellType: _Walk._cell,
    types.MethodType: _parts("__func__", "__self__"),
    types.BuiltinFunctionType: _parts("__qualname__", "__self__"),
    types.MethodWrapperType: _parts("__qualname__", "__self__"),
    types.MemberDescriptorType: _Walk._foreign,
    types.GetSetDescriptorType: _Walk._foreign,
    types.WrapperDescriptorType: _Walk._foreign,
    types.MethodDescriptorType: _Walk._foreign,
    types.ClassMethodDescriptorType: _Walk._foreign,
    property: _parts("fget", "fset", "fdel", "__doc__"),
    staticmethod: _parts("__func__"),
    classmethod: _parts("__func__"),
    functools.partial: _parts("func", "args", "keywords"),
    re.Pattern: _Walk._pattern,
    weakref.ref: _Walk._reference,
}


_FIXED = (
    type, types.FunctionType, types.MethodType, types.BuiltinFunctionType, property, staticmethod, classmethod, functools.partial,
    re.Pattern, types.MemberDescriptorType, types.GetSetDescriptorType, types.WrapperDescriptorType, types.MethodDescriptorType,
    types.ClassMethodDescriptorType, types.MethodWrapperType,
)  # fmt: skip
"""What stays as the import created it, unless it is patched."""


Parts = dict[str, tuple[list[Any], list[Any], list[Any]]]


class _Shares(_Walk):
    """Code is described by what it does, not by its documentation: the caller already knows that the same files ran."""

    def __init__(self, modules: dict[str, Any], roots: Collection[str]) -> None:
        super().__init__(modules, False, ("__file__", "__path__", "__doc__"))
        self._roots = sorted(roots, key=len, reverse=True)
        self._is_fixed: dict[str, bool] = {}
        self._rebound: set[tuple[str, str]] = set()
        self._set: set[str] = set()

    def shares(self) -> Shares:
        for name, module in self._modules.items():
            for code in _codes_in(module):
                self._rebound |= {(name, stored) for stored in _stored(code, "STORE_GLOBAL")}
                self._set |= _stored(code, "STORE_ATTR")
        parts: Parts = {}
        for name, told in self.run().items():
            if name.endswith(":"):
                for key, value in told.items() if type(told) is dict else ():
                    if f"module {name[:-1]}.{key}" != value:  # which submodules are loaded is not asked
                        kind = VALUES if self._stays(name[:-1], key, value) else STATE
                        self._add(parts, f"{name}{key}", (key, value), kind)
            elif type(told) is dict and ("function" in told or "class" in told):
                code = told.pop("code", None)
                changing = {
                    key: value
                    for key, value in told.items()
                    if key == "closure" or (key[0] == "." and self._may_change(told, key, value))
                }
                self._add(parts, name, (name, code), CODE)
                self._add(parts, name, (name, {k: v for k, v in told.items() if k not in changing}), VALUES)
                if changing:
                    self._add(parts, name, (name, changing), STATE)
            else:
                self._add(parts, name, (name, told), VALUES if self._is_fixed.get(name) else STATE)
        return {
            name: (_digest(code), _digest(fixed), _digest(state))
            for name, (code, fixed, state) in parts.items()
        }

    def _add(self, parts: Parts, name: str, told: Any, kind: int) -> None:
        parts.setdefault(":".join(variable(name)), ([], [], []))[kind].append(told)

    def _stays(self, module: str, key: str, value: Any) -> bool:
        if type(value) is str and value in self._is_fixed:
            return self._is_fixed[value]
        return (module, key) not in self._rebound

    def _may_change(self, told: dict[str, Any], key: str, value: Any) -> bool:
        if "function" in told:
            return True  # an attribute of a function
        return (type(value) is str and not self._is_fixed.get(value, True)) or key[1:] in self._set

    def _tell(self, value: Any, name: str) -> Any:
        self._is_fixed[name] = issubclass(type(value), _FIXED)
        return (
            self._function(value, name) if type(value) is types.FunctionType else super()._tell(value, name)
        )

    def _function(self, function: Any, name: str) -> dict[str, Any]:
        return {
            "function": f"{function.__module__}.{function.__qualname__}",
            "code": _quick_digest(function.__code__),
            "defaults": self._refer(function.__defaults__, f"{name}.__defaults__"),
            "kwdefaults": self._refer(function.__kwdefaults__, f"{name}.__kwdefaults__"),
            "closure": self._cells(function, name),
            **self._state(function, name),
        }

    def _atom(self, value: Any) -> str:
        told = super()._atom(value)
        for root in self._roots:
            told = told.replace(root, "…")
        return told

    def _instance(self, value: Any, name: str) -> Any:
        told = super()._instance(value, name)
        for root in self._roots if type(told) is str else ():
            told = told.replace(root, "…")
        return told


def _codes_in(module: Any) -> Iterable[types.CodeType]:
    """Code of the functions and methods that a module's names lead to."""
    todo: list[Any] = list(_attribute(module, "__dict__", {}).values())
    seen: set[int] = set()
    own = _attribute(module, "__dict__", {}).get("__name__")
    while todo:
        value = todo.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        kind = type(value)
        if kind in (staticmethod, classmethod):
            todo.append(value.__func__)
        elif kind is property:
            todo += [value.fget, value.fset]
        elif kind is types.FunctionType:
            if value.__module__ == own:
                todo.append(value.__code__)
        elif kind is types.CodeType:
            yield value
            todo += [constant for constant in value.co_consts if type(constant) is types.CodeType]
        elif issubclass(kind, type) and type.__getattribute__(value, "__module__") == own:
            todo += _namespace(value).values()


def _stored(code: types.CodeType, operation: str) -> set[str]:
    """Names that the code's own instructions of a kind mention (two bytes each, ``EXTENDED_ARG`` before large arguments)."""
    wanted, extended = opcode.opmap[operation], opcode.opmap["EXTENDED_ARG"]
    operations = code.co_code[::2]
    found, more = set(), 0
    if wanted in operations:
        for one, argument in zip(operations, code.co_code[1::2], strict=True):
            if one == wanted:
                found.add(code.co_names[argument | more])
            more = (argument | more) << 8 if one == extended else 0
    return found


def _quick_digest(code: types.CodeType) -> str:
    constants = code.co_consts
    if constants and type(constants[0]) is str:
        constants = constants[
            1:
        ]  # a docstring, or one that is read anyway (``co_names`` and the rest tell two such apart)
    told = [
        _quick_digest(one) if type(one) is types.CodeType else repr(one)
        for one in constants
        if type(one) is not frozenset and not (type(one) is int and abs(one) > 2**32)
    ]
    return _digest([code.co_code, code.co_names, told])


def _digest(told: list[Any]) -> str:
    return hashlib.blake2b(repr(told).encode(), digest_size=8).hexdigest() if told else ""
