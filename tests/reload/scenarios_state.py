"""Run-time state: what is kept because nothing that it depends on changed, and what is told by name when it cannot be."""

from scenario import scenario

ELSEWHERE = ("import math\nK = math.floor(1.5)\n", "import math\nK = math.floor(2.5)\n")
"""Before and after: a statement that has to be run, beside the state that has nothing to do with it."""


def kept(name: str, state: str, cells: str, check: str, more: dict[str, str] | None = None) -> None:
    """State beside a change of something else: kept, in the module itself and in one that imports what changed."""
    before, after = ELSEWHERE
    scenario(f"{name}, beside another change", {**(more or {}), "a.py": before + state}, cells, {"a.py": after + state},
             f"assert lib.a.K == 2\n{check}", keeps=True)  # fmt: skip
    scenario(
        f"{name}, in a module that uses what changed", {**(more or {}), "k.py": before, "a.py": "from .k import K\nL = K * 10\n" + state}, cells,
        {"k.py": after}, f"assert lib.a.L == 20\n{check}", keeps=True,
    )  # fmt: skip


kept("singleton by metaclass",
     "class Single(type):\n    made = {}\n    def __call__(cls, *a):\n        if cls not in Single.made: Single.made[cls] = super().__call__(*a)\n        return Single.made[cls]\nclass Db(metaclass=Single):\n    def __init__(self): self.rows = []\n",
     "import lib.a\ndb = lib.a.Db()\ndb.rows.append(1)\n", "assert lib.a.Db() is db and db.rows == [1]")  # fmt: skip
kept("singleton by __new__",
     "class Db:\n    _one = None\n    def __new__(cls):\n        if cls._one is None: cls._one = super().__new__(cls)\n        return cls._one\n",
     "import lib.a\ndb = lib.a.Db()\ndb.x = 1\n", "assert lib.a.Db() is db and db.x == 1")  # fmt: skip
kept(
    "context variable",
    "import contextvars\nVAR = contextvars.ContextVar('VAR', default=0)\n",
    "import lib.a\nlib.a.VAR.set(5)\nwas = lib.a.VAR\n",
    "assert lib.a.VAR is was and was.get() == 5",
)
kept("sentinel in the notebook's data", "MISSING = object()\ndef is_missing(x): return x is MISSING\n", "import lib.a\ndata = [1, lib.a.MISSING, (lib.a.MISSING,)]\n",
     "assert lib.a.is_missing(data[1]) and lib.a.is_missing(data[2][0])")  # fmt: skip
kept(
    "held lock",
    "import threading\nLOCK = threading.Lock()\n",
    "import lib.a\nlib.a.LOCK.acquire()\nwas = lib.a.LOCK\n",
    "assert lib.a.LOCK is was and was.locked()",
)
kept("class-level cache", "class A:\n    cache = {}\n    total = 0\n    def get(self, k): return A.cache.setdefault(k, k)\n", "import lib.a\nlib.a.A().get(3)\nlib.a.A.total = 9\n",
     "assert lib.a.A.cache == {3: 3} and lib.a.A.total == 9")  # fmt: skip
kept(
    "id counter",
    "import itertools\n_ids = itertools.count(1)\ndef new(): return next(_ids)\n",
    "import lib.a\nlib.a.new(), lib.a.new()\n",
    "assert lib.a.new() == 3",
)
kept(
    "attribute that the notebook put on a function",
    "def f(): return 1\n",
    "import lib.a\nlib.a.f.calls = 3\n",
    "assert lib.a.f.calls == 3",
)
kept(
    "attribute that the notebook put on a class",
    "class A: pass\n",
    "import lib.a\nlib.a.A.flag = 3\n",
    "assert lib.a.A.flag == 3",
)
kept(
    "patch that the notebook put on a method",
    "class A:\n    def m(self): return 1\n",
    "import lib.a\nlib.a.A.m = lambda self: 'patched'\n",
    "assert lib.a.A().m() == 'patched'",
)
kept("settings on an app object", "class App:\n    def __init__(self): self.config = {}\napp = App()\n", "import lib.a\nlib.a.app.config['debug'] = True\nlib.a.app.name = 'n'\nwas = lib.a.app\n",
     "assert lib.a.app is was and was.config == {'debug': True} and was.name == 'n'")  # fmt: skip
kept(
    "logging handler is there once",
    "import logging\nlog = logging.getLogger(__name__)\nlog.addHandler(logging.NullHandler())\n",
    "import lib.a\nn = len(lib.a.log.handlers)\n",
    "assert len(lib.a.log.handlers) == n",
)
kept("hook registered with another package is there once", "import tp\ndef hook(): return K if 'K' in globals() else 0\ntp.HOOKS.append(hook)\n", "import lib.a, tp\n", "assert tp.HOOKS == [lib.a.hook]",
     {"/site-packages/tp.py": "HOOKS = []\n"})  # fmt: skip
kept("patch of another package is there once",
     "import tp\n_send = tp.send\ndef send(x): return 'lib:' + _send(x)\ntp.send = send\n", "import lib.a, tp\n", "assert tp.send('x') == 'lib:x' and tp.send is lib.a.send",
     {"/site-packages/tp.py": "def send(x): return x\n"})  # fmt: skip
kept("typing.overload registry", "import typing\n@typing.overload\ndef f(x: int) -> int: ...\n@typing.overload\ndef f(x: str) -> str: ...\ndef f(x): return x\n",
     "import lib.a\n", "import sys, typing\nif sys.version_info >= (3, 11): assert len(typing.get_overloads(lib.a.f)) == 2")  # fmt: skip
kept(
    "values that an lru_cache remembers",
    "import functools\nCALLS = []\n@functools.lru_cache\ndef f(x):\n    CALLS.append(x)\n    return x\n",
    "import lib.a\nlib.a.f(1)\n",
    "lib.a.f(1)\nassert lib.a.CALLS == [1]",
)
kept(
    "connection opened at import",
    "class Conn:\n    opened = []\n    def __init__(self): Conn.opened.append(self)\nconn = Conn()\n",
    "import lib.a\nwas = lib.a.conn\n",
    "assert lib.a.conn is was and lib.a.Conn.opened == [was]",
)
kept(
    "thread started at import",
    "import threading\nDONE = threading.Event()\nSTARTED = []\nworker = threading.Thread(target=lambda: STARTED.append(1))\nworker.start()\nworker.join()\n",
    "import lib.a\n",
    "assert lib.a.STARTED == [1]",
)
kept(
    "random generator",
    "import random\nrng = random.Random(1)\n",
    "import lib.a\nlib.a.rng.random()\nstate = lib.a.rng.getstate()\n",
    "assert lib.a.rng.getstate() == state",
)
kept(
    "weak registry of instances",
    "import weakref\nLIVE = weakref.WeakSet()\nclass A:\n    def __init__(self): LIVE.add(self)\n",
    "import lib.a\nx = lib.a.A()\n",
    "assert list(lib.a.LIVE) == [x]",
)


def reset(name: str, before: str, after: str, cells: str, check: str, *said: str) -> None:
    """State whose own statement changed: as the file says now, and told by name."""
    scenario(
        f"{name}: reset and told",
        {"a.py": before},
        "import lib.a\n" + cells,
        {"a.py": after},
        check,
        says=said,
    )


reset("context variable", "import contextvars\nVAR = contextvars.ContextVar('VAR', default=0)\n", "import contextvars\nVAR = contextvars.ContextVar('VAR', default=1)\n",
      "lib.a.VAR.set(5)\n", "assert lib.a.VAR.get() == 1", "lib.a.VAR")  # fmt: skip
reset(
    "id counter",
    "import itertools\n_ids = itertools.count(1)\n",
    "import itertools\n_ids = itertools.count(100)\n",
    "next(lib.a._ids)\n",
    "assert next(lib.a._ids) == 100",
    "lib.a._ids",
)
reset(
    "held lock",
    "import threading\nLOCK = threading.Lock()\n",
    "import threading\nLOCK = threading.RLock()\n",
    "lib.a.LOCK.acquire()\n",
    "assert lib.a.LOCK.acquire(blocking=False)",
    "lib.a.LOCK",
)
reset(
    "class-level cache",
    "class A:\n    cache = {}\n",
    "class A:\n    cache = dict(a=1)\n",
    "lib.a.A.cache[3] = 3\n",
    "assert lib.a.A.cache == {'a': 1}",
    "lib.a.A.cache",
)
reset(
    "class-level counter",
    "class A:\n    total = 0\n",
    "class A:\n    total = 100\n",
    "lib.a.A.total += 1\n",
    "assert lib.a.A.total == 100",
    "lib.a.A.total",
)
reset("settings on an app object", "class App:\n    def __init__(self, n): self.n, self.config = n, {}\napp = App(1)\n", "class App:\n    def __init__(self, n): self.n, self.config = n, {}\napp = App(2)\n",
      "lib.a.app.config['debug'] = True\n", "assert lib.a.app.n == 2 and lib.a.app.config == {}", "lib.a.app")  # fmt: skip
reset(
    "random generator",
    "import random\nrng = random.Random(1)\n",
    "import random\nrng = random.Random(2)\n",
    "lib.a.rng.random()\n",
    "import random\nassert lib.a.rng.random() == random.Random(2).random()",
    "lib.a.rng",
)
reset(
    "patch that the notebook put on a method",
    "class A:\n    def m(self): return 1\n",
    "class A:\n    def m(self, x=2): return x\n",
    "lib.a.A.m = lambda self: 'patched'\n",
    "assert lib.a.A().m() == 2",
    "lib.a.A.m",
)
reset(
    "patch that the notebook put on a function",
    "def f(): return 1\n",
    "def f(x=2): return x\n",
    "lib.a.f = lambda: 'patched'\n",
    "assert lib.a.f() == 2",
    "lib.a.f",
)
reset("module-level instance with a changed dict", "class A:\n    def __init__(self): self.seen = []\nthe = A()\n", "class A:\n    def __init__(self, x=1): self.seen = []\nthe = A()\n",
      "lib.a.the.seen.append(1)\n", "assert lib.a.the.seen == []", "lib.a.the")  # fmt: skip
scenario(
    "patch that the notebook put on another method of a changed class stays", {"a.py": "class A:\n    def m(self): return 1\n    def n(self): return 1\n"},
    "import lib.a\nlib.a.A.m = lambda self: 'patched'\n", {"a.py": "class A:\n    def m(self): return 1\n    def n(self): return 2\n"},
    "assert lib.a.A().m() == 'patched' and lib.a.A().n() == 2", keeps=True, runs=(),
)  # fmt: skip
scenario(
    "class-level state beside a new method", {"a.py": "class A:\n    cache = {}\n    total = 0\n    def m(self): return 1\n"},
    "import lib.a\nlib.a.A.cache[1] = 2\nlib.a.A.total = 5\n", {"a.py": "class A:\n    cache = {}\n    total = 0\n    def m(self): return 1\n    def n(self): return 2\n"},
    "assert lib.a.A().n() == 2 and lib.a.A.cache == {1: 2} and lib.a.A.total == 5", keeps=True,
)  # fmt: skip
scenario(
    "an instance lacks what __init__ sets now: told", {"a.py": "class A:\n    def __init__(self): self.x = 1\n"}, "from lib.a import A\nx = A()\ny = A()\n",
    {"a.py": "class A:\n    def __init__(self):\n        self.x = 1\n        self.extra = 2\n"}, "assert A().extra == 2 and x.x == 1", says=("2 instances of lib.a.A", "extra"), runs=(),
)  # fmt: skip
scenario(
    "an instance has what __init__ sets now by another way: silent", {"a.py": "class A:\n    def __init__(self): self.x = 1\n"}, "from lib.a import A\nx = A()\nx.extra = 5\n",
    {"a.py": "class A:\n    def __init__(self):\n        self.x = 1\n        self.extra = 2\n"}, "assert A().extra == 2 and x.extra == 5",
)  # fmt: skip
scenario(
    "cached_property that was computed before is computed again", {"a.py": "import functools\nclass A:\n    @functools.cached_property\n    def p(self): return 1\n"}, "from lib.a import A\nx = A()\nx.p\n",
    {"a.py": "import functools\nclass A:\n    @functools.cached_property\n    def p(self): return 2\n"}, "assert A().p == 2 and x.p == 2",
)  # fmt: skip
scenario(
    "a table that a function fills at import", {"a.py": "TABLE = {}\ndef fill():\n    TABLE['one'] = 1\nfill()\n"}, "from lib.a import TABLE\n",
    {"a.py": "TABLE = {}\ndef fill():\n    TABLE['two'] = 2\nfill()\n"}, "import lib.a\nassert TABLE == {'two': 2} and lib.a.TABLE is TABLE",
)  # fmt: skip
scenario(
    "a list that statements fill", {"a.py": "L = []\nL.append(1)\nL += [2]\nN = len(L)\n"}, "from lib.a import L\n", {"a.py": "L = []\nL.append(1)\nL += [3, 4]\nN = len(L)\n"},
    "import lib.a\nassert L == [1, 3, 4] and lib.a.N == 3",
)  # fmt: skip

LATER = "from .c import {0}\nimport math\nK = math.floor({1})\ndef later(): {2}\ndef make(f): return [f, K]\nV = make(later)\n"
"""A statement that is given a function which could change something, and does not call it."""
for name, text, used, change, cells, check in (
    ("a class", "class A:\n    limit = 1\n    names = []\n    def m(self): return 1\n", "A", "A.limit = 3; A.names.append(1)",
     "lib.c.A.flag = 7", "lib.c.A.flag == 7"),
    ("a class's counter", "class A:\n    limit = 1000\n    def m(self): return 1\n", "A", "A.limit += 3", "lib.c.A.limit = 7", "lib.c.A.limit == 7"),
    ("a class's cache", "class A:\n    names = []\n    def m(self): return 1\n", "A", "A.names.append(1)", "lib.c.A.names.append(5)", "lib.c.A.names == [5]"),
    ("a counter", "N = 1000\ndef bump():\n    global N\n    N += 1\n", "bump", "bump()", "lib.c.bump()", "lib.c.N == 1001"),
    ("a function", "def f(): return 1\n", "f", "f.limit = 3", "was = lib.c.f\nwas.__defaults__ = ()", "was is lib.c.f and was.__defaults__ == ()"),
    ("a class of fields", "import dataclasses\n@dataclasses.dataclass\nclass A:\n    x: int = 1\n", "A", "A.x = 3", "lib.c.A.flag = 7", "lib.c.A.flag == 7"),
    ("an enum", "import enum\nclass A(enum.Enum):\n    R = 1\n", "A", "A.x = 3", "lib.c.A.flag = 7", "lib.c.A.flag == 7"),
    ("a context variable", "import contextvars\nA = contextvars.ContextVar('A')\n", "A", "A.set(3)", "was = lib.c.A", "was is lib.c.A"),
    ("a pattern", "import re\nP = re.compile('a' * 3)\n", "P", "P.sub('', '')", "lib.c.P = 7", "lib.c.P == 7"),
):  # fmt: skip
    scenario(
        f"{name} that a statement could have changed, and did not", {"c.py": text, "a.py": LATER.format(used, 1.5, change)},
        f"import lib.a, lib.c\n{cells}\n", {"a.py": LATER.format(used, 2.5, change)}, f"assert lib.a.V[1] == 2 and {check}", keeps=True,
    )  # fmt: skip
for name, text in (
    ("wrapped", "A.m = wrap(A.m)\n"),
    ("wrapped with a name of its own", "A.m = functools.wraps(A.m)(wrap(A.m))\n"),
    ("given a special method", "A.__call__ = wrap(vars(A).get('__call__', A.m))\n"),
    ("counted", "A.count += K\n"),
    ("told of one more", "A.names.append(K)\n"),
    ("given a nested attribute", "A.In.more = getattr(A.In, 'more', 0) + K\n"),
    ("registered with", "T = type('T', (), dict(k=K))\nA.register(T)\n"),
):
    c = "import abc\nclass A(abc.ABC):\n    count = 1\n    names = [1]\n    class In: v = 1\n    def m(self): return 1\n"
    b = (
        "import functools, math\nfrom .c import A\nK = math.floor({})\ndef wrap(f):\n    def w(self): return f(self) + K\n    return w\n"
        + text
    )
    scenario(
        f"a class that another module has {name}, by a statement that runs again", {"c.py": c, "b.py": b.format(1.5)}, "import lib.b\nfrom lib.c import A\nx = A()\n",
        {"b.py": b.format(2.5)},
        "import _abc, lib.c\nA = lib.c.A\nnow = [A().m(), A.__call__(x) if '__call__' in vars(A) else 0, A.count, A.names, getattr(A.In, 'more', 0), len([r for r in _abc._get_dump(A)[0] if r()])]\n"
        f"assert now == {{'wrapped': [3, 0, 1, [1], 0, 0], 'wrapped with a name of its own': [3, 0, 1, [1], 0, 0], 'given a special method': [1, 3, 1, [1], 0, 0], 'counted': [1, 0, 3, [1], 0, 0], 'told of one more': [1, 0, 1, [1, 2], 0, 0], 'given a nested attribute': [1, 0, 1, [1], 2, 0], 'registered with': [1, 0, 1, [1], 0, 1]}}[{name!r}], now",
    )  # fmt: skip
PATCHED = "from .c import A\ndef wrap(f):\n    def w(self): return ['w', f(self)]\n    return w\nA.m = wrap(A.m)\nA.more = 5\n"
for name, before, after in (
    ("is gone", {"b.py": PATCHED, "a.py": "from . import b, c\n"}, {"b.py": None, "a.py": "from . import c\n"}),
    ("does so no more", {"b.py": PATCHED, "a.py": "from . import b, c\n"}, {"b.py": "from .c import A\n"}),
    ("was renamed and does so still", {"b.py": PATCHED + "A.more += 1\n", "a.py": "from . import b, c\n"}, {"b.py": None, "d.py": PATCHED + "A.more += 1\n", "a.py": "from . import d, c\n"}),
):  # fmt: skip
    still = "still" in name
    scenario(
        f"a class that was changed by a module which {name}", {"c.py": "class A:\n    def m(self): return 1\n", **before}, "import lib.a\nx = lib.a.c.A()\n",
        after, f"assert x.m() == {['w', 1] if still else 1} and getattr(lib.a.c.A, 'more', None) == {6 if still else None}", says=("lib.b",),
    )  # fmt: skip
scenario(
    "a class that another module has wrapped, derived from one that is made anew while that module runs as a whole",
    {"c.py": "class A:\n    def m(self): return 1\nclass B(A):\n    def n(self): return 2\n", "g.py": "from .c import A\nA.m = lambda self: 5\n",
     "b.py": "from . import g\nfrom .c import B\ndef wrap(f):\n    def w(self): return [f(self)]\n    return w\nB.n = wrap(B.n)\n"},
    "import lib.b\nfrom lib.c import B\nx = B()\n", {"g.py": None, "b.py": "from .c import B\ndef wrap(f):\n    def w(self): return [f(self)]\n    return w\nB.n = wrap(B.n)\n"},
    "assert (x.m(), x.n()) == (1, [2])", says=("lib.g",),
)  # fmt: skip
ADDED = "class Word:\n    def __init__(self, text): self.text = text{}\n"
scenario(
    "an attribute that __init__ gives now, when all instances are made again: silent",
    {"a.py": ADDED.format(""), "b.py": "from .a import Word\nword = Word('x')\nclass Kept:\n    word = Word('y')\n"},
    "import lib.b\n",
    {"a.py": ADDED.format("; self.empty = False")},
    "assert lib.b.word.empty is False and lib.b.Kept.word.empty is False",
)  # fmt: skip
