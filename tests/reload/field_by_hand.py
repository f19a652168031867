"""A decorator that is applied by hand, below what it decorates."""

from scenario import field_case

DECORATORS = (
    "import functools\ndef timed(f):\n    @functools.wraps(f)\n    def w(*a): return ('t', f(*a))\n    return w\n"
    "def plain(f):\n    def w(*a): return ('p', f(*a))\n    return w\ndef load(x): return x\n{}def use(): return load(1)\n"
)
BARE = {"s.py": DECORATORS.format("")}
CELLS = "from lib.s import load, use\ng = load\n"

field_case("wraps, by hand, added", BARE, CELLS, {"s.py": DECORATORS.format("load = timed(load)\n")},
           "assert (use(), load(2), g(3)) == (('t', 1), ('t', 2), ('t', 3))")  # fmt: skip
field_case("decorator without wraps, by hand, added", BARE, CELLS, {"s.py": DECORATORS.format("load = plain(load)\n")},
           "assert (use(), load(2)) == (('p', 1), ('p', 2))")  # fmt: skip
field_case("partial, by hand, added", BARE, CELLS, {"s.py": DECORATORS.format("load = functools.partial(load, 7)\n").replace("load(1)", "load()")}, "assert use() == 7")  # fmt: skip
field_case("wrapper of the same name that keeps the old one", BARE, CELLS, {"s.py": DECORATORS.format("_orig = load\ndef load(x): return ('n', _orig(x))\n")},
           "assert (use(), load(5)) == (('n', 1), ('n', 5))")  # fmt: skip
field_case("decoration by hand doubled", {"s.py": DECORATORS.format("load = timed(load)\n")}, CELLS, {"s.py": DECORATORS.format("load = timed(load)\nload = plain(load)\n")},
           "assert use() == ('p', ('t', 1))")  # fmt: skip
field_case("decoration by hand becomes one with @", {"s.py": DECORATORS.format("load = timed(load)\n")}, CELLS,
           {"s.py": DECORATORS.format("").replace("def load", "@timed\ndef load")}, "assert use() == ('t', 1) and g(2) == ('t', 2)")  # fmt: skip
CLASS = "def seal(cls):\n    class Sealed(cls):\n        sealed = True\n    return Sealed\nclass K:\n    def m(self): return 1\n{}def make(): return K()\n"
field_case("class replaced by hand, added", {"s.py": CLASS.format("")}, "from lib.s import K, make\n", {"s.py": CLASS.format("K = seal(K)\n")},
           "assert make().sealed and make().m() == 1 and type(make()) is K")  # fmt: skip
BODY = "def up(f):\n    def w(self): return ('up', f(self))\n    return w\nclass K:\n    def m(self): return 1\n{}"
field_case("method decorated by hand in the class body, added", {"s.py": BODY.format("")}, "from lib.s import K\nk = K()\n", {"s.py": BODY.format("    m = up(m)\n")},
           "assert k.m() == ('up', 1)")  # fmt: skip
field_case("method decorated by hand in the class body, removed", {"s.py": BODY.format("    m = up(m)\n")}, "from lib.s import K\nk = K()\n", {"s.py": BODY.format("")},
           "assert k.m() == 1")  # fmt: skip
