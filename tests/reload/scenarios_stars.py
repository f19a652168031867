"""Star imports inside the library: what they hand on, and what they lose."""

from scenario import scenario

STAR = {"b.py": "from .a import *\ndef g(): return X\n"}
scenario(
    "star: a name that is gone is gone in who imported everything", {"a.py": "X = 1\nY = [1]\n", **STAR}, "import lib.b\n",
    {"a.py": "X = 2\n"}, "assert lib.b.g() == 2 and not hasattr(lib.b, 'Y')",
)  # fmt: skip
scenario(
    "star: __all__ shrinks", {"a.py": "__all__ = ['X', 'Y']\nX = 1\nY = [1]\n", **STAR}, "import lib.b\n",
    {"a.py": "__all__ = ['X']\nX = 1\nY = [1]\n"}, "assert lib.b.g() == 1 and not hasattr(lib.b, 'Y') and lib.a.Y == [1]",
)  # fmt: skip
scenario(
    "star: __all__ grows by an assignment of its own", {"a.py": "__all__ = ['X']\nX = 1\nY = [1]\n", **STAR}, "import lib.b\n",
    {"a.py": "__all__ = ['X']\n__all__ += ['Y']\nX = 1\nY = [1]\n"}, "assert lib.b.Y is lib.a.Y",
)  # fmt: skip
scenario(
    "star: what the importer defines itself further down stays its own", {"a.py": "X = 1\nDEBUG = False\ndef f(): return 'a'\n", "b.py": "from .a import *\nDEBUG = True\ndef f(): return 'b'\nSEEN = []\n"},
    "import lib.b\nlib.b.SEEN.append(1)\nf = lib.b.f\n", {"a.py": "X = 2\nDEBUG = None\nNEW = 3\ndef f(): return 'aa'\n"}, "assert (lib.b.X, lib.b.DEBUG, lib.b.NEW, lib.b.f()) == (2, True, 3, 'b') and lib.b.f is f and lib.b.SEEN == [1]",
    keeps=True,
)  # fmt: skip
scenario(
    "star: of two that have a name the later wins", {"a.py": "X = 'a'\n", "b.py": "X = 'b'\n", "c.py": "from .a import *\nfrom .b import *\n"}, "import lib.c\n",
    {"a.py": "X = 'aa'\nZ = 1\n"}, "assert lib.c.X == 'b' and lib.c.Z == 1",
)  # fmt: skip
scenario(
    "star: the later of two loses a name that the other has", {"a.py": "X = 'a'\n", "b.py": "X = 'b'\n", "c.py": "from .a import *\nfrom .b import *\ndef g(): return X\n"}, "from lib.c import X, g\n",
    {"b.py": ""}, "assert X == 'a' and g() == 'a'",
)  # fmt: skip
scenario(
    "star: a name comes through two modules", {"a.py": "X = 1\n", "b.py": "from .a import *\n", "c.py": "from .b import *\n"}, "import lib.c\n",
    {"a.py": "X = 1\nNEW = 2\n"}, "assert lib.c.NEW == 2",
)  # fmt: skip
scenario(
    "star: a name goes through two modules", {"a.py": "X = 1\nOLD = 2\n", "b.py": "from .a import *\n", "c.py": "from .b import *\n"}, "import lib.c\n",
    {"a.py": "X = 1\n"}, "assert lib.c.X == 1 and not hasattr(lib.c, 'OLD')",
)  # fmt: skip
scenario(
    "star: a re-export that changes hands", {"a.py": "def f(): return 1\n", "b.py": "def f(): return 2\n", "api.py": "from .a import *\n", "c.py": "from .api import f\ndef g(): return f()\n"}, "from lib.c import g\nfrom lib.api import f\nheld = [f]\n",
    {"api.py": "from .b import *\n"}, "import lib.b\nimport lib.a\nassert g() == 2 and f() == 2 and f is lib.b.f and lib.a.f() == 1 and held[0] is lib.a.f",
)  # fmt: skip
scenario(
    "star: a registering decorator that came by it", {"r.py": "ALL = []\ndef add(f):\n    ALL.append(f)\n    return f\n", "a.py": "from .r import *\n@add\ndef one(): return 1\n"}, "import lib.a, lib.r\n",
    {"a.py": "from .r import *\n@add\ndef one(x=2): return x\n@add\ndef two(): return 2\n"}, "assert [f() for f in lib.r.ALL] == [2, 2] and lib.a.ALL is lib.r.ALL",
)  # fmt: skip
scenario(
    "star: a value computed with what came by it", {"a.py": "def f(): return 1\n", "b.py": "from .a import *\n", "c.py": "from .b import *\nV = f() * 10\nOTHER = []\n"}, "import lib.c\nlib.c.OTHER.append(1)\n",
    {"a.py": "def f(): return 2\n"}, "assert lib.c.V == 20 and lib.c.OTHER == [1]", runs=("lib.c",), keeps=True,
)  # fmt: skip
scenario(
    "star: a base class that came by it changes its layout", {"a.py": "class A:\n    __slots__ = ('x',)\n", "b.py": "from .a import *\nclass B(A):\n    def m(self): return 1\n"}, "from lib.b import B\nfrom lib.a import A\n",
    {"a.py": "class A:\n    __slots__ = ('x', 'y')\n"}, "assert issubclass(B, A) and B.__mro__[1].__slots__ == ('x', 'y')",
)  # fmt: skip
scenario(
    "star: in a try", {"a.py": "X = 1\nDEBUG = 1\n", "b.py": "try:\n    from .a import *\nexcept ImportError: pass\nDEBUG = 2\n"}, "import lib.b\n", {"a.py": "X = 3\nY = 4\n"}, "assert (lib.b.X, lib.b.Y, lib.b.DEBUG) == (3, 4, 2)",
)  # fmt: skip
scenario(
    "star: taken out of the importer", {"a.py": "def f(): return 1\ndef g(): return 2\n", "b.py": "from .a import *\nSTATE = []\n"}, "import lib.b\n",
    {"b.py": "from .a import f\nSTATE = []\n"}, "assert lib.b.f() == 1 and not hasattr(lib.b, 'g') and lib.a.g() == 2",
)  # fmt: skip
scenario(
    "star: an explicit import goes, the star import has the name too", {"a.py": "def f(): return 1\n", "b.py": "from .a import f\nfrom .a import *\nSTATE = []\ndef g(): return f()\n"}, "from lib.b import f, g\nimport lib.b\nlib.b.STATE.append(1)\n",
    {"b.py": "from .a import *\nSTATE = []\ndef g(): return f() + 1\n"}, "assert g() == 2 and f() == 1 and lib.b.f is f and lib.b.STATE == [1]", keeps=True,
)  # fmt: skip
scenario(
    "star: a definition goes that had stood before what the star import brings", {"a.py": "def f(): return 'a'\n", "b.py": "from .a import *\ndef f(): return 'b'\n"}, "from lib.b import f\nheld = [f]\nimport lib.a\n",
    {"b.py": "from .a import *\n"}, "assert f() == 'a' and held[0]() == 'a' and f is lib.a.f",
)  # fmt: skip
scenario(
    "star: what it brings is seen until the module's own name is bound further down", {"a.py": "def f(): return 'a'\n", "b.py": "from .a import *\nV = [0]\ndef f(): return 'own'\n"}, "import lib.b\n",
    {"a.py": "def f(): return 'aa'\nX = 1\n", "b.py": "from .a import *\nV = [f()]\nfrom .a import f\n"}, "assert lib.b.V == ['aa'] and lib.b.f() == 'aa' and lib.b.X == 1",
)  # fmt: skip
scenario(
    "star: __all__ comes two modules away", {"a.py": "X = 1\nY = [1]\n", **STAR, "c.py": "from .b import *\n"}, "import lib.c\n",
    {"a.py": "__all__ = ['X']\nX = 1\nY = [1]\n"}, "assert lib.c.X == 1 and not hasattr(lib.c, 'Y')",
)  # fmt: skip
