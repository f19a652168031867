"""The comparison that the other tests of this folder go by: what it must see, and what it must not."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fresh import Fresh, Question, import_all

from autoegg.contents import describe, differences, shares, variable

TEXT = """
import functools, re, threading, weakref, logging, enum
LOCK = threading.Lock()
LOG = logging.getLogger(__name__)
PATTERN = re.compile("a+")
class Base:
    x = [1]
    def m(self): return 1
class K(Base):
    @property
    def p(self): return 1
    @functools.lru_cache
    def c(self): return super().m()
class Colour(enum.Enum):
    RED = 1
def wrap(f):
    @functools.wraps(f)
    def w(*a): return f(*a)
    return w
@wrap
def f(x: int = 0, *, y=(1, 2)): return x
REGISTRY = {"k": K, "f": f, "in": {1, 2, "a"}}
WEAK = weakref.WeakValueDictionary(k=K)
thing = K()
thing.v = 1
"""


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "some_library.py").write_text(TEXT)
    sys.path.insert(0, str(tmp_path))
    assert not import_all(["some_library"])
    yield tmp_path
    sys.path.remove(str(tmp_path))
    del sys.modules["some_library"]


def test_what_was_imported_is_what_a_fresh_process_imports(library: Path) -> None:
    with Fresh([library]) as fresh:
        answers = [
            fresh.imports(Question(["some_library"], ["some_library"], elsewhere=e)) for e in (False, True)
        ]
    for answer in answers:
        assert not differences(answer.values, describe(["some_library"]))


def change_constant(m: Any) -> None:
    m.Base.x.append(2)


def another_class_of_the_name(m: Any) -> None:
    m.REGISTRY["k"] = type("K", (m.Base,), dict(vars(m.K)))


def older_function_in_a_closure(m: Any) -> None:
    namespace = dict(vars(m))
    exec("def f(x: int = 0, *, y=(1, 2)): return x", namespace)
    m.f.__closure__[0].cell_contents = namespace["f"]


def no_longer_one_object(m: Any) -> None:
    m.REGISTRY["f"] = m.wrap(m.f.__wrapped__)


def order_of_a_dict(m: Any) -> None:
    m.REGISTRY["k"] = m.REGISTRY.pop("k")


def weak_registry_emptied(m: Any) -> None:
    m.WEAK.clear()


def default(m: Any) -> None:
    m.f.__wrapped__.__defaults__ = (1,)


def attribute_of_an_instance(m: Any) -> None:
    m.thing.v = 2


def instance_of_an_older_class(m: Any) -> None:
    older = type("K", (m.Base,), dict(vars(m.K)))
    m.thing.__class__ = older


def body(m: Any) -> None:
    m.Base.m.__code__ = (lambda self: 2).__code__.replace(co_name="m")


def name_gone(m: Any) -> None:
    del m.LOCK


@pytest.mark.parametrize(
    "edit",
    [
        change_constant, another_class_of_the_name, older_function_in_a_closure, no_longer_one_object, order_of_a_dict,
        weak_registry_emptied, default, attribute_of_an_instance, instance_of_an_older_class, body, name_gone,
    ],
    ids=lambda edit: edit.__name__,
)  # fmt: skip
def test_a_difference_is_seen(edit: Callable[[Any], None], library: Path) -> None:
    before = describe(["some_library"])
    edit(sys.modules["some_library"])
    found = differences(before, describe(["some_library"]))
    assert found and {variable(name)[0] for name in found} == {"some_library"}


def test_what_runs_do_to_locks_loggers_and_caches_does_not_count_as_a_difference(library: Path) -> None:
    before = describe(["some_library"])
    module: Any = sys.modules["some_library"]
    with module.LOCK:
        module.LOG.setLevel("ERROR")
        module.thing.c()
        assert not differences(before, describe(["some_library"]))


def test_a_module_that_loads_itself_at_the_first_touch_is_not_woken(tmp_path: Path) -> None:
    (tmp_path / "sleeping_library.py").write_text("raise RuntimeError('woken')\n")
    spec = importlib.util.spec_from_file_location("sleeping_library", tmp_path / "sleeping_library.py")
    assert spec is not None and spec.loader is not None
    spec.loader = importlib.util.LazyLoader(spec.loader)
    sys.modules["sleeping_library"] = module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
        assert describe(["sleeping_library"]) and shares(["sleeping_library"])
    finally:
        del sys.modules["sleeping_library"]
