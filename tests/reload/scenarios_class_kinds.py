"""Enums, flags, named tuples, abstract classes, metaclasses, descriptors and generics in their harder forms."""

from scenario import scenario

E = "import enum, math\n{}class C(enum.{}):\n    R = 1\n    G = 2\n{}"
for kind in ("Enum", "IntEnum", "Flag", "IntFlag"):
    scenario(
        f"{kind}: members keep their identity beside another change", {"a.py": E.format("", kind, "")}, "from lib.a import C\nr = C.R\nd = {C.R: 'red'}\n",
        {"a.py": E.format("K = math.floor(2.5)\n", kind, "    def low(self): return self.name.lower()\n")}, "import pickle\nassert r is C.R and d[C.R] == 'red' and r.low() == 'r' and pickle.loads(pickle.dumps(r)) is r",
    )  # fmt: skip
    scenario(
        f"{kind}: method body", {"a.py": E.format("", kind, "    def low(self): return 1\n")}, "from lib.a import C\nr = C.R\n",
        {"a.py": E.format("", kind, "    def low(self): return 2\n")}, "assert r is C.R and r.low() == 2 and C.G.low() == 2", runs=(),
    )  # fmt: skip
    scenario(
        f"{kind}: member renamed", {"a.py": E.format("", kind, "")}, "from lib.a import C\nr = C.R\ng = C.G\n",
        {"a.py": E.format("", kind, "").replace("R = 1", "RED = 1")}, "assert C.RED.value == 1 and not hasattr(C, 'R') and g is C.G and C(1) is C.RED and C.RED in list(C)",
    )  # fmt: skip
# A fresh run would make a combination by its value, a named one by its name: so the notebook's follow in the same way.
for kind in ("Flag", "IntFlag"):
    scenario(
        f"{kind}: combinations in the notebook", {"a.py": E.format("", kind, "")}, "from lib.a import C\nboth = C.R | C.G\nd = {both: 1}\nnone = C(0)\n",
        {"a.py": E.format("K = math.floor(2.5)\n", kind, "    B = 4\n")},
        "assert both is C.R | C.G and C.R in both and d[C.R | C.G] == 1 and both | C.B == C.R | C.G | C.B and isinstance(both, C) and none is C(0) and both & C.R is C.R and ~C.B & both == both",
    )  # fmt: skip
    scenario(
        f"{kind}: a named combination is known by its name", {"a.py": E.format("", kind, "    ALL = 3\n")}, "from lib.a import C\nevery = C.ALL\n",
        {"a.py": E.format("", kind, "    B = 4\n    ALL = 7\n")}, "assert every is C.ALL and C.ALL.value == 7 and C.B in every and (C.R | C.G | C.B) is every and C.B not in C.R | C.G",
    )  # fmt: skip
scenario(
    "enum with a mixin and auto()", {"a.py": "import enum\nclass C(str, enum.Enum):\n    R = 'r'\n    G = 'g'\n"}, "from lib.a import C\nr = C.R\nd = {C.R: 1, 'g': 2}\n",
    {"a.py": "import enum\nclass C(str, enum.Enum):\n    R = 'r'\n    G = 'g'\n    B = 'b'\n"}, "assert d[C.R] == 1 and d['r'] == 1 and C('r') is C.R and r == C.R and isinstance(r, C) and C.B == 'b'",
)  # fmt: skip
scenario(
    "enum used in the match of another module", {"c.py": "import enum\nclass C(enum.Enum):\n    R = 1\n    G = 2\n", "a.py": "from .c import C\nNAMES = {C.R: 'red', C.G: 'green'}\ndef f(c):\n    match c:\n        case C.R: return NAMES[c]\n        case _: return 'other'\n"},
    "from lib.c import C\nfrom lib.a import f\nr = C.R\n", {"c.py": "import enum\nclass C(enum.Enum):\n    R = 10\n    G = 20\n    B = 30\n"}, "assert f(r) == 'red' and f(C.R) == 'red' and f(C.B) == 'other'",
)  # fmt: skip
NT = "from typing import NamedTuple\nclass P(NamedTuple):\n    x: int\n{}"
scenario(
    "NamedTuple: a field's default and a method", {"a.py": NT.format("    y: int = 1\n    def m(self): return 1\n")}, "from lib.a import P\np = P(3)\nd = {P(3): 'p'}\n",
    {"a.py": NT.format("    y: int = 2\n    def m(self): return 2\n    def n(self): return 3\n")}, "assert P(3).y == 2 and p.m() == 2 and p.n() == 3 and isinstance(p, P) and p == (3, 1) and d[(3, 1)] == 'p'",
)  # fmt: skip
scenario(
    "NamedTuple: fields inserted: told", {"a.py": NT.format("    y: int = 1\n")}, "from lib.a import P\np = P(3)\n",
    {"a.py": NT.format("    mid: int = 5\n    y: int = 1\n")}, "assert P(3) == (3, 5, 1) and p.y == 1", says=("1 instance of lib.a.P",),
)  # fmt: skip
scenario(
    "collections.namedtuple", {"a.py": "from collections import namedtuple\nP = namedtuple('P', 'x y')\ndef f(p): return isinstance(p, P)\n"}, "from lib.a import P, f\np = P(1, 2)\n",
    {"a.py": "from collections import namedtuple\nimport math\nK = math.floor(2.5)\nP = namedtuple('P', 'x y')\ndef f(p, z=1): return isinstance(p, P)\n"}, "assert f(p) and P(1, 2) == p and isinstance(p, P)",
)  # fmt: skip
ABC = "import abc\nclass S(abc.ABC):\n    @abc.abstractmethod\n    def m(self): ...\n{}"
scenario(
    "ABC: a method becomes abstract", {"a.py": ABC.format("    def k(self): ...\n")}, "from lib.a import S\nclass Sub(S):\n    def m(self): return 1\ns = Sub()\n",
    {"a.py": ABC.format("    @abc.abstractmethod\n    def k(self): ...\n")}, "import pytest\nassert s.m() == 1 and isinstance(s, S)\nwith pytest.raises(TypeError): S()",
)  # fmt: skip
scenario(
    "ABC: registrations of library, notebook and another package", {"/site-packages/tp.py": "class Theirs: pass\n", "a.py": ABC.format("@S.register\nclass Reg: pass\n")},
    "import tp\nfrom lib.a import S, Reg\nclass Mine: pass\nS.register(Mine)\nS.register(tp.Theirs)\nx = Reg()\n",
    {"a.py": ABC.format("    def extra(self): return 1\n@S.register\nclass Reg: pass\n")}, "assert all(isinstance(o, S) for o in (Mine(), tp.Theirs(), x, Reg()))",
)  # fmt: skip
scenario(
    "ABC in one module, subclass in another", {"s.py": ABC.format(""), "a.py": "from .s import S\nclass A(S):\n    def m(self): return 1\n"}, "from lib.a import A\nfrom lib.s import S\nx = A()\n",
    {"s.py": ABC.format("    def extra(self): return self.m() + 1\n")}, "assert x.extra() == 2 and isinstance(x, S) and A().extra() == 2",
)  # fmt: skip
META = "class Meta(type):\n    def __new__(m, n, b, d, **k):\n        c = super().__new__(m, n, b, d)\n        c.tag = {}\n        return c\n    def __call__(cls, *a): return super().__call__(*a)\n    def hello(cls): return {}\nclass A(metaclass=Meta):\n    def m(self): return {}\n"
scenario(
    "metaclass: what it puts on classes", {"a.py": META.format(1, 1, 1)}, "from lib.a import A\nx = A()\nd = {A: 1}\n", {"a.py": META.format(2, 1, 1)}, "assert A.tag == 2 and x.tag == 2 and isinstance(x, A) and d[A] == 1",
)  # fmt: skip
scenario(
    "metaclass: a method", {"a.py": META.format(1, 1, 1)}, "from lib.a import A\nx = A()\nwas = A\n", {"a.py": META.format(1, 2, 2)}, "assert A.hello() == 2 and x.m() == 2 and A is was", runs=(),
)  # fmt: skip
scenario(
    "metaclass in another module", {"meta.py": META.partition("class A(")[0].format(1, 1), "a.py": "from .meta import Meta\nclass A(metaclass=Meta):\n    def m(self): return 1\n"},
    "from lib.a import A\nx = A()\ndef f(o): return isinstance(o, A)\nclass Mine(A): pass\ny = Mine()\n", {"meta.py": META.partition("class A(")[0].format(2, 2)},
    "assert A.tag == 2 and x.tag == 2 and A.hello() == 2 and f(x) and f(A()) and isinstance(y, A)",
)  # fmt: skip
scenario(
    "metaclass added", {"a.py": "class A:\n    def m(self): return 1\n"}, "from lib.a import A\nx = A()\n", {"a.py": META.format(2, 2, 2)}, "assert A.tag == 2 and A().m() == 2 and x.m() == 2 and isinstance(x, A)",
)  # fmt: skip
PLUGIN = "class Base:\n    subs = []\n    def __init_subclass__(cls, name=None):\n        super().__init_subclass__()\n        Base.subs.append(cls)\n        cls.label = name or '{}'\n"
scenario(
    "__init_subclass__: a plugin gains a method", {"a.py": PLUGIN.format("x"), "b.py": "from .a import Base\nclass One(Base, name='one'):\n    def m(self): return 1\n"}, "from lib.a import Base\nfrom lib.b import One\nx = One()\n",
    {"b.py": "from .a import Base\nclass One(Base, name='one'):\n    def m(self): return 2\n    def n(self): return 3\n"}, "assert Base.subs == [One] and x.m() == 2 and x.n() == 3 and isinstance(x, One) and One.label == 'one'",
)  # fmt: skip
scenario(
    "__init_subclass__: subclass in the notebook", {"a.py": PLUGIN.format("x")}, "from lib.a import Base\nclass Mine(Base): pass\nx = Mine()\n",
    {"a.py": PLUGIN.format("x") + "    def n(self): return 3\n"}, "assert x.n() == 3 and isinstance(x, Base) and Base.subs == [Mine]", keeps=True,
)  # fmt: skip
SLOTS = (
    "class A:\n    __slots__ = ({})\n    def __init__(self): self.x = 1\n    def m(self): return self.x\n{}"
)
scenario(
    "slots shrink: told", {"a.py": SLOTS.format("'x', 'y'", "")}, "from lib.a import A\na = A()\n", {"a.py": SLOTS.format("'x',", "")}, "assert A().m() == 1 and not hasattr(A, 'y') and a.m() == 1", says=("1 instance of lib.a.A",),
)  # fmt: skip
scenario(
    "slots taken away: told", {"a.py": SLOTS.format("'x',", "")}, "from lib.a import A\na = A()\n", {"a.py": "class A:\n    def __init__(self): self.x = 2\n    def m(self): return self.x\n"},
    "assert A().m() == 2 and a.m() == 1", says=("1 instance of lib.a.A",),
)  # fmt: skip
DESC = "class Field:\n    def __init__(self, d): self.d = d\n    def __set_name__(self, owner, name): self.name = '_' + name\n    def __get__(self, o, t=None): return self if o is None else getattr(o, self.name, self.d) {}\n    def __set__(self, o, v): setattr(o, self.name, v)\n"
scenario(
    "descriptor in another module", {"f.py": DESC.format(""), "a.py": "from .f import Field\nclass A:\n    x = Field(1)\n"}, "from lib.a import A\na = A()\na.x = 5\n", {"f.py": DESC.format("* 2")}, "assert a.x == 10 and A().x == 2", runs=(),
)  # fmt: skip
scenario(
    "descriptor in another module: what runs when a class is made with it", {"f.py": DESC.format(""), "a.py": "from .f import Field\nclass A:\n    x = Field(1)\n"}, "from lib.a import A\na = A()\na.x = 5\n",
    {"f.py": DESC.format("").replace("'_' + name", "'__' + name")}, "b = A()\nb.x = 3\nassert vars(b) == {'__x': 3} and b.x == 3", runs=("lib.a",),
)  # fmt: skip
scenario(
    "descriptor with another default", {"a.py": DESC.format("") + "class A:\n    x = Field(1)\n"}, "from lib.a import A\na, b = A(), A()\na.x = 5\n", {"a.py": DESC.format("") + "class A:\n    x = Field(7)\n"}, "assert a.x == 5 and b.x == 7",
)  # fmt: skip
scenario(
    "generic class with a bound and a subclass", {"a.py": "from typing import Generic, TypeVar\nT = TypeVar('T', bound=int)\nclass Box(Generic[T]):\n    def __init__(self, v: T): self.v = v\nclass IntBox(Box[int]):\n    def m(self): return self.v\n"},
    "from lib.a import Box, IntBox\nx = IntBox(1)\nAlias = Box[int]\n",
    {"a.py": "from typing import Generic, TypeVar\nT = TypeVar('T', bound=int)\nclass Box(Generic[T]):\n    def __init__(self, v: T): self.v = v\n    def get(self): return self.v\nclass IntBox(Box[int]):\n    def m(self): return self.v + 1\n"},
    "assert x.get() == 1 and x.m() == 2 and isinstance(x, Box) and Alias(3).get() == 3 and Alias.__origin__ is Box",
)  # fmt: skip
scenario(
    "class becomes generic: told", {"a.py": "class Box:\n    def m(self): return 1\n"}, "from lib.a import Box\nx = Box()\n",
    {"a.py": "from typing import Generic, TypeVar\nT = TypeVar('T')\nclass Box(Generic[T]):\n    def m(self): return 2\n"}, "assert x.m() == 2 and Box[int]().m() == 2", says=("1 instance of lib.a.Box",),
)  # fmt: skip
scenario(
    "TypedDict and NewType", {"a.py": "from typing import NewType, TypedDict\nclass T(TypedDict):\n    x: int\nId = NewType('Id', int)\n"}, "from lib.a import T, Id\nt = T(x=1)\n",
    {"a.py": "from typing import NewType, TypedDict\nclass T(TypedDict):\n    x: int\n    y: str\nId = NewType('Id', int)\n"}, "assert T.__annotations__.keys() == {'x', 'y'} and t == {'x': 1} and Id(3) == 3",
)  # fmt: skip
scenario(
    "multiple inheritance and mixins over three modules", {"m.py": "class Mix:\n    def who(self): return ['mix']\n", "b.py": "class Base:\n    def who(self): return ['base']\n", "a.py": "from .m import Mix\nfrom .b import Base\nclass A(Mix, Base):\n    def who(self): return ['a', *super().who()]\n"},
    "from lib.a import A\nx = A()\n", {"m.py": "class Mix:\n    def who(self): return ['mix', *super().who()]\n    z = 1\n"}, "assert x.who() == ['a', 'mix', 'base'] and x.z == 1",
)  # fmt: skip
scenario(
    "a base in the middle of a chain goes", {"a.py": "class A:\n    def m(self): return 1\nclass Mid(A):\n    def m(self): return super().m() + 10\nclass X(Mid):\n    def m(self): return super().m() + 100\n"}, "from lib.a import X, A\nx = X()\n",
    {"a.py": "class A:\n    def m(self): return 1\nclass X(A):\n    def m(self): return super().m() + 100\n"}, "assert x.m() == 101 and isinstance(x, A) and X().m() == 101", says=("lib.a.Mid",),
)  # fmt: skip
scenario(
    "a class renamed, its instances stay usable", {"a.py": "class A:\n    def m(self): return 1\n"}, "from lib.a import A\nx = A()\n", {"a.py": "class B:\n    def m(self): return 2\nA = B\n"}, "assert A().m() == 2 and x.m() == 2 and isinstance(x, A)",
)  # fmt: skip
scenario(
    "operators that object defines: __eq__ and __hash__ added and removed", {"a.py": "class V:\n    def __init__(self, x): self.x = x\n    def __eq__(self, o): return self.x == o.x\n    def __hash__(self): return hash(self.x)\n"},
    "from lib.a import V\na, b = V(1), V(1)\n", {"a.py": "class V:\n    def __init__(self, x): self.x = x\n    def __lt__(self, o): return self.x < o.x\n"}, "assert a != b and hash(a) != hash(b) and not a < b and sorted([V(2), V(1)])[0].x == 1",
)  # fmt: skip
scenario(
    "class in a function and a class made by type()", {"a.py": "def make():\n    class L:\n        def m(self): return 1\n    return L\nT = type('T', (), {'m': lambda self: 1})\n"}, "from lib.a import make, T\nL = make()\nx, t = L(), T()\n",
    {"a.py": "def make():\n    class L:\n        def m(self): return 2\n    return L\nT = type('T', (), {'m': lambda self: 2})\n"}, "assert x.m() == 2 and T().m() == 2 and t.m() == 2 and isinstance(t, T)",
)  # fmt: skip
scenario(
    "a notebook class cannot follow its base to another memory layout: told", {"a.py": "class A:\n    __slots__ = ('x',)\n    def m(self): return 1\n"},
    "from lib.a import A\nclass Mine(A):\n    __slots__ = ('z',)\nx = Mine()\n", {"a.py": "class A:\n    __slots__ = ('x', 'y')\n    def m(self): return 2\n"},
    "assert A().m() == 2", says=("Mine still derives from the old lib.a.A; run its cell again.",),
)  # fmt: skip
SLOTTED = (
    "from dataclasses import dataclass\n@dataclass{}\nclass A:\n{}    x: int\n    def m(self): return {}\n"
)
scenario(
    "slots of a dataclass: by hand, then by the decorator",
    {"a.py": SLOTTED.format("", "    __slots__ = ('x',)\n", 1)},
    "from lib.a import A\na = A(5)\n",
    {"a.py": SLOTTED.format("(slots=True)", "", 2)},
    "import lib.a\nassert A is lib.a.A and A.__slots__ == ('x',) and not hasattr(A(1), '__dict__') and (a.x, a.m(), A(1).m()) == (5, 2, 2)",
)
ORDERED = "import functools\n{}class A:\n    __slots__ = ({})\n    def __init__(self): pass\n    def __lt__(self, other): return False\n{}@functools.total_ordering\nclass B:\n    def __lt__(self, other): return False\n"
scenario(
    "a class of another layout that had its order from functools",
    {"a.py": ORDERED.format("@functools.total_ordering\n", "'x',", "")},
    "from lib.a import A, B\nimport functools\n",
    {"a.py": ORDERED.format("", "'x', 'y'", "    def __le__(self, other): return 'own'\n")},
    "own = functools.total_ordering(type('C', (), {'__lt__': lambda self, other: False}))\nassert (A() <= A()) == 'own'\nassert (own() <= own()) is False and (B() <= B()) is False",
)
UNSLOTTED = "class A:\n    __slots__ = ('x',)\n    def m(self): return {}\nclass B(A):\n    __slots__ = ()\n    def n(self): return {}\ndel (A.__slots__, B.__slots__)\nSTATE = []\n"
scenario(
    "slots that the module deletes when they have had their effect",
    {"a.py": UNSLOTTED.format(1, 1)},
    "import lib.a\nfrom lib.a import A, B\nlib.a.STATE.append(1)\n",
    {"a.py": UNSLOTTED.format("2, self.__class__", 1).replace("class B(A)", "class B(A, object)")},
    "assert A().m() == (2, A) and B is lib.a.B and not hasattr(B(), '__dict__') and '__slots__' not in {**vars(A), **vars(B)} and lib.a.STATE == [1]",
    keeps=True,
)
GENERIC = "from collections.abc import Mapping\nfrom typing import Generic, TypeVar\nT = TypeVar('T')\nclass Base{}:\n    pass\nclass Request(Base{}):\n    pass\n"
PLAIN_SUBCLASS = {"b.py": "from .a import Request\nclass Cached(Request):\n    def m(self): return 1\n"}
scenario(
    "a class two levels above becomes generic, which subclasses are told of",
    {"a.py": GENERIC.format("", ""), **PLAIN_SUBCLASS},
    "from lib.b import Cached\n",
    {"a.py": GENERIC.format("(Generic[T])", "[T]")},
    "import lib.b\nassert Cached is lib.b.Cached and Cached.__parameters__ == ()",
)
scenario(
    "a class two levels above is generic no longer",
    {"a.py": GENERIC.format("(Generic[T])", "[T]"), **PLAIN_SUBCLASS},
    "from lib.b import Cached\n",
    {"a.py": GENERIC.format("", "")},
    "import lib.b\nassert Cached is lib.b.Cached and not hasattr(Cached, '__parameters__')",
)
WATCHED = "class Base:\n{}    def m(self): return 1\n"
WATCHER = "    def __init_subclass__(cls, **more): cls.kinds = {}\n"
scenario(
    "__init_subclass__ added, in another module than the subclass",
    {"a.py": WATCHED.format(""), "b.py": "from .a import Base\nclass Sub(Base):\n    pass\n"},
    "from lib.b import Sub\nx = Sub()\n",
    {"a.py": WATCHED.format(WATCHER.format("[cls.__name__]"))},
    "assert Sub.__dict__['kinds'] == ['Sub'] and x.kinds == ['Sub']",
)
MADE_BY = "class Word:\n    def __init__(self, text): self.text = text{}\n    def __add__(self, other): return Word([self, other])\n"
COMMON = "from .a import Word\nclass common:\n    part = Word('x')\n    whole = part + part{}\n"
scenario(
    "class attributes in the same words, when the function that makes them has changed",
    {"a.py": MADE_BY.format(""), "b.py": COMMON.format("")},
    "from lib.b import common\n",
    {"a.py": MADE_BY.format("; self.empty = False"), "b.py": COMMON.format("\n    def m(self): return 1")},
    "import lib.b\nassert common is lib.b.common and common.part.empty is False and common.whole.text == [common.part] * 2",
)
