"""A class body that binds a name twice, or looks at what it has bound."""

from scenario import field_case

CFG = "class Cfg:\n    BATCH = 100\n{}    RATE = 0.1\n    def f(self): return self.BATCH\n"
field_case("override line in a class added", {"s.py": CFG.format("")}, "from lib.s import Cfg\nc = Cfg()\n", {"s.py": CFG.format("    BATCH = 5  # try small\n")},
           "assert (c.f(), Cfg.BATCH) == (5, 5)")  # fmt: skip
field_case("override line in a class removed", {"s.py": CFG.format("    BATCH = 5\n")}, "from lib.s import Cfg\nc = Cfg()\n", {"s.py": CFG.format("")},
           "assert (c.f(), Cfg.BATCH) == (100, 100)")  # fmt: skip
PROPERTY = "class K:\n    @property\n    def v(self): return self._v\n    @v.setter\n    def v(self, x): self._v = x{}\n"
field_case("setter changed and deleter added", {"s.py": PROPERTY.format("")}, "from lib.s import K\nk = K()\nk.v = 1\n",
           {"s.py": PROPERTY.format(" * 10\n    @v.deleter\n    def v(self): self._v = -1")}, "k.v = 2\nassert k.v == 20\ndel k.v\nassert k.v == -1")  # fmt: skip
field_case("setter removed", {"s.py": PROPERTY.format("")}, "from lib.s import K\nk = K()\nk.v = 1\n", {"s.py": "class K:\n    @property\n    def v(self): return self._v\n"},
           "assert K.v.fset is None and k.v == 1", keeps=True)  # fmt: skip
DISPATCH = "from functools import singledispatchmethod\nclass F:\n    @singledispatchmethod\n    def fmt(self, x): return 'obj'\n    @fmt.register\n    def _(self, x: int): return {}\n{}"
field_case("registered method changed, and one added", {"s.py": DISPATCH.format("'i1'", "")}, "from lib.s import F\nf = F()\nassert f.fmt(1)\n",
           {"s.py": DISPATCH.format("'i2'", "    @fmt.register\n    def _(self, x: str): return 's2'\n")}, "assert (f.fmt(1), f.fmt('a')) == ('i2', 's2')")  # fmt: skip
SET_NAME = "class Field:\n    def __set_name__(self, owner, n): owner.fields.append(n); self.n = n\nclass M:\n    fields = []\n    a = Field()\n{}"
field_case("__set_name__ fills a list of the class", {"f.py": SET_NAME.format("")}, "from lib.f import M\n", {"f.py": SET_NAME.format("    b = Field()\n")},
           "assert M.fields == ['a', 'b']")  # fmt: skip
COLLECTED = "class M:\n    steps = []\n    def add(f, steps=steps): steps.append(f.__name__); return f\n    @add\n    def one(self): return 1\n{}    del add\n"
field_case("methods collected by a decorator of the body", {"s.py": COLLECTED.format("")}, "from lib.s import M\n", {"s.py": COLLECTED.format("    @add\n    def two(self): return 2\n")},
           "assert M.steps == ['one', 'two'] and M().two() == 2")  # fmt: skip
field_case("list of a body extended", {"s.py": "class M:\n    xs = [1]\n    xs = xs + [2]\n"}, "from lib.s import M\n", {"s.py": "class M:\n    xs = [1]\n    xs = xs + [2]\n    xs.append(3)\n"},
           "assert M.xs == [1, 2, 3]")  # fmt: skip
field_case("loop in a body", {"s.py": "class M:\n    for n in 'ab':\n        locals()[n] = n * 2\n    del n\n"}, "from lib.s import M\n",
           {"s.py": "class M:\n    for n in 'ac':\n        locals()[n] = n * 3\n    del n\n"}, "assert M.a == 'aaa' and M.c == 'ccc' and not hasattr(M, 'b')")  # fmt: skip
field_case("method defined twice, the second removed", {"s.py": "class M:\n    def m(self): return 1\n    def m(self): return 2\n"}, "from lib.s import M\nm = M()\n",
           {"s.py": "class M:\n    def m(self): return 1\n"}, "assert m.m() == 1")  # fmt: skip
field_case("attribute of a base uncovered", {"s.py": "class B:\n    x = 1\nclass M(B):\n    x = 2\n"}, "from lib.s import M\nm = M()\n", {"s.py": "class B:\n    x = 1\nclass M(B): pass\n"},
           "assert m.x == M.x == 1")  # fmt: skip
