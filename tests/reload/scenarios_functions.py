"""Import styles and functions."""

from scenario import scenario

F1, F2 = {"a.py": "def f(): return 1\n"}, {"a.py": "def f(): return 2\n"}

scenario("import of a module", F1, "import lib.a\n", F2, "assert lib.a.f() == 2", runs=())
scenario("import under an alias", F1, "import lib.a as m\n", F2, "assert m.f() == 2")
scenario("from-import", F1, "from lib.a import f\n", F2, "assert f() == 2")
scenario("from-import under an alias", F1, "from lib.a import f as g\n", F2, "assert g() == 2")
scenario("star import", F1, "from lib.a import *\n", F2, "assert f() == 2")
scenario(
    "star import gains a name",
    F1,
    "from lib.a import *\n",
    {"a.py": "def f(): return 1\ndef g(): return 3\n"},
    "assert g() == 3",
)
scenario(
    "import inside a function",
    F1,
    "def go():\n    from lib.a import f\n    return f()\ngo()\n",
    F2,
    "assert go() == 2",
)
scenario(
    "constant by from-import",
    {"a.py": "X = 1\n"},
    "from lib.a import X\n",
    {"a.py": "X = 2\n"},
    "assert X == 2",
    runs=(),
)
scenario(
    "constant that the user bound again",
    {"a.py": "X = 1\n"},
    "from lib.a import X\nX = 99\n",
    {"a.py": "X = 2\n"},
    "assert X == 99",
)
scenario(
    "constant through another module",
    {"a.py": "X = 1\n", "b.py": "from .a import X\ndef g(): return X\n"},
    "from lib.b import g\n",
    {"a.py": "X = 2\n"},
    "assert g() == 2",
    runs=(),
)
scenario(
    "constant that another module computed with",
    {"a.py": "X = 1\n", "b.py": "from .a import X\nY = X * 10\n"},
    "import lib.b\n",
    {"a.py": "X = 2\n"},
    "assert lib.b.Y == 20",
    runs=("lib.b",),
)
scenario(
    "constant as a default argument",
    {"a.py": "X = 1\n", "b.py": "from . import a\ndef g(x=a.X): return x\n"},
    "from lib.b import g\n",
    {"a.py": "X = 2\n"},
    "assert g() == 2",
    runs=("lib.b",),
)
scenario(
    "default argument", {"a.py": "def f(x=1): return x\n"}, "from lib.a import f\nold = f\n",
    {"a.py": "def f(x=2, *, y=3): return x + y\n"}, "assert f() == 5 and old is f", runs=(),
)  # fmt: skip
scenario(
    "signature", {"a.py": "def f(a): return a\n"}, "from lib.a import f\n",
    {"a.py": "def f(a, b): return a, b\n"}, "assert f(1, 2) == (1, 2)",
)  # fmt: skip
scenario(
    "function calls a helper that is new",
    F1,
    "from lib.a import f\n",
    {"a.py": "import math\ndef helper(): return math.floor(7.5)\ndef f(): return helper()\n"},
    "assert f() == 7",
    runs=(),
)
scenario(
    "function added for another module that is edited too",
    {"a.py": "def f(): return 1\n", "b.py": "from .a import f\ndef g(): return f()\n"},
    "from lib.b import g\n",
    {
        "a.py": "def f(): return 1\ndef h(): return 5\n",
        "b.py": "from .a import f, h\ndef g(): return f() + h()\n",
    },
    "assert g() == 6",
)
scenario(
    "caller in another module", {"a.py": "def f(): return 1\n", "b.py": "from .a import f\ndef g(): return f() + 1\n"},
    "from lib.b import g\n", {"a.py": "def f(): return 10\n"}, "assert g() == 11", runs=(),
)  # fmt: skip
scenario(
    "result computed at import by another module",
    {"a.py": "def f(): return 1\n", "b.py": "from .a import f\nR = f()\n"},
    "from lib.b import R\n", {"a.py": "def f(): return 2\n"}, "assert R == 2", runs=("lib.b",),
)  # fmt: skip
scenario(
    "result computed at import through a helper in a third module",
    {"a.py": "def f(): return 1\n", "b.py": "from .a import f\ndef g(): return f()\n", "c.py": "from .b import g\nR = g()\n"},
    "import lib.c\n", {"a.py": "def f(): return 2\n"}, "assert lib.c.R == 2", runs=("lib.c",),
)  # fmt: skip
scenario(
    "result computed at import through a lazy import",
    {"a.py": "def f(): return 1\n", "b.py": "def g():\n    from .a import f\n    return f()\nR = g()\n"},
    "import lib.b\n", {"a.py": "def f(): return 2\n"}, "assert lib.b.R == 2",
)  # fmt: skip
scenario(
    "function that the module itself called at import",
    {"a.py": "def f(): return 1\nR = f()\n"},
    "import lib.a\n", {"a.py": "def f(): return 2\nR = f()\n"}, "assert lib.a.R == 2", runs=("lib.a",),
)  # fmt: skip
DECO = "import functools\ndef deco(f):\n    @functools.wraps(f)\n    def wrapper(*a): return ('{}', f(*a))\n    return wrapper\n"
scenario(
    "decorator in another module",
    {"d.py": DECO.format("old"), "a.py": "from .d import deco\n@deco\ndef f(): return 1\n"},
    "from lib.a import f\nkept = [f]\n",
    {"d.py": DECO.format("new")},
    "assert f() == ('new', 1) and kept[0]() == ('new', 1)",
)
scenario(
    "body under a decorator of another module",
    {"d.py": DECO.format("x"), "a.py": "from .d import deco\n@deco\ndef f(): return 1\n"},
    "from lib.a import f\nwas = f\n",
    {"a.py": "from .d import deco\n@deco\ndef f(): return 2\n"},
    "assert f() == ('x', 2) and f is was", runs=(),
)  # fmt: skip
scenario(
    "decorator added",
    {"d.py": DECO.format("x"), "a.py": "def f(): return 1\n"},
    "from lib.a import f\n",
    {"a.py": "from .d import deco\n@deco\ndef f(): return 1\n"},
    "assert f() == ('x', 1)",
)
scenario(
    "decorator taken away",
    {"d.py": DECO.format("x"), "a.py": "from .d import deco\n@deco\ndef f(): return 1\n"},
    "from lib.a import f\n",
    {"a.py": "def f(): return 1\n"},
    "assert f() == 1",
)
scenario(
    "lru_cache and its wrapper",
    {"a.py": "import functools\n@functools.lru_cache\ndef f(x): return x + 1\n"},
    "from lib.a import f\nf(1)\n",
    {"a.py": "import functools\n@functools.lru_cache\ndef f(x): return x + 100\n"},
    "assert f(2) == 102 and f(1) == 101",
)
scenario(
    "lru_cache held in a notebook list, signature changed",
    {"a.py": "import functools\n@functools.lru_cache\ndef f(x): return x + 1\n"},
    "from lib.a import f\nheld = [f]\nf(1)\n",
    {"a.py": "import functools\n@functools.lru_cache\ndef f(x, y=5): return x + y\n"},
    "assert held[0](1) == 6 and f is held[0]",
)
DISPATCH = "import functools\nREADY = True\n{}@f.register\ndef _(x: int): return 'int'\n"
DISPATCHER = "@functools.singledispatch\ndef f(x, y=0): return ('base', y)\n"
scenario(
    "the default of a singledispatch function changed",
    {"a.py": DISPATCH.format(DISPATCHER)},
    "from lib.a import f\nassert f(1) == 'int'",
    {"a.py": DISPATCH.format(DISPATCHER.replace("y=0", "y=1"))},
    "assert f(1) == 'int' and f('s') == ('base', 1)",
)
scenario(
    "a singledispatch function wrapped in an if",
    {"a.py": DISPATCH.format(DISPATCHER)},
    "from lib.a import f\nassert f(1) == 'int'",
    {"a.py": DISPATCH.format("if READY:\n" + "".join(f"    {line}\n" for line in DISPATCHER.splitlines()))},
    "assert f(1) == 'int' and f('s') == ('base', 0)",
)
scenario(
    "the default of a singledispatch function changed, with what the notebook registered",
    {"a.py": DISPATCH.format(DISPATCHER)},
    "from lib.a import f\n@f.register\ndef _(x: list): return 'mine'\n",
    {"a.py": DISPATCH.format(DISPATCHER.replace("y=0", "y=1"))},
    "assert f(1) == 'int' and f([]) == 'mine' and f('s') == ('base', 1)",
    keeps=True,
)
REGISTERING = "def collecting(f):\n    f.found = []\n    return f\n@collecting\ndef g(x{}): return [part(x) for part in g.found]\ng.found.append(len)\n"
scenario(
    "the signature of a function changed that collects others in an attribute",
    {"a.py": REGISTERING.format("")},
    "from lib.a import g\nassert g('abc') == [3]",
    {"a.py": REGISTERING.format(", y=0")},
    "assert g('abc') == [3]",
)
scenario(
    "singledispatch keeps what the notebook registered",
    {
        "a.py": "import functools\n@functools.singledispatch\ndef f(x): return 'base'\n@f.register\ndef _(x: int): return 'int'\n"
    },
    "from lib.a import f\n@f.register\ndef mine(x: str): return 'mine'\n",
    {
        "a.py": "import functools\n@functools.singledispatch\ndef f(x): return 'BASE'\n@f.register\ndef _(x: int): return 'INT'\n"
    },
    "assert f(1) == 'INT' and f('s') == 'mine' and f(1.5) == 'BASE'",
    keeps=True,
)
scenario(
    "context manager",
    {"a.py": "import contextlib\n@contextlib.contextmanager\ndef c():\n    yield 1\n"},
    "from lib.a import c\n",
    {"a.py": "import contextlib\n@contextlib.contextmanager\ndef c():\n    yield 2\n"},
    "with c() as v: assert v == 2",
)
scenario(
    "async function",
    {"a.py": "async def f(): return 1\n"}, "import asyncio\nfrom lib.a import f\n",
    {"a.py": "async def f(): return 2\n"}, "assert asyncio.run(f()) == 2",
)  # fmt: skip
scenario(
    "function becomes async",
    {"a.py": "def f(): return 1\n"}, "import asyncio\nfrom lib.a import f\n",
    {"a.py": "async def f(): return 2\n"}, "assert asyncio.run(f()) == 2",
)  # fmt: skip
scenario(
    "generator function",
    {"a.py": "def g():\n    yield 1\n"}, "from lib.a import g\n",
    {"a.py": "def g():\n    yield 2\n    yield 3\n"}, "assert list(g()) == [2, 3]",
)  # fmt: skip
scenario(
    "live closure",
    {"a.py": "def make(n):\n    def add(x): return x + n\n    return add\n"},
    "from lib.a import make\nadd5 = make(5)\n",
    {"a.py": "def make(n):\n    def add(x): return (x + n) * 10\n    return add\n"},
    "assert add5(1) == 60 and make(1)(1) == 20",
)
scenario(
    "live closure that closes over more",
    {"a.py": "def make(n):\n    m = 2\n    def add(x): return x + n\n    return add\n"},
    "from lib.a import make\nadd5 = make(5)\n",
    {"a.py": "def make(n):\n    m = 2\n    def add(x): return x + n + m\n    return add\n"},
    "assert add5(1) == 6 and make(1)(1) == 4",
    says=("make.<locals>.add",),
)
scenario(
    "function with a closure of another size",
    {"a.py": "def outer():\n    n = 1\n    def f(): return n\n    return f\nf = outer()\n"},
    "from lib.a import f\nheld = [f]\n",
    {"a.py": "def outer():\n    n = 1\n    m = 5\n    def f(): return n + m\n    return f\nf = outer()\n"},
    "assert f() == 6 and held[0]() == 6",
)
scenario(
    "lambda",
    {"a.py": "f = lambda: 1\n"}, "from lib.a import f\nheld = [f]\n",
    {"a.py": "f = lambda: 2\n"}, "assert f() == 2 and held[0]() == 2",
)  # fmt: skip
scenario(
    "function turned class",
    {"a.py": "def T(): return 1\n"}, "from lib.a import T\nheld = [T]\n",
    {"a.py": "class T:\n    v = 3\n"}, "assert T().v == 3 and held[0]().v == 3",
)  # fmt: skip
scenario(
    "class turned function",
    {"a.py": "class T:\n    v = 3\n"}, "from lib.a import T\nheld = [T]\n",
    {"a.py": "def T(): return 1\n"}, "assert T() == 1 and held[0]() == 1",
)  # fmt: skip
scenario(
    "function removed",
    {"a.py": "def f(): return 1\ndef g(): return 2\n"}, "from lib.a import f, g\n",
    {"a.py": "def g(): return 2\n"},
    "import pytest\nassert g() == 2\nwith pytest.raises(NameError, match='lib.a.f'): f()",
    says=("lib.a.f",),
)  # fmt: skip
scenario(
    "constant removed",
    {"a.py": "X = 1\nY = 2\n"}, "from lib.a import X, Y\n", {"a.py": "Y = 2\n"},
    "assert Y == 2 and 'X' not in globals()", says=("X",),
)  # fmt: skip
scenario(
    "function moved and re-exported",
    {"a.py": "def f(): return 1\n", "b.py": "def g(): return 0\n"},
    "from lib.a import f\nheld = [f]\nimport lib.b\n",
    {"a.py": "from .b import f\n", "b.py": "def g(): return 0\ndef f(): return 2\n"},
    "import lib.b\nassert f() == 2 and held[0]() == 2 and f is lib.b.f",
)
scenario(
    "function renamed with the old name as an alias",
    {"a.py": "def f(): return 1\n"}, "from lib.a import f\nheld = [f]\n",
    {"a.py": "def new(): return 2\nf = new\n"}, "assert f() == 2 and held[0]() == 2",
)  # fmt: skip
scenario(
    "docstring",
    {"a.py": "def f():\n    'one'\n    return 1\n"}, "from lib.a import f\n",
    {"a.py": "def f():\n    'two'\n    return 1\n"}, "assert f.__doc__ == 'two'",
)  # fmt: skip
scenario(
    "docstring of the module",
    {"a.py": "'one'\nS = []\n"}, "import lib.a\nlib.a.S.append(1)\n",
    {"a.py": "'two'\nS = []\n"}, "assert lib.a.__doc__ == 'two' and lib.a.S == [1]", runs=(), keeps=True,
)  # fmt: skip
scenario(
    "lines move: tracebacks show the new ones",
    {"a.py": "def f():\n    raise KeyError\n"}, "from lib.a import f\n",
    {"a.py": "# one\n# two\ndef f():\n    raise KeyError\n"},
    "import traceback\ntry:\n    f()\nexcept KeyError as e:\n    assert traceback.extract_tb(e.__traceback__)[-1].lineno == 4\n",
    runs=(),
)  # fmt: skip
scenario(
    "annotations",
    {"a.py": "def f(x: int): return x\n"}, "from lib.a import f\n",
    {"a.py": "def f(x: str): return x\n"}, "assert f.__annotations__ == {'x': str}",
)  # fmt: skip
scenario(
    "attributes of a function set at import",
    {"a.py": "def f(): return 1\nf.tag = 'old'\n"}, "from lib.a import f\n",
    {"a.py": "def f(): return 1\nf.tag = 'new'\n"}, "assert f.tag == 'new'",
)  # fmt: skip
scenario(
    "partial of a library function",
    {"a.py": "def f(x): return x\n"}, "import functools\nfrom lib.a import f\np = functools.partial(f, 1)\n",
    {"a.py": "def f(x): return x + 1\n"}, "assert p() == 2",
)  # fmt: skip
scenario(
    "partial of a function turned class",
    {"a.py": "def T(x): return x\n"}, "import functools\nfrom lib.a import T\np = functools.partial(T, 1)\n",
    {"a.py": "class T:\n    def __init__(self, x): self.x = x\n"}, "assert p().x == 1",
)  # fmt: skip
scenario(
    "bound method in a callback list",
    {"a.py": "class A:\n    def m(self): return 1\n"}, "from lib.a import A\ncalls = [A().m]\n",
    {"a.py": "class A:\n    def m(self): return 2\n"}, "assert calls[0]() == 2",
)  # fmt: skip
scenario(
    "callback registered with a standard library object",
    {"a.py": "def f(x): return x\n"}, "import string\nfrom lib.a import f\nregistry = {'k': (f, [f])}\n",
    {"a.py": "def f(x, extra=1): return x + extra\n"},
    "assert registry['k'][0](1) == 2 and registry['k'][1][0] is f",
)  # fmt: skip
scenario(
    "functions in a table of another module",
    {"a.py": "def f(): return 1\n", "t.py": "from .a import f\nTABLE = {'f': f}\n"},
    "from lib.t import TABLE\n", {"a.py": "def f(): return 2\n"}, "assert TABLE['f']() == 2", runs=(),
)  # fmt: skip
scenario(
    "decorator that registers in another module",
    {"r.py": "ALL = {}\ndef register(f):\n    ALL[f.__name__] = f\n    return f\n",
     "a.py": "from .r import register\n@register\ndef one(): return 1\n"},
    "import lib.a\nfrom lib.r import ALL\n",
    {"a.py": "from .r import register\n@register\ndef one(): return 11\n@register\ndef two(): return 2\n"},
    "import lib.r\nassert {k: v() for k, v in lib.r.ALL.items()} == {'one': 11, 'two': 2} and ALL is lib.r.ALL",
)  # fmt: skip
scenario(
    "registered function removed",
    {"r.py": "ALL = {}\ndef register(f):\n    ALL[f.__name__] = f\n    return f\n",
     "a.py": "from .r import register\n@register\ndef one(): return 1\n@register\ndef two(): return 1\n"},
    "import lib.a, lib.r\n",
    {"a.py": "from .r import register\n@register\ndef one(): return 1\n"},
    "assert list(lib.r.ALL) == ['one']", says=("lib.a.two",),
)  # fmt: skip
scenario(
    "registry list without duplicates",
    {"r.py": "ALL = []\ndef register(f):\n    ALL.append(f)\n    return f\n",
     "a.py": "from .r import register\n@register\ndef one(): return 1\n"},
    "import lib.a, lib.r\n",
    {"a.py": "from .r import register\nimport math\nR = math.pi * 2\n@register\ndef one(): return 2\n"},
    "assert [f() for f in lib.r.ALL] == [2]",
)  # fmt: skip
scenario(
    "registry keeps what the notebook put in",
    {"a.py": "import os\nHANDLERS = {'x': len}\nPATH = os.sep + 'a'\n"},
    "from lib.a import HANDLERS\ndef mine(): return 1\nHANDLERS['mine'] = mine\n",
    {"a.py": "import os\nHANDLERS = {'x': len, 'y': max}\nPATH = os.sep + 'b'\n"},
    "import lib.a\nassert set(HANDLERS) == {'x', 'y', 'mine'} and lib.a.HANDLERS is HANDLERS",
    says=("lib.a.HANDLERS",),
)  # fmt: skip
CACHED_AT_IMPORT = "import functools\nK = {0}\n@functools.cache\ndef f(x): return x + K\ndef g(x): return x + {0}\n@functools.cache\ndef h(x): return g(x)\nA, B = f(1), h(1)\n"
scenario(
    "lru_cache: what the import computes by functions that have changed",
    {"a.py": CACHED_AT_IMPORT.format(1), "b.py": "from . import a\nC = a.f(1), a.h(1)\n"},
    "import lib.b\nassert lib.a.A == lib.a.B == 2\n",
    {"a.py": CACHED_AT_IMPORT.format(10)},
    "assert (lib.a.A, lib.a.B, lib.b.C, lib.a.f(1), lib.a.h(1)) == (11, 11, (11, 11), 11, 11)",
)
COPIED = "import functools\ndef variant(of):\n    def decorate(f):\n        @functools.wraps(of, assigned=['__doc__'])\n        def wrapper(*given): return f(*given)\n        return wrapper\n    return decorate\ndef plain(x):\n    '''Gives {}.'''\n    return x\n@variant(plain)\ndef other(x): return x\n"
scenario(
    "a docstring that another function has copied",
    {"a.py": COPIED.format("one")},
    "from lib.a import other, plain\n",
    {"a.py": COPIED.format("two")},
    "assert other.__doc__ == plain.__doc__ == 'Gives two.'",
)
