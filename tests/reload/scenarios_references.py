"""Whoever holds a function or class of the library: callbacks, partials, other packages, tuples of exceptions."""

from scenario import scenario

TP = {"/site-packages/tp.py": "class Udf:\n    __slots__ = ('func', 'kind')\n    def __init__(self, func, kind='int'): self.func, self.kind = func, kind\n    def __call__(self, *a): return self.func(*a)\n"
      "def udf(f):\n    import functools\n    u = Udf(f)\n    @functools.wraps(f)\n    def wrapper(*a): return u(*a)\n    wrapper.func = u.func\n    return wrapper\n"
      "CALLBACKS = []\nBY_NAME = {}\ndef on_event(f):\n    CALLBACKS.append(f)\n    return f\n"
      "class Retry:\n    def __init__(self, on): self.on = tuple(on)\n    def __call__(self, f):\n        try: return f()\n        except self.on as e: return e\n"}  # fmt: skip
CLEAN = "def clean(x): return x\n"
RESHAPED = "import math\nK = math.floor(2.5)\ndef clean(x, y=1): return x + y + K\n"
for title, edited in (
    ("body", "def clean(x): return x + 3\n"),
    ("signature", "def clean(x, y=3): return x + y\n"),
    ("whole", RESHAPED),
):
    scenario(
        f"UDF made in one module from a function of another: {title}", {**TP, "a.py": CLEAN, "b.py": "from tp import Udf\nfrom .a import clean\nudf = Udf(clean)\n"},
        "from lib.b import udf\nimport lib.a, lib.b\n", {"a.py": edited},
        "assert udf.func is lib.a.clean and udf(1) == 4 and lib.b.udf is udf and lib.b.clean is lib.a.clean",
    )  # fmt: skip
    scenario(
        f"UDF wrapper made in one module from a function of another: {title}", {**TP, "a.py": CLEAN, "b.py": "from tp import udf\nfrom .a import clean\nmine = udf(clean)\n"},
        "from lib.b import mine\nimport lib.a\n", {"a.py": edited}, "assert mine.func is lib.a.clean and mine(1) == 4 and mine.__wrapped__ is lib.a.clean",
    )  # fmt: skip
    scenario(
        f"UDF that the notebook made: {title}", {**TP, "a.py": CLEAN}, "import tp, lib.a\nfrom lib.a import clean\nudf = tp.Udf(clean)\nwrapped = tp.udf(clean)\n",
        {"a.py": edited}, "assert udf.func is lib.a.clean and udf(1) == 4 and wrapped(1) == 4",
    )  # fmt: skip
scenario(
    "UDF decorator in the library: body", {**TP, "a.py": "from tp import udf\n@udf\ndef clean(x): return x\n"}, "from lib.a import clean\nheld = [clean]\n",
    {"a.py": "from tp import udf\n@udf\ndef clean(x): return x + 3\n"}, "assert clean(1) == 4 and held[0](1) == 4", runs=(),
)  # fmt: skip
scenario(
    "UDF decorator in the library: signature", {**TP, "a.py": "from tp import udf\n@udf\ndef clean(x): return x\n"}, "from lib.a import clean\nheld = [clean]\n",
    {"a.py": "from tp import udf\n@udf\ndef clean(x, y=3): return x + y\n"}, "assert clean(1) == 4 and held[0](1) == 4",
)  # fmt: skip
MOVED = {
    "a.py": "from .b import A, f\n",
    "b.py": "class A:\n    def m(self): return 2\n    def n(self): return 3\ndef f(): return 2\n",
}
scenario(
    "class moved with a re-export: instances, bound methods, callbacks, keys", {**TP, "a.py": "class A:\n    def m(self): return 1\ndef f(): return 1\n", "b.py": ""},
    "import tp, functools\nfrom lib.a import A, f\nx = A()\ncalls = [x.m, functools.partial(A.m, x), f]\ntp.CALLBACKS.append(x.m)\nd = {A: 1, f: 2}\n",
    MOVED,
    "import lib.b\nassert [c() for c in calls] == [2, 2, 2] and tp.CALLBACKS[-1]() == 2 and x.n() == 3 and isinstance(x, A) and A is lib.b.A and d[A] == 1 and d[f] == 2 and f is lib.b.f",
)  # fmt: skip
scenario(
    "class moved with a re-export: subclass in the notebook", {"a.py": "class A:\n    def m(self): return 1\ndef f(): return 1\n", "b.py": ""},
    "from lib.a import A\nclass Mine(A):\n    def m(self): return super().m() + 10\nx = Mine()\n", MOVED, "assert x.m() == 12 and x.n() == 3 and isinstance(x, A)",
)  # fmt: skip
scenario(
    "class moved without a re-export, its importer follows", {"a.py": "class A:\n    def m(self): return 1\n", "b.py": "", "c.py": "from .a import A\ndef make(): return A()\n"},
    "from lib.c import make\nx = make()\n",
    {"a.py": "", "b.py": "class A:\n    def m(self): return 2\n", "c.py": "from .b import A\ndef make(): return A()\n"}, "assert make().m() == 2 and x.m() == 2 and type(make()) is type(x)", says=("lib.a.A",),
)  # fmt: skip
for title, base in (("plain", "class E(Exception):\n    code = 2\n"), ("base changed", "class E(ValueError):\n    code = 2\n"),
                    ("base inserted", "class Base(Exception): pass\nclass E(Base):\n    code = 2\n"), ("slots", "class E(Exception):\n    __slots__ = ('z',)\n    code = 2\n")):  # fmt: skip
    scenario(
        f"exception in another package's tuple: {title}", {**TP, "a.py": "class E(Exception):\n    code = 1\ndef f(): raise E('x')\n"},
        "import tp\nfrom lib.a import E, f\nretry = tp.Retry(on=(E, KeyError))\n", {"a.py": base + "def f(): raise E('x')\n"},
        "assert retry(f).code == 2 and isinstance(retry(f), E)",
    )  # fmt: skip
    scenario(
        f"exception in a notebook function's except clause: {title}", {"a.py": "class E(Exception):\n    code = 1\ndef f(): raise E('x')\n"},
        "from lib.a import E, f\ncaught = E('mine')\ndef go():\n    try: f()\n    except E as e: return e.code\n", {"a.py": base + "def f(): raise E('x')\n"},
        "assert go() == 2 and isinstance(caught, Exception)", says=("1 instance of lib.a.E",) if title == "slots" else (),
    )  # fmt: skip
scenario(
    "exception in the tuple of another module of the library", {"e.py": "class E(Exception): pass\n", "a.py": "from .e import E\nRETRY = (E, OSError)\ndef go(f):\n    try: f()\n    except RETRY as e: return 'caught'\n"},
    "from lib.a import go\nfrom lib.e import E\ndef f(): raise E\n", {"e.py": "class Base(ValueError): pass\nclass E(Base): pass\n"}, "assert go(f) == 'caught'",
)  # fmt: skip
scenario(
    "callbacks in another package: function, method, partial, class", {**TP, "a.py": "class A:\n    def m(self): return 1\n    @classmethod\n    def c(cls): return 1\n    @staticmethod\n    def s(): return 1\ndef f(): return 1\n"},
    "import tp, functools\nfrom lib.a import A, f\nx = A()\ntp.BY_NAME.update(m=x.m, c=A.c, s=A.s, f=f, p=functools.partial(f))\n",
    {"a.py": "import os\nZ = os.sep * 2\nclass A:\n    def m(self, z=2): return z\n    @classmethod\n    def c(cls, z=2): return z\n    @staticmethod\n    def s(z=2): return z\ndef f(z=2): return z\n"},
    "assert {v() for v in tp.BY_NAME.values()} == {2}",
)  # fmt: skip
scenario(
    "callback that the library registers with another package: body", {**TP, "a.py": "import tp\n@tp.on_event\ndef f(): return 1\n"}, "import tp, lib.a\nn = len(tp.CALLBACKS)\n",
    {"a.py": "import tp\n@tp.on_event\ndef f(): return 2\n"}, "assert len(tp.CALLBACKS) == n and tp.CALLBACKS[-1]() == 2", runs=(), keeps=True,
)  # fmt: skip
scenario(
    "callback that the library registers with another package: something else changes", {**TP, "a.py": "import tp, math\nK = math.floor(1.5)\n@tp.on_event\ndef f(): return K\n"}, "import tp, lib.a\nn = len(tp.CALLBACKS)\n",
    {"a.py": "import tp, math\nK = math.floor(2.5)\n@tp.on_event\ndef f(): return K\n"}, "assert len(tp.CALLBACKS) == n and tp.CALLBACKS[-1]() == 2", keeps=True,
)  # fmt: skip
scenario(
    "weak references to functions and classes", {"a.py": "class A: pass\ndef f(): return 1\n"}, "import weakref\nfrom lib.a import A, f\nw, v = weakref.ref(f), weakref.ref(A)\ns = weakref.WeakSet([A])\n",
    {"a.py": "import os\nZ = os.sep\nclass A:\n    z = 1\ndef f(x=2): return x\n"}, "assert w() is f and v() is A and A in s",
)  # fmt: skip
scenario(
    "operator.attrgetter, map and zip over library functions", {"a.py": "def f(x): return x\n"}, "from lib.a import f\nit = map(f, [1, 2, 3])\nnext(it)\n",
    {"a.py": "def f(x): return x * 10\n"}, "assert list(it) == [20, 30]",
)  # fmt: skip
scenario(
    "sorted container of keys with a method as the key function", {"a.py": "class K:\n    def __init__(self, n): self.n = n\n    def __hash__(self): return hash(self.n)\n    def __eq__(self, o): return self.n == o.n\n"},
    "from lib.a import K\nd = {K(1): 'a', K(2): 'b'}\n", {"a.py": "class K:\n    def __init__(self, n): self.n = n\n    def __hash__(self): return hash(self.n)\n    def __eq__(self, o): return isinstance(o, K) and self.n == o.n\n    def m(self): return 1\n"},
    "assert d[K(1)] == 'a' and K(2) in d and next(iter(d)).m() == 1",
)  # fmt: skip
scenario(
    "function stored as a default argument and in a closure of the notebook", {"a.py": "def f(): return 1\nclass A:\n    __slots__ = ()\n"},
    "from lib.a import f, A\ndef g(call=f, kind=A): return call(), kind\ndef outer():\n    call, kind = f, A\n    return lambda: (call(), kind)\nh = outer()\n",
    {"a.py": "class f:\n    def __new__(cls): return 2\nclass A:\n    __slots__ = ('x',)\n"}, "assert g() == (2, A) and h() == (2, A)",
)  # fmt: skip
HOOKED = {**TP, "a.py": "import tp\nimport lib.b as b\nb.RAN.append(1)\nif hasattr(tp, 'no'):\n    def call(): return 0\nelse:\n    def call(): return help()\n"
          "    tp.hook = call\n    tp.BY_NAME['call'] = call\ndef help(): return 1\n", "b.py": "RAN = []\n"}  # fmt: skip
scenario(
    "hook of another package and entry in its table, which call an edited function", HOOKED, "import tp, lib.a, lib.b\nheld = tp.hook\n",
    {"a.py": HOOKED["a.py"].replace("return 1", "return 2")},
    "assert tp.hook is held is tp.BY_NAME['call'] and held() == 2 and lib.b.RAN == [1]", runs=(), keeps=True,
)  # fmt: skip
scenario(
    "hook of another package that is another kind of object now", HOOKED, "import tp, lib.a\n",
    {"a.py": HOOKED["a.py"].replace("def call(): return help()", "call = 3")}, "assert tp.hook == tp.BY_NAME['call'] == 3", says=("lib.a.call",),
)  # fmt: skip
for title, cls in (("plain", "class Mine:"), ("slots", "class Mine:\n    __slots__ = ()"), ("derived", "class Base: pass\nclass Mine(Base):")):  # fmt: skip
    scenario(
        f"attribute of a class of the notebook, which Python has looked up before: {title}", {"a.py": "def T(): return 1\nclass A:\n    __slots__ = ()\n    def m(self): return 1\n"},
        f"from lib.a import A, T\n{cls}\n    make = T\n    kind = A\n    call = A.m\ndef look(): return Mine.make, Mine.kind, Mine.call, Mine().kind\nfor _ in range(100): look()\n",
        {"a.py": "class T:\n    v = 2\nclass A:\n    __slots__ = ('x',)\n    def m(self): return 2\n"}, "assert look() == (T, A, A.m, A) and Mine.make().v == 2 and Mine.call(None) == 2",
    )  # fmt: skip
scenario(
    "static and class methods and properties of a notebook class, made of library functions", {"a.py": "def T(*a): return 1\nclass A:\n    __slots__ = ()\n    def m(self): return 1\n"},
    "from lib.a import A, T\nclass Mine:\n    s = staticmethod(T)\n    c = classmethod(A.m)\n    p = property(A.m)\n    k = staticmethod(A)\nx = Mine()\n",
    {"a.py": "class T:\n    v = 2\n    def __init__(self, *a): pass\nclass A:\n    __slots__ = ('x',)\n    def m(self): return 2\n"}, "assert x.s().v == 2 and x.c() == 2 and x.p == 2 and type(x.k()) is A and type(x.s()) is T",
)  # fmt: skip
