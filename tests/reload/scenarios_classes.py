"""Classes, their instances and what derives from them."""

from scenario import scenario

A1 = {"a.py": "class A:\n    def m(self): return 1\n"}

scenario(
    "method changed under a live instance", A1, "from lib.a import A\nx = A()\nwas = A\n",
    {"a.py": "class A:\n    def m(self): return 2\n"}, "assert x.m() == 2 and A is was and isinstance(x, A)", runs=(),
)  # fmt: skip
scenario(
    "method added", A1, "from lib.a import A\nx = A()\nwas = A\n",
    {"a.py": "class A:\n    def m(self): return 1\n    def n(self): return self.m() + 1\n"},
    "assert x.n() == 2 and A is was and type(A()) is type(x)", runs=(),
)  # fmt: skip
scenario(
    "method removed", {"a.py": "class A:\n    def m(self): return 1\n    def n(self): return 2\n"},
    "from lib.a import A\nx = A()\n", A1, "assert x.m() == 1 and not hasattr(x, 'n')",
)  # fmt: skip
scenario(
    "method renamed", A1, "from lib.a import A\nx = A()\n",
    {"a.py": "class A:\n    def k(self): return 3\n"}, "assert x.k() == 3 and not hasattr(A, 'm')",
)  # fmt: skip
scenario(
    "class attribute", {"a.py": "class A:\n    v = 1\n"}, "from lib.a import A\nx = A()\n",
    {"a.py": "class A:\n    v = 2\n    w = 3\n"}, "assert x.v == 2 and x.w == 3",
)  # fmt: skip
scenario(
    "property", {"a.py": "class A:\n    @property\n    def p(self): return 1\n"}, "from lib.a import A\nx = A()\n",
    {"a.py": "class A:\n    @property\n    def p(self): return 2\n    @p.setter\n    def p(self, v): self.v = v\n"},
    "x.p = 5\nassert x.p == 2 and x.v == 5",
)  # fmt: skip
scenario(
    "property called __name__, which type has too",
    {"a.py": "N = print() or 1\nclass A:\n    @property\n    def __name__(self): return N\n"},
    "from lib.a import A\nx = A()\n",
    {"a.py": "N = print() or 2\nclass A:\n    @property\n    def __name__(self): return N\n"},
    "assert x.__name__ == 2 and A.__name__ == 'A' and type(x) is A", runs=("lib.a",),
)  # fmt: skip
scenario(
    "method turned property", A1, "from lib.a import A\nx = A()\n",
    {"a.py": "class A:\n    @property\n    def m(self): return 4\n"}, "assert x.m == 4",
)  # fmt: skip
scenario(
    "static and class methods",
    {"a.py": "class A:\n    @staticmethod\n    def s(): return 1\n    @classmethod\n    def c(cls): return cls, 1\n"},
    "from lib.a import A\ns, c = A.s, A.c\n",
    {"a.py": "class A:\n    @staticmethod\n    def s(): return 2\n    @classmethod\n    def c(cls): return cls, 2\n"},
    "assert s() == 2 and c() == (A, 2) and A.s is s",
)  # fmt: skip
scenario(
    "method turned static", A1, "from lib.a import A\nx = A()\n",
    {"a.py": "class A:\n    @staticmethod\n    def m(): return 7\n"}, "assert x.m() == 7 and A.m() == 7",
)  # fmt: skip
scenario(
    "super chain over two modules",
    {"a.py": "class A:\n    def m(self): return ['A']\n",
     "b.py": "from .a import A\nclass B(A):\n    def m(self): return [*super().m(), 'B']\n"},
    "from lib.b import B\nx = B()\n",
    {"a.py": "class A:\n    def m(self): return ['A2']\n"}, "assert x.m() == ['A2', 'B'] and B().m() == ['A2', 'B']",
    runs=(),
)  # fmt: skip
scenario(
    "super comes in", {"a.py": "class A:\n    def m(self): return 1\nclass B(A):\n    def m(self): return 5\n"},
    "from lib.a import B\nx = B()\nheld = x.m\n",
    {"a.py": "class A:\n    def m(self): return 1\nclass B(A):\n    def m(self): return super().m() + 10\n"},
    "assert x.m() == 11 and held() == 11 and B().m() == 11",
)  # fmt: skip
scenario(
    "super in the derived module itself",
    {"a.py": "class A:\n    def m(self): return 1\nclass B(A):\n    def m(self): return super().m() + 10\n"},
    "from lib.a import A, B\nx = B()\n",
    {"a.py": "class A:\n    def m(self): return 2\n    z = 1\nclass B(A):\n    def m(self): return super().m() + 20\n    y = 2\n"},
    "assert x.m() == 22 and x.z == 1 and isinstance(x, A)",
)  # fmt: skip
scenario(
    "method added to a base in another module",
    {"a.py": "class A:\n    def m(self): return 1\n", "b.py": "from .a import A\nSTATE = []\nclass B(A): pass\n"},
    "import lib.b\nfrom lib.b import B\nx = B()\nlib.b.STATE.append(1)\n",
    {"a.py": "class A:\n    def m(self): return 1\n    def n(self): return 9\n"},
    "assert x.n() == 9 and lib.b.STATE == [1]", runs=(), keeps=True,
)  # fmt: skip
scenario(
    "base inserted",
    {"a.py": "class A:\n    def m(self): return 1\nclass X(A): pass\n"}, "from lib.a import X, A\nx = X()\n",
    {"a.py": "class A:\n    def m(self): return 1\nclass Mid(A):\n    def k(self): return 8\nclass X(Mid): pass\n"},
    "assert x.k() == 8 and isinstance(x, A) and x.m() == 1",
)  # fmt: skip
scenario(
    "first base of its own", {"a.py": "class X:\n    v = 1\n"}, "from lib.a import X\nx = X()\n",
    {"a.py": "class Base:\n    def k(self): return 8\nclass X(Base):\n    v = 1\n"},
    "assert x.k() == 8 and isinstance(x, X)",
)  # fmt: skip
scenario(
    "exception class", {"a.py": "class E(Exception):\n    code = 1\ndef f(): raise E('x')\n"},
    "from lib.a import E, f\n",
    {"a.py": "class E(Exception):\n    code = 2\ndef f(): raise E('y')\n"},
    "try:\n    f()\nexcept E as e:\n    assert e.code == 2 and str(e) == 'y'\n",
)  # fmt: skip
scenario(
    "exception gets another base, held in a tuple", {"a.py": "class E(Exception): pass\ndef f(): raise E('x')\n"},
    "from lib.a import E, f\non = {'retry': (E, KeyError)}\n",
    {"a.py": "class E(ValueError): pass\ndef f(): raise E('x')\n"},
    "try:\n    f()\nexcept on['retry'] as e:\n    assert isinstance(e, ValueError)\n",
)  # fmt: skip
DC = "from dataclasses import dataclass\n@dataclass{}\nclass P:\n    x: int = 1\n{}"
scenario(
    "dataclass gains a field with a default", {"a.py": DC.format("", "")}, "from lib.a import P\np = P(5)\n",
    {"a.py": DC.format("", "    y: int = 7\n")},
    "assert p.y == 7 and P(1, 2).y == 2 and isinstance(p, P) and repr(P(1)) == 'P(x=1, y=7)'",
)  # fmt: skip
scenario(
    "dataclass method", {"a.py": DC.format("", "    def m(self): return 1\n")}, "from lib.a import P\np = P(5)\nwas = P\n",
    {"a.py": DC.format("", "    def m(self): return self.x + 1\n")}, "assert p.m() == 6 and P is was", runs=(),
)  # fmt: skip
scenario(
    "frozen dataclass as a key", {"a.py": DC.format("(frozen=True)", "    def m(self): return 1\n")},
    "from lib.a import P\nd = {P(1): 'one'}\n",
    {"a.py": DC.format("(frozen=True)", "    def m(self): return 2\n")}, "assert d[P(1)] == 'one' and next(iter(d)).m() == 2",
)  # fmt: skip
scenario(
    "dataclass with slots", {"a.py": DC.format("(slots=True)", "    def m(self): return 1\n")},
    "from lib.a import P\np = P(5)\n",
    {"a.py": DC.format("(slots=True)", "    def m(self): return self.x + 1\n")},
    "assert p.m() == 6 and isinstance(p, P) and P(1).m() == 2",
)  # fmt: skip
scenario(
    "dataclass base gains a field", {"a.py": DC.format("", ""), "b.py": "from dataclasses import dataclass\nfrom .a import P\n@dataclass\nclass Q(P):\n    z: int = 3\n"},
    "from lib.b import Q\nq = Q()\n",
    {"a.py": DC.format("", "    y: int = 2\n")}, "assert (q.y, q.z) == (2, 3) and Q(1, 2, 4).z == 4", runs=("lib.a", "lib.b"),
)  # fmt: skip
scenario(
    "enum keeps its members", {"a.py": "import enum\nclass C(enum.Enum):\n    R = 1\n    G = 2\n"},
    "from lib.a import C\nr = C.R\nd = {C.R: 'red'}\n",
    {"a.py": "import enum\nclass C(enum.Enum):\n    R = 1\n    G = 2\n    B = 3\n    def low(self): return self.name.lower()\n"},
    "assert r is C.R and d[C.R] == 'red' and C.B.value == 3 and r.low() == 'r' and C(2) is C.G and list(C)[2] is C.B",
)  # fmt: skip
scenario(
    "enum value", {"a.py": "import enum\nclass C(enum.Enum):\n    R = 1\n"}, "from lib.a import C\nr = C.R\n",
    {"a.py": "import enum\nclass C(enum.Enum):\n    R = 10\n"}, "assert r is C.R and r.value == 10 and C(10) is r",
)  # fmt: skip
scenario(
    "enum member removed", {"a.py": "import enum\nclass C(enum.Enum):\n    R = 1\n    G = 2\n"}, "from lib.a import C\n",
    {"a.py": "import enum\nclass C(enum.Enum):\n    R = 1\n"}, "assert [m.name for m in C] == ['R'] and not hasattr(C, 'G')",
)  # fmt: skip
scenario(
    "flag combination in the notebook", {"a.py": "import enum\nclass P(enum.Flag):\n    R = 1\n    W = 2\n"},
    "from lib.a import P\nrw = P.R | P.W\n",
    {"a.py": "import enum\nclass P(enum.Flag):\n    R = 1\n    W = 2\n    X = 4\n"},
    "assert rw is P.R | P.W and P.R in rw and rw | P.X == P.R | P.W | P.X and isinstance(rw, P)",
)  # fmt: skip
scenario(
    "IntEnum", {"a.py": "import enum\nclass C(enum.IntEnum):\n    R = 1\n"}, "from lib.a import C\nr = C.R\n",
    {"a.py": "import enum\nclass C(enum.IntEnum):\n    R = 1\n    G = 2\n"}, "assert r is C.R and C.G == 2 and C(2) is C.G",
)  # fmt: skip
scenario(
    "NamedTuple method", {"a.py": "from typing import NamedTuple\nclass P(NamedTuple):\n    x: int\n    def m(self): return 1\n"},
    "from lib.a import P\np = P(3)\n",
    {"a.py": "from typing import NamedTuple\nclass P(NamedTuple):\n    x: int\n    def m(self): return self.x * 2\n"},
    "assert p.m() == 6 and isinstance(p, P)",
)  # fmt: skip
scenario(
    "NamedTuple gains a field: told", {"a.py": "from typing import NamedTuple\nclass P(NamedTuple):\n    x: int\n"},
    "from lib.a import P\np = P(3)\n",
    {"a.py": "from typing import NamedTuple\nclass P(NamedTuple):\n    x: int\n    y: int = 5\n"},
    "assert P(1).y == 5 and p.x == 3", says=("1 instance of lib.a.P",),
)  # fmt: skip
scenario(
    "abstract class and the notebook's registrations",
    {"a.py": "import abc\nclass S(abc.ABC):\n    @abc.abstractmethod\n    def m(self): ...\n"},
    "from lib.a import S\nclass Mine: pass\nS.register(Mine)\nclass Sub(S):\n    def m(self): return 1\ns = Sub()\n",
    {"a.py": "import abc\nclass S(abc.ABC):\n    @abc.abstractmethod\n    def m(self): ...\n    def extra(self): return 'e'\n"},
    "assert isinstance(Mine(), S) and issubclass(Mine, S) and s.extra() == 'e' and isinstance(s, S)",
)  # fmt: skip
scenario(
    "protocol", {"a.py": "from typing import Protocol, runtime_checkable\n@runtime_checkable\nclass H(Protocol):\n    def m(self): ...\n"},
    "from lib.a import H\nclass Mine:\n    def k(self): pass\n",
    {"a.py": "from typing import Protocol, runtime_checkable\n@runtime_checkable\nclass H(Protocol):\n    def k(self): ...\n"},
    "assert isinstance(Mine(), H)",
)  # fmt: skip
META = "class Meta(type):\n    made = []\n    def __new__(m, n, b, d):\n        c = super().__new__(m, n, b, d)\n        m.made.append(n)\n        return c\nclass A(metaclass=Meta):\n    def m(self): return {}\n"
scenario(
    "metaclass", {"a.py": META.format(1)}, "from lib.a import A, Meta\nx = A()\nwas = A\n",
    {"a.py": META.format(2)}, "assert x.m() == 2 and isinstance(x, A) and A().m() == 2 and Meta.made == ['A']", keeps=True, runs=(),
)  # fmt: skip
scenario(
    "metaclass and a new method", {"a.py": META.format(1)}, "from lib.a import A\nx = A()\n",
    {"a.py": META.format(1) + "    def n(self): return 3\n"}, "assert x.n() == 3 and isinstance(x, A) and type(x) is A",
)  # fmt: skip
SUB = "class Base:\n    subs = []\n    def __init_subclass__(cls):\n        Base.subs.append(cls.__name__)\n"
scenario(
    "__init_subclass__ with a new plugin", {"a.py": SUB, "b.py": "from .a import Base\nclass One(Base):\n    def m(self): return 1\n"},
    "from lib.a import Base\nfrom lib.b import One\nx = One()\n",
    {"b.py": "from .a import Base\nclass One(Base):\n    def m(self): return 2\nclass Two(Base): pass\n"},
    "assert sorted(Base.subs) == ['One', 'Two'] and x.m() == 2 and isinstance(x, One)",
)  # fmt: skip
scenario(
    "__init_subclass__ itself", {"a.py": SUB, "b.py": "from .a import Base\nclass One(Base): pass\n"},
    "from lib.a import Base\nimport lib.b\n",
    {"a.py": SUB.replace("cls.__name__", "cls.__name__.lower()")},
    "assert Base.subs == ['one']",
)  # fmt: skip
scenario(
    "slots unchanged", {"a.py": "class A:\n    __slots__ = ('x',)\n    def m(self): return 1\n"}, "from lib.a import A\na = A()\na.x = 3\n",
    {"a.py": "class A:\n    __slots__ = ('x',)\n    def m(self): return self.x\n    k = 4\n"}, "assert a.m() == 3 and a.k == 4",
)  # fmt: skip
scenario(
    "slots grow: old instances are told of", {"a.py": "class A:\n    __slots__ = ('x',)\n    def m(self): return 1\n"},
    "from lib.a import A\na = A()\na.x = 3\n",
    {"a.py": "class A:\n    __slots__ = ('x', 'y')\n    def m(self): return 2\n"},
    "n = A()\nn.y = 1\nassert n.m() == 2", says=("1 instance of lib.a.A",),
)  # fmt: skip
DESC = "class Field:\n    def __set_name__(self, owner, name): self.owner, self.name = owner, name\n    def __get__(self, o, t=None): return self if o is None else ({}, self.name)\nclass A:\n    f = Field()\n    k = {}\n"
scenario(
    "descriptor with __set_name__", {"a.py": DESC.format(1, 1)}, "from lib.a import A\nx = A()\n",
    {"a.py": DESC.format(2, 2)}, "assert x.f == (2, 'f') and A.f.owner is A and x.k == 2",
)  # fmt: skip
scenario(
    "generic class", {"a.py": "from typing import Generic, TypeVar\nT = TypeVar('T')\nclass Box(Generic[T]):\n    def m(self): return 1\n"},
    "from lib.a import Box\nIntBox = Box[int]\nx = IntBox()\n",
    {"a.py": "from typing import Generic, TypeVar\nT = TypeVar('T')\nclass Box(Generic[T]):\n    def m(self): return 2\n    def n(self): return 3\n"},
    "assert x.m() == 2 and x.n() == 3 and IntBox().n() == 3 and isinstance(x, Box)",
)  # fmt: skip
scenario(
    "class as a key and in a set", A1, "from lib.a import A\nd = {A: 1}\ns = {A}\n",
    {"a.py": "class A:\n    def m(self): return 2\n    v = 1\n"}, "assert d[A] == 1 and A in s",
)  # fmt: skip
scenario(
    "class that cannot be merged, as a key", {"a.py": "class A:\n    __slots__ = ()\n"}, "from lib.a import A\nd = {A: 1}\ns = {A}\nt = (A, [A])\n",
    {"a.py": "class A:\n    __slots__ = ('x',)\n"}, "assert d[A] == 1 and A in s and t[0] is A and t[1][0] is A",
)  # fmt: skip
scenario(
    "subclass in the notebook", A1, "from lib.a import A\nclass Mine(A):\n    def k(self): return super().m() + 1\nx = Mine()\n",
    {"a.py": "class A:\n    def m(self): return 5\n    def z(self): return 'z'\n"}, "assert x.k() == 6 and x.z() == 'z' and isinstance(x, A)",
)  # fmt: skip
scenario(
    "subclass in the notebook of a class that cannot be merged",
    {"a.py": "class Meta(type): pass\nclass A(metaclass=Meta):\n    def m(self): return 1\n"},
    "from lib.a import A\nclass Mine(A):\n    def k(self): return super().m() + 1\nx = Mine()\n",
    {"a.py": "class Meta(type): pass\nclass A(metaclass=Meta):\n    def m(self): return 5\n    v = 3\n"},
    "assert x.k() == 6 and x.v == 3 and isinstance(x, A)",
)  # fmt: skip
scenario(
    "nested class", {"a.py": "class A:\n    class In:\n        def m(self): return 1\n"}, "from lib.a import A\nx = A.In()\n",
    {"a.py": "class A:\n    class In:\n        def m(self): return 2\n        def n(self): return 3\n"},
    "assert x.m() == 2 and x.n() == 3 and type(x) is A.In",
)  # fmt: skip
scenario(
    "cached_property", {"a.py": "import functools\nclass A:\n    @functools.cached_property\n    def p(self): return 1\n"},
    "from lib.a import A\nx = A()\n",
    {"a.py": "import functools\nclass A:\n    @functools.cached_property\n    def p(self): return 2\n"}, "assert x.p == 2 and A().p == 2",
)  # fmt: skip
scenario(
    "class decorator in another module", {"d.py": "def tag(c):\n    c.tag = 'old'\n    return c\n", "a.py": "from .d import tag\n@tag\nclass A:\n    def m(self): return 1\n"},
    "from lib.a import A\nx = A()\n",
    {"d.py": "def tag(c):\n    c.tag = 'new'\n    return c\n"}, "assert x.tag == 'new' and x.m() == 1",
)  # fmt: skip
scenario(
    "instance with operators", {"a.py": "class V:\n    def __init__(self, x): self.x = x\n    def __eq__(self, o): return self.x == o.x\n"},
    "from lib.a import V\na, b = V(1), V(2)\n",
    {"a.py": "class V:\n    def __init__(self, x): self.x = x\n    def __eq__(self, o): return True\n    def __add__(self, o): return V(self.x + o.x)\n    def __len__(self): return 3\n"},
    "assert a == b and (a + b).x == 3 and len(a) == 3",
)  # fmt: skip
scenario(
    "class moved with a re-export", {"a.py": "class A:\n    def m(self): return 1\n", "b.py": ""}, "from lib.a import A\nx = A()\nheld = x.m\n",
    {"a.py": "from .b import A\n", "b.py": "class A:\n    def m(self): return 2\n"},
    "assert x.m() == 2 and isinstance(x, A) and A.__module__ == 'lib.b' and held() == 2",
)  # fmt: skip
scenario(
    "class removed", {"a.py": "class A: pass\nclass B:\n    v = 1\n"}, "from lib.a import A, B\nb = B()\n",
    {"a.py": "class B:\n    v = 2\n"}, "assert b.v == 2 and 'A' not in globals()", says=("lib.a.A", "Removed from the notebook"),
)  # fmt: skip
scenario(
    "class-level counter is kept when only a body changes",
    {"a.py": "class A:\n    made = 0\n    def __init__(self): A.made += 1\n    def m(self): return 1\n"}, "from lib.a import A\nA(); A()\n",
    {"a.py": "class A:\n    made = 0\n    def __init__(self): A.made += 1\n    def m(self): return 2\n"}, "assert A.made == 2 and A().m() == 2",
    runs=(), keeps=True,
)  # fmt: skip
scenario(
    "singleton is kept when only a body changes",
    {"a.py": "class A:\n    def m(self): return 1\nthe = A()\ndef get(): return the\n"}, "from lib.a import the, get\nthe.name = 'n'\n",
    {"a.py": "class A:\n    def m(self): return 2\nthe = A()\ndef get(): return the\n"}, "assert get() is the and the.m() == 2",
)  # fmt: skip
scenario(
    "object that raises on everything", A1,
    "class Proxy:\n    def __getattribute__(self, n): raise RuntimeError('touched ' + n)\nfrom lib.a import A\nheld = [Proxy(), A]\np = Proxy()\n",
    {"a.py": "class A:\n    __slots__ = ('x',)\n    def m(self): return 2\n"}, "assert A().m() == 2 and held[1] is A",
)  # fmt: skip
scenario(
    "settings in the library that raise until configured",
    {"conf.py": "class Lazy:\n    @property\n    def __class__(self): raise RuntimeError('not configured')\n    def __getattr__(self, n): raise RuntimeError(n)\nsettings = Lazy()\n",
     "a.py": "from .conf import settings\nclass A:\n    def m(self): return 1\n"},
    "from lib.a import A\nx = A()\n", {"a.py": "from .conf import settings\nimport math\nK = math.pi\nclass A:\n    def m(self): return 2\n    k = 5\n"},
    "assert x.m() == 2 and x.k == 5",
)  # fmt: skip
ALIASED = "class A:\n    LIMIT = {}\n    @staticmethod\n    def lower(s): return s.lower()\n    lowerTokens = lower\n    def m(self): return 1\n    n = m\n"
scenario(
    "two names of one method, and of one static method",
    {"a.py": ALIASED.format(1)},
    "from lib.a import A\n",
    {"a.py": ALIASED.format(2)},
    "assert vars(A)['lower'] is vars(A)['lowerTokens'] and A.n is A.m and A.lower('X') == 'x' and A.LIMIT == 2",
)
LAZY = "import importlib\ndef __getattr__(name):\n    if name == 'Base': return importlib.import_module('.base', __name__).Base\n    raise AttributeError(name)\n"
REGISTERING = "class Meta(type):\n    known = {{}}\n    def __new__(mcs, name, bases, names):\n        cls = super().__new__(mcs, name, bases, names)\n        cls.size = {}\n        Meta.known[name] = cls\n        return cls\nclass Base(metaclass=Meta):\n    limit = {}\n"
scenario(
    "a base class that its package gives on access",
    {
        "p/__init__.py": LAZY,
        "p/base.py": REGISTERING.format(1, 1),
        "p/sub.py": "from lib.p import Base\nfrom lib.p.sizes import size\nclass Sub(Base):\n    own = size\n",
        "p/sizes.py": "size = 1\n",
    },
    "import lib.p.sub, lib.p.base\n",
    {"p/base.py": REGISTERING.format(2, 2), "p/sizes.py": "size = 2\n"},
    "Sub, Base = lib.p.sub.Sub, lib.p.base.Base\nassert Sub.__bases__ == (Base,) and (Sub.limit, Sub.size, Sub.own) == (2, 2, 2)",
)
DERIVED = "import re\nclass A:\n    WORD = '{}'\n    PATTERN = re.compile(WORD + '+')\n    BOTH = (PATTERN, 1)\n    def m(self): return self.PATTERN.pattern\n"
scenario(
    "an attribute of a class that is made of another one",
    {"a.py": DERIVED.format("a")},
    "from lib.a import A\na = A()\n",
    {"a.py": DERIVED.format("b")},
    "assert a.m() == 'b+' == A.BOTH[0].pattern",
)
LISTED = (
    "class A:\n{}    def m(self): return 1\n    y = 2\nNAMES = [name for name in vars(A) if name[0] != '_']\n"
)
scenario(
    "an attribute added above others, by what lists them",
    {"a.py": LISTED.format("")},
    "from lib.a import A\n",
    {"a.py": LISTED.format("    x = 1\n")},
    "import lib.a\nassert lib.a.NAMES == ['x', 'm', 'y'] and A is lib.a.A",
)  # fmt: skip
HANDED_ON = "class A:\n    @staticmethod\n    def conv(x): return {}\n    ACTIONS = [conv]\n"
scenario(
    "a static method that the class's body hands on",
    {"a.py": HANDED_ON.format(1)},
    "from lib.a import A\n",
    {"a.py": HANDED_ON.format(2)},
    "import lib.a\nassert A is lib.a.A and A.ACTIONS[0] is A.__dict__['conv'] and A.conv(0) == 2 == A.ACTIONS[0](0)",
)  # fmt: skip
HANDED_PROPERTY = "class A:\n    @property\n    def p(self): return {}\n    ALL = [p]\n"
scenario(
    "a property that the class's body hands on",
    {"a.py": HANDED_PROPERTY.format(1)},
    "from lib.a import A\n",
    {"a.py": HANDED_PROPERTY.format(2)},
    "import lib.a\nassert A is lib.a.A and A.ALL[0] is A.__dict__['p'] and A().p == 2",
)  # fmt: skip
