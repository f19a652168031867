"""State of modules, the shape of the package, and files that are not Python."""

from scenario import scenario

scenario(
    "state that the notebook changed stays when a body changes",
    {"a.py": "CACHE = {}\ndef f(): return 1\n"}, "import lib.a\nlib.a.CACHE['k'] = 1\nlib.a.extra = 5\n",
    {"a.py": "CACHE = {}\ndef f(): return 2\n"}, "assert lib.a.CACHE == {'k': 1} and lib.a.extra == 5 and lib.a.f() == 2",
    runs=(), keeps=True,
)  # fmt: skip
scenario(
    "state of an importer stays",
    {"a.py": "def f(): return 1\n", "b.py": "from .a import f\nSEEN = []\ndef g():\n    SEEN.append(f())\n    return SEEN\n"},
    "from lib.b import g\ng()\n",
    {"a.py": "import os\ndef f(x=2): return x\n"}, "assert g() == [1, 2]", runs=(), keeps=True,
)  # fmt: skip
scenario(
    "state that must be reset is named",
    {"a.py": "import os\nN = [os.getpid()]\n"}, "import lib.a\nlib.a.N.append('mine')\n",
    {"a.py": "import os\nN = [os.getpid(), 1]\n"}, "assert len(lib.a.N) == 2 and lib.a.N[1] == 1", says=("lib.a.N",),
)  # fmt: skip
scenario(
    "counter that the file sets anew is named",
    {"a.py": "count = 0\ndef f():\n    global count\n    count += 1\n"}, "import lib.a\nlib.a.f()\n",
    {"a.py": "count = 100\ndef f():\n    global count\n    count += 1\n"}, "assert lib.a.count == 100", says=("lib.a.count",),
)  # fmt: skip
scenario(
    "lock is kept and held",
    {"a.py": "import threading\nLOCK = threading.Lock()\ndef f(): return 1\n"}, "import lib.a\nlib.a.LOCK.acquire()\nwas = lib.a.LOCK\n",
    {"a.py": "import threading\nLOCK = threading.Lock()\ndef f(): return 2\n"}, "assert lib.a.LOCK is was and was.locked()", keeps=True, runs=(),
)  # fmt: skip
scenario(
    "logging handler is not doubled when a body changes",
    {"a.py": "import logging\nlog = logging.getLogger('lib.handler')\nlog.addHandler(logging.NullHandler())\ndef f(): return 1\n"},
    "import lib.a\n",
    {"a.py": "import logging\nlog = logging.getLogger('lib.handler')\nlog.addHandler(logging.NullHandler())\ndef f(): return 2\n"},
    "assert len(lib.a.log.handlers) == 1 and lib.a.f() == 2", keeps=True, runs=(),
)  # fmt: skip
scenario(
    "patch that the notebook put on a library module stays when another function changes",
    {"a.py": "def f(): return 1\ndef g(): return f()\n"}, "import lib.a\nlib.a.f = lambda: 'patched'\n",
    {"a.py": "def f(): return 1\ndef g(): return [f()]\n"}, "assert lib.a.g() == ['patched']", keeps=True, runs=(),
)  # fmt: skip
scenario(
    "module __getattr__",
    {"a.py": "def __getattr__(n):\n    if n == 'x': return 1\n    raise AttributeError(n)\n"}, "import lib.a\n",
    {"a.py": "def __getattr__(n):\n    if n == 'x': return 2\n    raise AttributeError(n)\n"}, "assert lib.a.x == 2",
)  # fmt: skip
scenario(
    "an object that the library computes and the notebook imported",
    {"a.py": "class App:\n    def __init__(self, n): self.n = n\napp = App('one'.upper())\n"}, "from lib.a import app\nheld = {'app': app}\n",
    {"a.py": "class App:\n    def __init__(self, n): self.n = n\napp = App('two'.upper())\n"}, "assert app.n == 'TWO' and held['app'] is app",
)  # fmt: skip
scenario(
    "standard library objects that a name pointed to are left alone",
    {"a.py": "import os, sys\nENV = os.environ\nP = sys.path\n"}, "import os, sys\nfrom lib.a import ENV, P\nwas_env, was_path = os.environ, sys.path\n",
    {"a.py": "import os, sys\nENV = dict(a=str(1))\nP = list('ab')\n"}, "assert os.environ is was_env and sys.path is was_path and ENV == {'a': '1'}",
)  # fmt: skip
scenario(
    "new submodule", {"a.py": "def f(): return 1\n"}, "from lib.a import f\n",
    {"a.py": "from .n import h\ndef f(): return h()\n", "n.py": "def h(): return 42\n"}, "assert f() == 42",
)  # fmt: skip
scenario(
    "new submodule imported by the next cell", {"a.py": ""}, "import lib.a\n", {"n.py": "def h(): return 42\n"}, "import lib.n\nassert lib.n.h() == 42",
)  # fmt: skip
scenario(
    "submodule removed", {"a.py": "def f(): return 1\n", "b.py": "def g(): return 1\n"}, "import lib.a, lib.b\nfrom lib.b import g\n", {"b.py": None},
    "import pytest, sys\nwith pytest.raises(NameError): g()\nassert 'lib.b' not in sys.modules and not hasattr(lib, 'b')\n",
    says=("lib.b is no longer on disk",),
)  # fmt: skip
scenario(
    "submodule renamed", {"a.py": "from .old import h\ndef f(): return h()\n", "old.py": "def h(): return 1\n"}, "from lib.a import f\n",
    {"a.py": "from .new import h\ndef f(): return h()\n", "old.py": None, "new.py": "def h(): return 2\n"}, "assert f() == 2",
    says=("lib.old is no longer on disk",),
)  # fmt: skip
scenario(
    "module turned package", {"m.py": "def f(): return 1\n"}, "from lib.m import f\n",
    {"m.py": None, "m/__init__.py": "from .x import f\n", "m/x.py": "def f(): return 2\n"}, "import lib.m\nassert f() == 2 and lib.m.__path__ and lib.m.f() == 2",
)  # fmt: skip
scenario(
    "package turned module", {"m/__init__.py": "from .x import f\n", "m/x.py": "def f(): return 2\n"}, "from lib.m import f\n",
    {"m/__init__.py": None, "m/x.py": None, "m.py": "def f(): return 1\n"}, "import lib.m\nassert f() == 1 and not hasattr(lib.m, '__path__')",
    says=("lib.m.x",),
)  # fmt: skip
scenario(
    "circular imports", {"a.py": "from . import b\ndef f(): return b.g()\ndef k(): return 1\n", "b.py": "from . import a\ndef g(): return a.k()\n"},
    "from lib.a import f\n", {"a.py": "from . import b\nimport os\nZ = os.sep * 2\ndef f(): return b.g() + 1\ndef k(): return 10\n"}, "assert f() == 11",
)  # fmt: skip
scenario(
    "relative import from a parent", {"sub/__init__.py": "", "sub/x.py": "from ..a import f\ndef g(): return f() + 1\n", "a.py": "def f(): return 1\n"},
    "from lib.sub.x import g\n", {"a.py": "f = [lambda: 5][0]\n"}, "assert g() == 6",
)  # fmt: skip
scenario(
    "conditional import that begins to succeed", {"a.py": "try:\n    from ._fast import f\nexcept ImportError:\n    def f(): return 'slow'\n"},
    "from lib.a import f\n", {"_fast.py": "def f(): return 'fast'\n"}, "assert f() == 'fast'",
)  # fmt: skip
scenario(
    "conditional import of a name that begins to exist", {"a.py": "try:\n    from .u import fast as f\nexcept ImportError:\n    def f(): return 'slow'\n", "u.py": "x = 1\n"},
    "from lib.a import f\n", {"u.py": "x = 1\ndef fast(): return 'fast'\n"}, "assert f() == 'fast'",
)  # fmt: skip
scenario(
    "conditional import of something that is not there yet is tried again, and refused by the module itself",
    {"a.py": "try:\n    from .u import fast as f\nexcept ImportError:\n    f = None\n", "u.py": "def other(): pass\n"},
    "import lib.a\n", {"u.py": "def other(): return 1\n"}, "assert lib.a.f is None", runs=(),
)  # fmt: skip
scenario(
    "lazy import inside a library function", {"a.py": "def f():\n    from .b import g\n    return g()\n", "b.py": "def g(): return 1\n"},
    "from lib.a import f\nf()\n", {"b.py": "import math\nK = math.floor(9.5)\ndef g(): return K\n"}, "assert f() == 9",
)  # fmt: skip
scenario(
    "import under TYPE_CHECKING", {"a.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .b import T\nS = []\ndef f(): return 1\n", "b.py": "class T: pass\n"},
    "import lib.a, lib.b\nlib.a.S.append(1)\n", {"b.py": "import math\nclass T:\n    z = math.pi\n"}, "assert lib.a.S == [1]", keeps=True, runs=("lib.b",),
)  # fmt: skip
scenario(
    "re-export through the package", {"__init__.py": "from .a import f\n", "a.py": "def f(): return 1\n"}, "from lib import f\n",
    {"a.py": "def f(): return 2\n"}, "import lib\nassert f() == 2 and lib.f() == 2", runs=(),
)  # fmt: skip
scenario(
    "star re-export with __all__", {"__init__.py": "from .a import *\n", "a.py": "__all__ = ['f']\ndef f(): return 1\n"}, "import lib\n",
    {"a.py": "__all__ = ['f', 'g']\ndef f(): return 1\ndef g(): return 2\n"}, "assert lib.g() == 2",
)  # fmt: skip
scenario(
    "star re-export of a constant", {"__init__.py": "from .a import *\n", "a.py": "X = 1\n"}, "import lib\n", {"a.py": "X = 2\n"}, "assert lib.X == 2",
)  # fmt: skip
scenario(
    "namespace package", {"/ns/one/a.py": "def f(): return 1\n"}, "from ns.one.a import f\n", {"/ns/one/a.py": "def f(): return 2\n"}, "assert f() == 2",
)  # fmt: skip
scenario(
    "data file read at import", {"a.py": "import pathlib\nT = (pathlib.Path(__file__).parent / 'words.txt').read_text()\n", "words.txt": "one"},
    "import lib.a\nfrom lib.a import T\n", {"words.txt": "two"}, "assert T == 'two' and lib.a.T == 'two'", runs=("lib.a",),
)  # fmt: skip
scenario(
    "data file through importlib.resources", {"a.py": "import importlib.resources as r\nT = (r.files('lib') / 'd.txt').read_text()\n", "d.txt": "one"},
    "import lib.a\n", {"d.txt": "two"}, "assert lib.a.T == 'two'",
)  # fmt: skip
scenario(
    "data file that another module's function reads at import", {"r.py": "import pathlib\ndef load(): return (pathlib.Path(__file__).parent / 'w.txt').read_text()\n", "a.py": "from .r import load\nT = load()\n", "w.txt": "one"},
    "import lib.a\n", {"w.txt": "two"}, "assert lib.a.T == 'two'", runs=("lib.a",),
)  # fmt: skip
scenario(
    "plugins discovered by pkgutil", {"plugins/__init__.py": "import importlib, pkgutil\nNAMES = []\nfor m in pkgutil.iter_modules(__path__):\n    importlib.import_module(__name__ + '.' + m.name)\n    NAMES.append(m.name)\n", "plugins/one.py": ""},
    "import lib.plugins\n", {"plugins/two.py": ""}, "assert lib.plugins.NAMES == ['one', 'two']",
)  # fmt: skip
scenario(
    "files discovered by glob", {"a.py": "import pathlib\nN = sorted(p.name for p in (pathlib.Path(__file__).parent / 'd').glob('*.txt'))\n", "d/x.txt": ""},
    "import lib.a\n", {"d/y.txt": ""}, "assert lib.a.N == ['x.txt', 'y.txt']",
)  # fmt: skip
scenario(
    "two libraries that import one another", {"a.py": "def f(): return 1\n", "/other/__init__.py": "", "/other/b.py": "from lib.a import f\nR = [f()]\n"},
    "import other.b\n", {"a.py": "def f(): return 2\n"}, "assert other.b.R == [2]", runs=("other.b",),
)  # fmt: skip
scenario(
    "single-file library", {"/helpers.py": "def f(): return 1\n"}, "from helpers import f\n", {"/helpers.py": "def f(): return 2\n"}, "assert f() == 2",
)  # fmt: skip
scenario(
    "comment only",
    {"a.py": "S = []\ndef f(): return 1\n"},
    "import lib.a\nlib.a.S.append(1)\n",
    {"a.py": "# new\nS = []\ndef f(): return 1\n"},
    "assert lib.a.S == [1]",
    keeps=True,
    runs=(),
)
scenario(
    "several files in one edit", {"a.py": "def f(): return 1\n", "b.py": "from .a import f\ndef g(): return f()\n", "c.py": "from .b import g\nK = 1\ndef h(): return g() + K\n"},
    "from lib.c import h\n", {"a.py": "def f(n): return n\n", "b.py": "from .a import f\ndef g(): return f(5)\n", "c.py": "from .b import g\nK = 2\ndef h(): return g() + K\n"},
    "assert h() == 7", runs=(),
)  # fmt: skip
scenario(
    "a name moves from one module to another, both edited", {"a.py": "def f(): return 1\ndef keep(): return 0\n", "b.py": "from .a import f\ndef g(): return f()\n", "c.py": ""},
    "from lib.b import g\nimport lib.c\n", {"a.py": "def keep(): return 0\n", "b.py": "from .c import f\ndef g(): return f() + 1\n", "c.py": "def f(): return 5\n"},
    "assert g() == 6",
)  # fmt: skip
scenario(
    "object built at import from another module's function", {"w.py": "class Udf:\n    def __init__(self, func): self.func = func\n", "a.py": "def clean(x): return x\n", "b.py": "from .w import Udf\nfrom .a import clean\nudf = Udf(clean)\n"},
    "from lib.b import udf\nimport lib.a\n", {"a.py": "import math\nK = math.floor(2.5)\ndef clean(x, y=1): return x + y + K\n"},
    "assert udf.func is lib.a.clean and udf.func(1) == 4",
)  # fmt: skip
scenario(
    "standard library object built at import from another module's function", {"a.py": "def clean(x): return x\n", "b.py": "import functools\nfrom .a import clean\np = functools.partial(clean, 1)\nq = (clean, [clean])\n"},
    "from lib.b import p, q\nimport lib.a\n", {"a.py": "import math\nK = math.floor(2.5)\ndef clean(x, y=1): return x + y + K\n"},
    "assert p.func is lib.a.clean and p() == 4 and q[0] is lib.a.clean and q[1][0] is lib.a.clean",
)  # fmt: skip
OUT_OF_TURN = {
    "main.py": "from .parts import one\nX = one()\n",
    "parts.py": "LIMIT = 1\ndef one(): return 1\n",
}
scenario(
    "a new module that imports a new name of one that had been imported later",
    OUT_OF_TURN,
    "import lib.main\n",
    {
        "main.py": "from .added import two\nfrom .parts import one\nX = one() + two()\n",
        "added.py": "from .parts import more\ndef two(): return more()\n",
        "parts.py": "LIMIT = 1\ndef one(): return 1\ndef more(): return 2\n",
    },
    "assert lib.main.X == 3",
)
scenario(
    "a new module that computes with what had been imported later",
    OUT_OF_TURN,
    "import lib.main\n",
    {
        "main.py": "from .added import TWICE\nfrom .parts import one\nX = one() + TWICE\n",
        "added.py": "from .parts import LIMIT\nTWICE = LIMIT * 2\n",
        "parts.py": "LIMIT = 5\ndef one(): return 1\n",
    },
    "assert lib.main.X == 11",
)
scenario(
    "two new modules, one of which imports the other",
    OUT_OF_TURN,
    "import lib.main\n",
    {
        "main.py": "from . import added\nfrom .parts import one\nX = one() + added.TWICE\n",
        "added.py": "from .inner import LIMIT\nTWICE = LIMIT * 2\n",
        "inner.py": "from . import parts\nLIMIT = parts.MORE + 1\n",
        "parts.py": "LIMIT = 5\nMORE = 6\ndef one(): return 1\n",
    },
    "assert lib.main.X == 15",
)
CALLABLE = "import sys\nclass Callable({}):\n    def __call__(self): return {}\nsys.modules[__name__].__class__ = Callable\n"
for words in ("sys.modules[__name__].__class__", "type(sys)", "type(sys.modules[__name__])"):
    scenario(
        f"a module that sets its own class, derived from {words}",
        {"a.py": CALLABLE.format(words, 1)},
        "import lib.a\n",
        {"a.py": CALLABLE.format(words, 2)},
        "import types\nassert lib.a() == 2 and type(lib.a).__bases__ == (types.ModuleType,)",
    )
scenario(
    "a module goes that had made other modules importable below its name",
    {
        "a.py": "import sys, json\nsys.modules[__name__ + '.moves'] = json\n",
        "b.py": "import lib.a.moves as json\n",
    },
    "import lib.b\n",
    {"a.py": None, "b.py": "import json\n"},
    "import sys\nassert 'lib.a.moves' not in sys.modules and lib.b.json.dumps(1) == '1'",
    says=("lib.a",),
)
scenario(
    "a module no longer sets its own class",
    {"a.py": CALLABLE.format("type(sys)", 1)},
    "import lib.a\n",
    {"a.py": "import sys\n"},
    "import types\nassert not callable(lib.a) and type(lib.a) is types.ModuleType",
    says=("lib.a.Callable",),
)
scenario(
    "a module that has set its own class goes on above and below",
    {"a.py": "A = 1\n" + CALLABLE.format("type(sys)", 1) + "B = abs(2)\n"},
    "import lib.a\n",
    {"a.py": "A = 2\n" + CALLABLE.format("type(sys)", 1) + "B = abs(3)\n"},
    "assert lib.a() == 1 and type(lib.a) is lib.a.Callable and (lib.a.A, lib.a.B) == (2, 3)",
)
scenario(
    "an edit that imports a package which is not installed, in modules that import each other",
    {
        "a.py": "from . import b\nclass A: pass\n",
        "b.py": "import lib.a\nclass B: pass\n",
        "c.py": "from .a import A\nfrom .b import B\nX = 1\n",
    },
    "import lib.a\nimport lib.c\n",
    {"c.py": "from .a import A\nfrom .b import B\nimport not_installed_anywhere\nX = 2\n"},
    "assert lib.c.X == 1",
    refused=("lib/c.py, line 3", "No module named 'not_installed_anywhere'"),
)
