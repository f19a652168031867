"""A name that is bound twice, and then once; and the other way round."""

from scenario import field_case


def twice(name: str, before: str, after: str, cells: str, check: str, **others: str) -> None:
    files = {f"{module}.py": text for module, text in others.items()}
    field_case(f"{name} removed", {"s.py": before, **files}, cells, {"s.py": after}, check)


twice("override line", "BATCH = 100\nBATCH = 5\ndef f(): return BATCH\n", "BATCH = 100\ndef f(): return BATCH\n", "from lib.s import f\n", "assert f() == 100")  # fmt: skip
twice("commented override", "BATCH = 100\nBATCH = 5\ndef f(): return BATCH\n", "BATCH = 100\n# BATCH = 5\ndef f(): return BATCH\n", "from lib.s import f, BATCH\n",
      "assert f() == BATCH == 100")  # fmt: skip
twice("conditional override", "MODE = 'a'\nif True:\n    MODE = 'b'\ndef f(): return MODE\n", "MODE = 'a'\ndef f(): return MODE\n", "from lib.s import f\n",
      "assert f() == 'a'")  # fmt: skip
DECO = "def deco(f):\n    def w(*a): return ('w', f(*a))\n    return w\ndef g(x): return x\n{}def h(x): return g(x)\n"
twice("decoration by hand", DECO.format("g = deco(g)\n"), DECO.format(""), "from lib.s import g, h\n", "assert (g(1), h(1)) == (1, 1)")  # fmt: skip
twice("step of a list", "xs = [1, 2, 3]\nxs = [x * 2 for x in xs]\ndef f(): return xs\n", "xs = [1, 2, 3]\ndef f(): return xs\n", "from lib.s import f\n",
      "assert f() == [1, 2, 3]")  # fmt: skip
twice("own function over an import", "from .u import norm\ndef norm(x): return ('own', x)\ndef f(): return norm(1)\n", "from .u import norm\ndef f(): return norm(1)\n",
      "from lib.s import f, norm\n", "assert (f(), norm(2)) == (('u', 1), ('u', 2))", u="def norm(x): return ('u', x)\n")  # fmt: skip
twice("class defined over itself", "class K:\n    v = 1\nclass K(K):\n    v = 2\ndef f(): return K.v, K.__mro__[1].__name__\n",
      "class K:\n    v = 1\ndef f(): return K.v, K.__mro__[1].__name__\n", "from lib.s import f, K\nk = K()\n", "assert f() == (1, 'object') and isinstance(k, K) and k.v == 1")  # fmt: skip
twice("augmented assignment", "N = 1\nN += 10\nD = {'a': N}\n", "N = 1\nD = {'a': N}\n", "from lib.s import N, D\n", "assert N == 1 and D == {'a': 1}")  # fmt: skip
twice("loop that binds", "N = 1\nfor N in range(5): pass\ndef f(): return N\n", "N = 1\ndef f(): return N\n", "from lib.s import f\n", "assert f() == 1")  # fmt: skip
twice("deletion", "N = 1\nM = N\ndel N\n", "N = 1\nM = N\n", "import lib.s\n", "assert lib.s.N == 1")
twice("binding in try", "N = 1\ntry:\n    N = 2\nfinally:\n    pass\ndef f(): return N\n", "N = 1\ntry:\n    pass\nfinally:\n    pass\ndef f(): return N\n", "from lib.s import f\n",
      "assert f() == 1")  # fmt: skip
twice("binding by globals()", "N = 1\nglobals()['N'] = 2\ndef f(): return N\n", "N = 1\ndef f(): return N\n", "from lib.s import f\n", "assert f() == 1")  # fmt: skip
field_case(
    "override of a constant that others used at import removed",
    {"c.py": "RATE = 1\nRATE = 7\n", "u.py": "from .c import RATE\nD = RATE * 2\ndef f(): return D, RATE\n"},
    "from lib.u import f\n", {"c.py": "RATE = 1\n"}, "assert f() == (2, 1)",
)  # fmt: skip
field_case(
    "override line added and a function between",
    {"s.py": "N = 1\ndef f(x=N): return x, N\n"}, "from lib.s import f\n", {"s.py": "N = 1\ndef f(x=N): return x, N\nN = 2\n"}, "assert f() == (1, 2)",
)  # fmt: skip
