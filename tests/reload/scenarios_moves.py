"""Names that come, go and change hands: aliases, renamed definitions and files, definitions that move and come back."""

from scenario import scenario

scenario(
    "an alias goes, the function stays", {"a.py": "g = None\ndef f(): return 1\ng = f\n"}, "from lib.a import f, g\nheld = [f, g]\n",
    {"a.py": "def f(): return 1\n"}, "import lib.a\nassert f() == 1 and held[0]() == 1 and f is lib.a.f and held[1] is f",
    says=("Removed from the notebook, because the import would now fail: g",),
)  # fmt: skip
scenario(
    "an alias goes, the function moves down", {"r.py": "def add(f): return f\n", "a.py": "from .r import add\n@add\ndef f(): return 1\ng = f\n"}, "from lib.a import f\nheld = [f]\n",
    {"a.py": "from .r import add\nX = 1\n@add\ndef f(): return 1\n"}, "assert f() == 1 and held[0] is f",
)  # fmt: skip
scenario(
    "a function is renamed, its alias stays", {"a.py": "def f(): return 1\ng = f\n"}, "from lib.a import g\nheld = [g]\n",
    {"a.py": "def new(): return 2\ng = new\n"}, "assert g() == 2 and held[0]() == 2 and held[0] is g",
)  # fmt: skip
scenario(
    "a class is renamed, its alias stays", {"a.py": "class A:\n    def m(self): return 1\nB = A\n"}, "from lib.a import B\nx = B()\nheld = [B]\n",
    {"a.py": "class New:\n    def m(self): return 2\nB = New\n"}, "assert x.m() == 2 and isinstance(x, B) and held[0] is B and B.__name__ == 'New'", says=("lib.a.A",),
)  # fmt: skip
scenario(
    "a definition is renamed, its users in other modules follow", {"a.py": "def f(): return 1\nclass A:\n    def m(self): return 1\n", "b.py": "from .a import A, f\nclass B(A): pass\ndef g(): return f()\n"}, "from lib.b import B, g\nx = B()\nheld = [g]\n",
    {"a.py": "def f2(): return 2\nclass A2:\n    def m(self): return 2\n", "b.py": "from .a import A2, f2\nclass B(A2): pass\ndef g(): return f2()\n"}, "assert g() == 2 and held[0] is g and x.m() == 2 and isinstance(x, B)",
    says=("lib.a.A", "lib.a.f"),
)  # fmt: skip
scenario(
    "a module is renamed, its users follow", {"old.py": "class A:\n    def m(self): return 1\ndef f(): return 1\nSTATE = []\n", "a.py": "from .old import A, f\nfrom . import old as o\ndef g(): return o.f()\n"}, "from lib.a import A, f, g\nx = A()\nheld = [f, x.m]\n",
    {"old.py": None, "new.py": "class A:\n    def m(self): return 2\ndef f(): return 2\nSTATE = []\n", "a.py": "from .new import A, f\nfrom . import new as o\ndef g(): return o.f()\n"},
    "import lib.new\nassert g() == f() == held[0]() == held[1]() == 2 and isinstance(x, A) and A is lib.new.A and f is lib.new.f", says=("lib.old is no longer on disk",),
)  # fmt: skip
scenario(
    "a module is renamed and has its old name again", {"one.py": "def f(): return 1\nclass A: v = 1\n", "a.py": "from .one import A, f\n"}, "from lib.a import A, f\nimport lib.a\nx = A()\nheld = [f]\n",
    {"one.py": None, "two.py": "def f(): return 2\nclass A: v = 2\n", "a.py": "from .two import A, f\n"}, "assert f() == held[0]() == 2 and x.v == 2 and isinstance(x, lib.a.A)", says=("lib.one is no longer on disk",),
)  # fmt: skip
for kind in ("(slots=True)", ""):
    scenario(
        f"another name of a dataclass{kind} in a module that runs again", {"a.py": f"import dataclasses\n@dataclasses.dataclass{kind}\nclass A:\n    x: int = 1\n    def m(self): return self.x\nB = A\nALL = [B]\n"}, "import lib.a\nfrom lib.a import A, B\nx = A()\n",
        {"a.py": f"import dataclasses\n@dataclasses.dataclass{kind}\nclass A:\n    x: int = 1\n    def m(self): return self.x + 1\nB = A\nALL = [B]\nimport math\nK = math.pi * 2\n"}, "assert B().m() == 2 and B is A and lib.a.B is A and lib.a.ALL == [A] and isinstance(x, B) and x.m() == 2",
    )  # fmt: skip
scenario(
    "a class moves with a class in it", {"a.py": "class A:\n    class In:\n        def m(self): return 1\n        class Deep: v = 1\n", "b.py": ""}, "from lib.a import A\nx, y = A.In(), A.In.Deep()\nheld = [A.In, x.m]\n",
    {"a.py": "from .b import A\n", "b.py": "class A:\n    class In:\n        def m(self): return 2\n        class Deep: v = 2\n"}, "assert x.m() == 2 and y.v == 2 and isinstance(x, A.In) and isinstance(y, A.In.Deep) and held[0] is A.In and held[1]() == 2",
)  # fmt: skip
OWN = "def f(): return {0}\nclass A:\n    def m(self): return {0}\nTABLE = [{0}]\n"
for title, edited in (("", {}), (", which is edited too", {"a.py": OWN.format("'aa'") + "X = 1\n"})):
    scenario(
        f"what a module handed on is replaced by its own: who had it first keeps it{title}", {"a.py": OWN.format("'a'"), "b.py": "from .a import A, TABLE, f\n"}, "import lib.a, lib.b\nx = lib.a.A()\nheld = [lib.a.f, lib.a.A]\n",
        {"b.py": OWN.format("'b'"), **edited},
        "assert lib.b.f() == lib.b.A().m() == lib.b.TABLE[0] == 'b'\nassert lib.a.f() == lib.a.A().m() == lib.a.TABLE[0] == x.m() and lib.a.f() in ('a', 'aa')\nassert held == [lib.a.f, lib.a.A] and isinstance(x, lib.a.A) and not isinstance(x, lib.b.A)",
    )  # fmt: skip
DECO = "def deco(f):\n    def w(): return ['d', f()]\n    return w\n"
scenario(
    "decorated function renamed, its old name an alias: one object, that follows later edits", {"a.py": DECO + "@deco\ndef g(x=1): return [x, 1]\n"}, "import lib.a\nheld = lib.a.g\n",
    {"a.py": DECO + "@deco\ndef f(x=2): return [x, 2]\ng = f\n"}, "assert lib.a.f is lib.a.g is held and held() == ['d', [2, 2]]",
)  # fmt: skip
