"""What a library puts into other packages when it is imported is seen, and everyday code is not taken for that."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from eggs import Library
from test_switch import States, states  # noqa: F401 (the fixture)

LEFT = {
    "an attribute": "import fractions\ndef f(self):\n    return TAG\nfractions.Fraction.mine = f\n",
    "a function without a name": "import fractions\nfractions.Fraction.mine = lambda self: TAG\n",
    "a wrapper around theirs": (
        "import fractions, functools\n_old = fractions.Fraction.limit_denominator\n"
        "@functools.wraps(_old)\ndef _new(self, *more):\n    return _old(self, *more)\n"
        "fractions.Fraction.limit_denominator = _new\n"
    ),
    "an object of a class": "import logging\nclass Mine(logging.Filter):\n    pass\nlogging.root.addFilter(Mine())\n",
    "an object that others know": (
        "import logging\nclass Mine(logging.Filter):\n    pass\nlog = logging.getLogger(__name__)\nlog.addFilter(Mine())\n"
    ),
    "an entry of a registry": "import copyreg\nclass Mine:\n    pass\ncopyreg.pickle(Mine, lambda mine: (Mine, ()))\n",
    "a generic function of theirs": (
        "import json.encoder, functools\njson.encoder.theirs = functools.singledispatch(repr)\n"
        "@json.encoder.theirs.register\ndef _(value: int):\n    return TAG\n"
    ),
    "a subclass that others list": (
        "import string\nif not hasattr(string, 'plugins'):\n    string.plugins = []\n"
        "class Mine:\n    pass\nstring.plugins.append(Mine)\n"
    ),
    "the module": "import string, sys\nstring.mine = sys.modules[__name__]\n",
    "a codec": "import codecs\ndef search(name):\n    return None\ncodecs.register(search)\n",
    "an exit function": "import atexit\ndef bye():\n    pass\natexit.register(bye)\n",
    "a thread": (
        "import threading\ndef run():\n    threading.Event().wait(60)\nthreading.Thread(target=run, daemon=True).start()\n"
    ),
}

EVERYDAY = """
import abc, collections, contextlib, dataclasses, enum, functools, logging, threading, typing, weakref
from typing import Generic, List, NamedTuple, Optional, Protocol, TypedDict, TypeVar, Union, overload
log = logging.getLogger(__name__)
T = TypeVar("T", bound="Base")
class Base(abc.ABC):
    known = []
    def __init_subclass__(cls, **named):
        Base.known.append(cls)
    @abc.abstractmethod
    def run(self): ...
class Derived(Base):
    __slots__ = ()
    def run(self):
        return super().run()
    @property
    def tag(self):
        return TAG
    @classmethod
    def make(cls) -> "Optional[Derived]":
        return cls()
    @staticmethod
    def still():
        return TAG
Base.register(int)
class Nothing:
    __slots__ = ()
NOTHING = Nothing()
class Colour(enum.IntEnum):
    RED = 1
class Flags(enum.Flag):
    A = enum.auto()
@dataclasses.dataclass(frozen=True)
class Point:
    x: Optional[Base] = None
    y: "List[Derived]" = dataclasses.field(default_factory=list)
    made: typing.Callable[[], Nothing] = Nothing
class Pair(NamedTuple):
    one: Optional[Point]
    two: Union[Colour, Flags]
class Keys(TypedDict):
    one: Optional[Pair]
class Runs(Protocol):
    def run(self) -> Optional[Point]: ...
class Box(Generic[T]):
    inner: Optional[T] = None
Boxes = Box[Derived]
Plain = collections.namedtuple("Plain", "a b")
class Error(ValueError):
    pass
@overload
def over(x: int) -> Point: ...
@overload
def over(x: str) -> Pair: ...
def over(x):
    return x
@functools.lru_cache(maxsize=None)
def cached(kind):
    return kind()
cached(Derived)
@functools.singledispatch
def generic(x):
    return x
@generic.register
def _(x: Point):
    return x
@contextlib.contextmanager
def manager():
    yield Point()
def decorated(function):
    @functools.wraps(function)
    def wrapper(*given):
        return function(*given)
    return wrapper
@decorated
def inner(x: Optional[Error] = None):
    return [y for y in (lambda: Derived())().known]
TABLE = {name: functools.partial(inner, name) for name in ("a", "b")}
WEAK = weakref.WeakSet([Derived])
LOCK, LOCAL = threading.RLock(), threading.local()
LOCAL.value = Derived()
INSTANCES = [Derived(), Point(), Pair(None, Colour.RED), Keys(one=None), Error(), NOTHING, Plain(1, Derived)]
try:
    raise Error()
except Error as error:
    log.debug("gone: %s", error)
class Lazy:
    def __getattribute__(self, name):
        raise RuntimeError("was woken by a look at " + name)
LAZY = Lazy()
def __getattr__(name):
    raise AttributeError(name)
"""


def two_versions(tmp_path: Path, states: States, source: str) -> None:  # noqa: F811
    files = {
        "lib/__init__.py": "",
        "lib/low.py": "",
        "lib/code.py": "TAG = 'v1'\nfrom . import low\n" + source,
    }
    library = Library("lib", tmp_path / "src", tmp_path / "store", files)
    states.add(library)
    library.edit({"lib/code.py": files["lib/code.py"].replace("v1", "v2")})
    states.add(library)


@pytest.mark.parametrize("kind", LEFT)
def test_what_is_left_in_other_packages_is_seen(tmp_path: Path, states: States, kind: str) -> None:  # noqa: F811
    two_versions(tmp_path, states, LEFT[kind])
    code = (
        "to(0); before = switch.held_outside(); value('lib.low', '__name__'); low = switch.held_outside()\n"
    )
    code += "value('lib.code'); say([before, low, switch.held_outside()])"
    before, low, held = states.run(code)
    assert (before, low) == (None, None)
    assert "lib.code" in held or kind == "a wrapper around theirs", "which bears their name"
    assert held


def test_everyday_code_leaves_nothing_and_is_kept(tmp_path: Path, states: States) -> None:  # noqa: F811
    two_versions(tmp_path, states, EVERYDAY)
    code = "def look():\n    import lib.code\n    return [id(lib.code), lib.code.TAG]\nsaid = []\n"
    code += "for number in (0, 1, 0, 1):\n    to(number); said.append([*look(), switch.held_outside()])\nsay(said)"
    first, second, again, too = states.run(code)
    assert (first[1:], second[1:]) == (["v1", None], ["v2", None])
    assert (again, too) == (first, second), "the modules that were put aside"


def test_a_process_that_cannot_start_afresh_imports_again_what_left_something(
    tmp_path: Path,
    states: States,  # noqa: F811
) -> None:
    two_versions(tmp_path, states, LEFT["an attribute"])
    code = "import fractions\nsaid = []\nfor number in (0, 1, 0, 1):\n    to(number); value('lib.code')\n"
    code += "    said.append(fractions.Fraction(1).mine())\nsay(said)"
    assert states.run(code) == ["v1", "v2", "v1", "v2"]


def test_what_a_task_has_left_is_not_taken_for_the_librarys(tmp_path: Path, states: States) -> None:  # noqa: F811
    """Garbage, and what PySpark's registries hold of the last task."""
    two_versions(tmp_path, states, EVERYDAY)
    code = (
        "import types\ndef task():\n    import lib.code\n    loop = [lib.code.Derived]\n    loop.append(loop)\n"
        "    broadcast = types.SimpleNamespace(_path='somewhere', _value=lib.code.Point())\n"
        "    sys.modules['pyspark.broadcast'] = types.SimpleNamespace(_broadcastRegistry={1: broadcast})\n"
        "    sys.accumulators = {1: lib.code.Point()}\n"
        "to(0); task(); say(switch.held_outside(lambda: sys.accumulators.clear()))"
    )
    assert states.run(code) is None


def test_more_objects_than_are_looked_at_count_as_left(tmp_path: Path, states: States) -> None:  # noqa: F811
    two_versions(tmp_path, states, "class Row:\n    pass\nROWS = [Row() for _ in range(500)]\n")
    code = "from autoegg.worker import outside\noutside._MOST = 400\nto(0); value('lib.code'); say(switch.held_outside())"
    assert states.run(code) is not None
