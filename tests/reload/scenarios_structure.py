"""The package's shape in its harder forms, discovery, optional parts, declarative registries, data."""

from scenario import scenario

for way in ("pkgutil.iter_modules(__path__)", "pkgutil.walk_packages(__path__, __name__ + '.')"):
    scenario(
        f"new plugin found by {way.partition('(')[0]} keeps the state of the others",
        {"plugins/__init__.py": f"import importlib, pkgutil\nALL = {{}}\nfor m in {way}:\n    name = m.name.rpartition('.')[2]\n    ALL[name] = importlib.import_module(__name__ + '.' + name)\n", "plugins/one.py": "SEEN = []\n"},
        "import lib.plugins\nlib.plugins.one.SEEN.append(1)\n", {"plugins/two.py": "SEEN = []\n"}, "assert sorted(lib.plugins.ALL) == ['one', 'two'] and lib.plugins.ALL['one'].SEEN == [1] and lib.plugins.ALL['two'].SEEN == []",
        keeps=True,
    )  # fmt: skip
GLOB = "import importlib, pathlib\nNAMES = sorted(p.stem for p in pathlib.Path(__file__).parent.glob('cmd_*.py'))\nALL = {n: importlib.import_module('lib.' + n).run for n in NAMES}\n"
scenario(
    "modules found by glob: one comes", {"a.py": GLOB, "cmd_one.py": "def run(): return 1\n"}, "import lib.a\n", {"cmd_two.py": "def run(): return 2\n"}, "assert {n: f() for n, f in lib.a.ALL.items()} == {'cmd_one': 1, 'cmd_two': 2}",
)  # fmt: skip
scenario(
    "modules found by glob: one goes", {"a.py": GLOB, "cmd_one.py": "def run(): return 1\n", "cmd_two.py": "def run(): return 2\n"}, "import lib.a\n", {"cmd_two.py": None}, "assert list(lib.a.ALL) == ['cmd_one']", says=("lib.cmd_two is no longer on disk",),
)  # fmt: skip
scenario(
    "os.listdir and os.scandir at import", {"a.py": "import os\nHERE = os.path.join(os.path.dirname(__file__), 'd')\nL = sorted(os.listdir(HERE))\nS = sorted(e.name for e in os.scandir(HERE))\n", "d/x.txt": ""}, "import lib.a\n", {"d/y.txt": ""},
    "assert lib.a.L == lib.a.S == ['x.txt', 'y.txt']",
)  # fmt: skip
ACCEL = "SEEN = []\ntry:\n    from ._accel import f\n    FAST = True\nexcept ImportError:\n    FAST = False\n    def f(): return 'slow'\n"
scenario(
    "optional accelerator begins to exist", {"a.py": ACCEL}, "from lib.a import f\nimport lib.a\nlib.a.SEEN.append(1)\nheld = [f]\n", {"_accel.py": "def f(): return 'fast'\n"}, "assert f() == 'fast' and lib.a.FAST and held[0]() == 'fast' and lib.a.SEEN == [1]", keeps=True,
)  # fmt: skip
scenario(
    "optional accelerator stops existing", {"a.py": ACCEL, "_accel.py": "def f(): return 'fast'\n"}, "from lib.a import f\nheld = [f]\n", {"_accel.py": None}, "import lib.a\nassert f() == 'slow' and not lib.a.FAST and held[0]() == 'slow'", says=("lib._accel is no longer on disk",),
)  # fmt: skip
scenario(
    "optional accelerator becomes broken at import", {"a.py": ACCEL.replace("ImportError", "Exception"), "_accel.py": "def f(): return 'fast'\n"}, "from lib.a import f\n", {"_accel.py": "def f(): return 'fast'\nraise RuntimeError('no cpu')\n"},
    "import lib.a\nassert f() == 'slow' and not lib.a.FAST", says=("lib._accel can no longer be imported",),
)  # fmt: skip
DECLARED = "from .db import Base\nclass User(Base):\n    name = 'user'\n    def m(self): return {}\n{}"
REGISTRY = "class Base:\n    tables = {}\n    def __init_subclass__(cls):\n        if cls.name in Base.tables: raise ValueError('table already defined: ' + cls.name)\n        Base.tables[cls.name] = cls\n"
for title, edited in (
    ("method added", DECLARED.format(1, "    def n(self): return 2\n")),
    ("attribute", DECLARED.format(1, "    size = len('abc')\n")),
    ("body", DECLARED.format(5, "")),
):
    scenario(
        f"declarative registry that refuses a second definition: {title}", {"db.py": REGISTRY, "user.py": DECLARED.format(1, ""), "other.py": "from .db import Base\nclass Other(Base):\n    name = 'other'\n"},
        "import lib.user, lib.other\nfrom lib.db import Base\nfrom lib.user import User\nx = User()\n", {"user.py": edited},
        "import lib.db\nassert Base.tables == {'user': User, 'other': lib.other.Other} and lib.user.User is User and isinstance(x, User) and Base is lib.db.Base",
    )  # fmt: skip
scenario(
    "declarative registry in a function of a third module", {"reg.py": "_ALL = {}\ndef define(name, value):\n    if name in _ALL: raise KeyError('already defined: ' + name)\n    _ALL[name] = value\n    return value\n", "a.py": "from .reg import define\nX = define('x', 1)\nY = define('y', 2)\n"},
    "import lib.a, lib.reg\n", {"a.py": "from .reg import define\nX = define('x', 10)\nY = define('y', 2)\n"}, "assert lib.reg._ALL == {'x': 10, 'y': 2} and lib.a.X == 10",
)  # fmt: skip
SQL = "from sqlalchemy.orm import Mapped, mapped_column\nfrom .db import Base\nclass User(Base):\n    __tablename__ = 'user'\n    id: Mapped[int] = mapped_column(primary_key=True)\n{}    def m(self): return {}\n"
DB = {"db.py": "from sqlalchemy.orm import DeclarativeBase\nclass Base(DeclarativeBase): pass\n"}
scenario(
    "SQLAlchemy: method body", {**DB, "user.py": SQL.format("", 1)}, "from lib.user import User\nu = User(id=1)\nwas = User\n", {"user.py": SQL.format("", 2)}, "assert u.m() == 2 and User is was", runs=(),
)  # fmt: skip
scenario(
    "SQLAlchemy: column added", {**DB, "user.py": SQL.format("", 1)}, "from lib.user import User\nfrom lib.db import Base\nu = User(id=1)\n", {"user.py": SQL.format("    name: Mapped[str]\n", 1)},
    "import lib.db\nfrom sqlalchemy import select\nassert [c.name for c in User.__table__.columns] == ['id', 'name'] and 'name' in str(select(User)) and Base is lib.db.Base and list(Base.metadata.tables) == ['user'] and User(id=2, name='n').name == 'n' and isinstance(User(id=3), User)",
)  # fmt: skip
PROM = "REGISTRY = {}\nclass Counter:\n    def __init__(self, name):\n        if name in REGISTRY: raise ValueError('Duplicated timeseries: ' + name)\n        REGISTRY[name] = self\n        self.n = 0\n"
scenario(
    "another package's registry that refuses a second definition, something else changes", {"/site-packages/tp.py": PROM, "a.py": "import tp, math\nHITS = tp.Counter('hits')\nK = math.floor(1.5)\n"}, "import lib.a\nlib.a.HITS.n = 3\n",
    {"a.py": "import tp, math\nHITS = tp.Counter('hits')\nK = math.floor(2.5)\n"}, "assert lib.a.K == 2 and lib.a.HITS.n == 3", keeps=True,
)  # fmt: skip
scenario(
    "another package's registry that refuses a second definition, its own statement changes", {"/site-packages/tp.py": PROM, "a.py": "import tp\nHITS = tp.Counter('hits')\n"}, "import lib.a\n",
    {"a.py": "import tp\nNAME = str('hits')\nHITS = tp.Counter(NAME)\n"}, "assert lib.a.HITS.n == 0", refused=("ValueError: Duplicated timeseries: hits", "restart the kernel"),
)  # fmt: skip
READER = "import functools, pathlib\nHERE = pathlib.Path(__file__).parent\n@functools.lru_cache\ndef words(): return (HERE / 'w.txt').read_text()\n"
scenario(
    "cached reader of a data file", {"a.py": READER, "w.txt": "one"}, "from lib.a import words\nassert words() == 'one'\n", {"w.txt": "two"}, "assert words() == 'two'",
)  # fmt: skip
scenario(
    "cached reader of a data file through a helper in another module", {"r.py": "import pathlib\ndef read(n): return (pathlib.Path(__file__).parent / n).read_text()\n", "a.py": "import functools\nfrom .r import read\n@functools.cache\ndef words(): return read('w.txt')\n", "w.txt": "one"},
    "from lib.a import words\nassert words() == 'one'\n", {"w.txt": "two"}, "assert words() == 'two'",
)  # fmt: skip
scenario(
    "reader of a data file that keeps what it read in a global", {"a.py": "import pathlib\n_W = None\ndef words():\n    global _W\n    if _W is None: _W = (pathlib.Path(__file__).parent / 'w.txt').read_text()\n    return _W\n", "w.txt": "one"},
    "from lib.a import words\nassert words() == 'one'\n", {"w.txt": "two"}, "assert words() == 'two'", says=("lib.a._W",),
)  # fmt: skip
scenario(
    "data file read at import keeps other state", {"a.py": "import pathlib\nSEEN = []\nT = (pathlib.Path(__file__).parent / 'w.txt').read_text()\nN = len(T)\n", "w.txt": "one"}, "import lib.a\nlib.a.SEEN.append(1)\n", {"w.txt": "three"},
    "assert lib.a.T == 'three' and lib.a.N == 5 and lib.a.SEEN == [1]", keeps=True,
)  # fmt: skip
scenario(
    "relative, absolute and aliased imports of one module", {"core.py": "X = 1\ndef f(): return X\n", "a.py": "from . import core\nimport lib.core as c\nfrom lib.core import f as g\nfrom .core import X as Y\ndef all(): return core.f(), c.f(), g(), Y\n"}, "from lib.a import all\n", {"core.py": "X = 2\ndef f(): return X\n"}, "assert all() == (2, 2, 2, 2)", runs=(),
)  # fmt: skip
scenario(
    "circular imports of names", {"a.py": "class A:\n    def m(self):\n        from .b import B\n        return B().n()\nfrom .b import B\n", "b.py": "from .a import A\nclass B(A):\n    def n(self): return 1\n"}, "from lib.a import A, B\nx = A()\ny = B()\n",
    {"b.py": "from .a import A\nclass B(A):\n    def n(self): return 2\n    def k(self): return self.m()\n"}, "assert x.m() == 2 and y.k() == 2",
)  # fmt: skip
scenario(
    "__all__ shrinks under a star import", {"a.py": "__all__ = ['f', 'g']\ndef f(): return 1\ndef g(): return 2\n"}, "from lib.a import *\n", {"a.py": "__all__ = ['f']\ndef f(): return 10\ndef g(): return 20\n"}, "assert f() == 10 and g() == 20",
)  # fmt: skip
scenario(
    "lazy submodules by a module __getattr__", {"__init__.py": "def __getattr__(n):\n    import importlib\n    if n in ('a',): return importlib.import_module('lib.' + n)\n    raise AttributeError(n)\n", "a.py": "def f(): return 1\n"}, "import lib\nassert lib.a.f() == 1\n", {"a.py": "import os\nZ = os.sep\ndef f(): return 2\n"}, "assert lib.a.f() == 2",
)  # fmt: skip
scenario(
    "a module that puts an object in its own place", {"a.py": "import sys\nclass M:\n    def f(self): return 1\nsys.modules[__name__] = M()\n"}, "import lib.a\nimport sys\nm = sys.modules['lib.a']\n", {"a.py": "import sys\nclass M:\n    def f(self): return 2\nsys.modules[__name__] = M()\n"}, "import lib.a as again\nassert m.f() == 2 and again.f() == 2",
)  # fmt: skip
scenario(
    "package renamed with its importers", {"old/__init__.py": "", "old/x.py": "class A:\n    def m(self): return 1\n", "a.py": "from .old.x import A\n"}, "from lib.a import A\nx = A()\n",
    {"old/__init__.py": None, "old/x.py": None, "new/__init__.py": "", "new/x.py": "class A:\n    def m(self): return 2\n", "a.py": "from .new.x import A\n"}, "assert A().m() == 2 and x.m() == 2 and isinstance(x, A)", says=("lib.old.x is no longer on disk",),
)  # fmt: skip
scenario(
    "namespace package gains a portion's module", {"/ns/one.py": "def f(): return 1\n"}, "import ns.one\n", {"/ns/two.py": "def g(): return 2\n"}, "import ns.two\nassert ns.two.g() == 2 and ns.one.f() == 1",
)  # fmt: skip
scenario(
    "two libraries that import one another, both edited", {"a.py": "import other.b\ndef f(): return other.b.g() + 1\ndef k(): return 1\n", "/other/__init__.py": "", "/other/b.py": "import lib.a\ndef g(): return lib.a.k()\n"}, "from lib.a import f\nimport other.b\n",
    {"a.py": "import other.b, os\nZ = os.sep\ndef f(): return other.b.g() + 10\ndef k(): return 5\n", "/other/b.py": "import lib.a, os\nY = os.sep\ndef g(): return lib.a.k() * 2\n"}, "assert f() == 20",
)  # fmt: skip
scenario(
    "a name that a block below might have bound again, but did not",
    {
        "a.py": "class A:\n    K = [1]\n",
        "b.py": "import typing as t\nfrom .a import A\nif t.TYPE_CHECKING:\n    from .a import A\nclass B:\n    K = [*A.K, 0]\n",
    },
    "from lib.b import B\n",
    {"a.py": "class A(dict):\n    K = [2]\n"},
    "import lib.a, lib.b\nassert B.K == [2, 0] and lib.b.A is lib.a.A",
)
SUBMODULES = "from . import b\nX = {}\nNAMES = [name for name in globals() if len(name) == 1]\n"
scenario(
    "submodules that one import brings, in the order in which they were complete",
    {"__init__.py": SUBMODULES.format(1), "a.py": "Y = 1\n", "b.py": "import math\nfrom . import a\n"},
    "import lib\n",
    {"__init__.py": SUBMODULES.format(2)},
    "assert lib.NAMES == ['a', 'b', 'X']",
)
