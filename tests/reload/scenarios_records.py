"""Classes that libraries make: attrs, pydantic, msgspec, and dataclasses in their harder forms."""

from scenario import scenario

ATTRS = "import attrs\n@attrs.{}\nclass P:\n    x: int = {}\n{}"
DEFINE, LOOSE, FROZEN = "define", "define(slots=False)", "frozen"

for kind in (DEFINE, LOOSE, FROZEN):
    scenario(
        f"attrs.{kind}: method body", {"a.py": ATTRS.format(kind, "1", "    def m(self): return 1\n")},
        "from lib.a import P\np = P(5)\nwas = P\n",
        {"a.py": ATTRS.format(kind, "1", "    def m(self): return self.x + 1\n")},
        "assert p.m() == 6 and P is was and P(1).m() == 2 and isinstance(p, P) and isinstance(P(1), was)", runs=(),
    )  # fmt: skip
    scenario(
        f"attrs.{kind}: method added", {"a.py": ATTRS.format(kind, "1", "    def m(self): return 1\n")},
        "from lib.a import P\np = P(5)\nwas = P\n",
        {"a.py": ATTRS.format(kind, "1", "    def m(self): return 1\n    def n(self): return self.x + 2\n")},
        "assert p.n() == 7 and P(1).n() == 3 and isinstance(p, P) and p == P(5) and type(p) is P",
    )  # fmt: skip
    scenario(
        f"attrs.{kind}: converter", {"a.py": ATTRS.format(kind, "attrs.field(converter=int)", "")},
        "from lib.a import P\np = P('5')\n",
        {"a.py": ATTRS.format(kind, "attrs.field(converter=float)", "")},
        "assert P('2.5').x == 2.5 and p.x == 5 and p == P('5') and isinstance(p, P)",
    )  # fmt: skip
    scenario(
        f"attrs.{kind}: converter in another module",
        {"c.py": "def up(x): return x + 1\n", "a.py": "from .c import up\n" + ATTRS.format(kind, "attrs.field(converter=up)", "")},
        "from lib.a import P\np = P(5)\n",
        {"c.py": "import math\ndef up(x, y=2): return x + y + math.floor(.5)\n"}, "assert P(1).x == 3 and p.x == 6",
    )  # fmt: skip
    scenario(
        f"attrs.{kind}: default", {"a.py": ATTRS.format(kind, "1", "")}, "from lib.a import P\nd = {P: 1}\n",
        {"a.py": ATTRS.format(kind, "2", "")}, "assert P().x == 2 and d[P] == 1",
    )  # fmt: skip
scenario(
    "attrs: Factory field", {"a.py": ATTRS.format(LOOSE, "1", "")}, "from lib.a import P\np = P(5)\n",
    {"a.py": ATTRS.format(LOOSE, "1", "    y: list = attrs.Factory(list)\n")},
    "assert P(1).y == [] and P(1, [2]).y == [2] and isinstance(p, P) and p.x == 5", says=("1 instance of lib.a.P", "y"),
)  # fmt: skip
scenario(
    "attrs: field added to slots", {"a.py": ATTRS.format(DEFINE, "1", "")}, "from lib.a import P\np = P(5)\n",
    {"a.py": ATTRS.format(DEFINE, "1", "    y: int = 7\n")}, "assert P(1).y == 7 and p.x == 5", says=("1 instance of lib.a.P",),
)  # fmt: skip
scenario(
    "attrs: frozen keys", {"a.py": ATTRS.format(FROZEN, "1", "    def m(self): return 1\n")},
    "from lib.a import P\nd = {P(1): 'one'}\ns = {P(2)}\n",
    {"a.py": ATTRS.format(FROZEN, "1", "    def m(self): return 2\n    def n(self): return 3\n")},
    "assert d[P(1)] == 'one' and P(2) in s and next(iter(d)).m() == 2 and next(iter(s)).n() == 3",
)  # fmt: skip
scenario(
    "attrs: super() and a base in another module",
    {"b.py": "import attrs\n@attrs.define\nclass Base:\n    x: int\n    def m(self): return self.x\n",
     "a.py": "import attrs\nfrom .b import Base\n@attrs.define\nclass P(Base):\n    y: int = 2\n    def m(self): return super().m() + self.y\n"},
    "from lib.a import P\nfrom lib.b import Base\np = P(5)\n",
    {"b.py": "import attrs\n@attrs.define\nclass Base:\n    x: int\n    def m(self): return self.x * 10\n"},
    "assert p.m() == 52 and isinstance(p, Base)", runs=(),
)  # fmt: skip
scenario(
    "attrs: the base gains a method",
    {"b.py": "import attrs\n@attrs.define\nclass Base:\n    x: int\n",
     "a.py": "import attrs\nfrom .b import Base\n@attrs.define\nclass P(Base):\n    y: int = 2\n    def m(self): return super().__repr__()\n"},
    "from lib.a import P\nfrom lib.b import Base\np = P(5)\n",
    {"b.py": "import attrs\n@attrs.define\nclass Base:\n    x: int\n    def n(self): return self.x * 10\n"},
    "assert p.n() == 50 and isinstance(p, Base) and P(1).n() == 10 and p.m() == 'P(x=5)' and isinstance(P(1), Base)",
)  # fmt: skip
scenario(
    "attrs: validator", {"a.py": ATTRS.format(DEFINE, "attrs.field(validator=attrs.validators.lt(10))", "")},
    "from lib.a import P\np = P(5)\n", {"a.py": ATTRS.format(DEFINE, "attrs.field(validator=attrs.validators.lt(3))", "")},
    "import pytest\nwith pytest.raises(ValueError): P(5)\nassert P(2).x == 2",
)  # fmt: skip

PYDANTIC = "from pydantic import BaseModel, field_validator\nclass P(BaseModel):\n    x: int = 1\n{}"
scenario(
    "pydantic: method body", {"a.py": PYDANTIC.format("    def m(self): return 1\n")}, "from lib.a import P\np = P(x=5)\nwas = P\n",
    {"a.py": PYDANTIC.format("    def m(self): return self.x + 1\n")}, "assert p.m() == 6 and P is was", runs=(),
)  # fmt: skip
scenario(
    "pydantic: method added", {"a.py": PYDANTIC.format("")}, "from lib.a import P\np = P(x=5)\n",
    {"a.py": PYDANTIC.format("    def m(self): return self.x + 1\n")},
    "assert p.m() == 6 and isinstance(p, P) and P(x=5) == p and P.model_validate(p) is p",
)  # fmt: skip
scenario(
    "pydantic: field added", {"a.py": PYDANTIC.format("")}, "from lib.a import P\np = P(x=5)\n",
    {"a.py": PYDANTIC.format("    y: int = 7\n")},
    "assert P(x=1).y == 7 and isinstance(p, P) and P(x=1).model_dump() == {'x': 1, 'y': 7} and p.x == 5", says=("1 instance of lib.a.P", "y"),
)  # fmt: skip
scenario(
    "pydantic: validator body", {"a.py": PYDANTIC.format("    @field_validator('x')\n    @classmethod\n    def v(cls, x): return x + 1\n")},
    "from lib.a import P\np = P(x=5)\n", {"a.py": PYDANTIC.format("    @field_validator('x')\n    @classmethod\n    def v(cls, x): return x + 10\n")},
    "assert P(x=1).x == 11 and p.x == 6",
)  # fmt: skip
scenario(
    "pydantic: model in another model",
    {"a.py": PYDANTIC.format(""), "b.py": "from pydantic import BaseModel\nfrom .a import P\nclass Q(BaseModel):\n    p: P\n"},
    "from lib.a import P\nfrom lib.b import Q\nq = Q(p=P(x=1))\n",
    {"a.py": PYDANTIC.format("    z: str = 'z'\n")},
    "assert Q(p={'x': 2}).p.z == 'z' and Q(p=P(x=3)).p.x == 3 and isinstance(q, Q) and isinstance(q.p, P)", says=("1 instance of lib.a.P",),
)  # fmt: skip
scenario(
    "pydantic: frozen keys", {"a.py": "from pydantic import BaseModel, ConfigDict\nclass P(BaseModel):\n    model_config = ConfigDict(frozen=True)\n    x: int\n"},
    "from lib.a import P\nd = {P(x=1): 'one'}\n",
    {"a.py": "from pydantic import BaseModel, ConfigDict\nclass P(BaseModel):\n    model_config = ConfigDict(frozen=True)\n    x: int\n    def m(self): return 3\n"},
    "assert d[P(x=1)] == 'one' and next(iter(d)).m() == 3",
)  # fmt: skip
scenario(
    "pydantic: subclass in the notebook", {"a.py": PYDANTIC.format("    def m(self): return 1\n")},
    "from lib.a import P\nclass Mine(P):\n    k: int = 3\n    def m(self): return super().m() + self.k\nx = Mine()\n",
    {"a.py": PYDANTIC.format("    def m(self): return 2\n    def n(self): return 9\n")},
    "assert x.m() == 5 and x.n() == 9 and isinstance(x, P)",
)  # fmt: skip

MSGSPEC = "import msgspec\nclass P(msgspec.Struct{}):\n    x: int\n{}"
scenario(
    "msgspec: method body", {"a.py": MSGSPEC.format("", "    def m(self): return 1\n")}, "from lib.a import P\np = P(5)\nwas = P\n",
    {"a.py": MSGSPEC.format("", "    def m(self): return self.x + 1\n")}, "assert p.m() == 6 and P is was", runs=(),
)  # fmt: skip
# These two go one way only (``keeps``): where the whole module runs again its statement makes another class, with fields that
# only msgspec's metaclass can give it, and the garbage collector knows no instances of such classes. That is reported: "Recreated".
scenario(
    "msgspec: method added", {"a.py": MSGSPEC.format("", "")}, "from lib.a import P\np = P(5)\n",
    {"a.py": MSGSPEC.format("", "    def m(self): return self.x + 1\n")},
    "import msgspec\nassert P(5).m() == 6 and p.m() == 6 and isinstance(p, P) and msgspec.json.decode(b'{\"x\":2}', type=P).m() == 3 and p == P(5)", keeps=True,
)  # fmt: skip
scenario(
    "msgspec: field added", {"a.py": MSGSPEC.format("", "")}, "from lib.a import P\np = P(5)\n",
    {"a.py": MSGSPEC.format("", "    y: int = 7\n")},
    "import msgspec\nassert P(1).y == 7 and msgspec.to_builtins(P(1)) == {'x': 1, 'y': 7} and p.x == 5", says=("Recreated: lib.a.P",),
)  # fmt: skip
scenario(
    "msgspec: frozen keys", {"a.py": MSGSPEC.format(", frozen=True", "")}, "from lib.a import P\nd = {P(1): 'one'}\n",
    {"a.py": MSGSPEC.format(", frozen=True", "    def m(self): return 2\n")}, "assert d[P(1)] == 'one' and next(iter(d)).m() == 2", keeps=True,
)  # fmt: skip

DC = "from dataclasses import dataclass, field\n@dataclass{}\nclass P:\n    x: int = 1\n{}"
for kind in ("(slots=True)", "(frozen=True, slots=True)", "(order=True)", "(kw_only=True)"):
    scenario(
        f"dataclass{kind}: method added", {"a.py": DC.format(kind, "    def m(self): return 1\n")},
        "from lib.a import P\np = P(x=5)\nd = {P: p}\n",
        {"a.py": DC.format(kind, "    def m(self): return 1\n    def n(self): return self.x + 2\n")},
        "assert p.n() == 7 and P(x=1).n() == 3 and isinstance(p, P) and p == P(x=5) and d[P] is p",
    )  # fmt: skip
scenario(
    "dataclass: field with a default factory", {"a.py": DC.format("", "")}, "from lib.a import P\np = P(5)\n",
    {"a.py": DC.format("", "    y: list = field(default_factory=list)\n")}, "assert P(1).y == [] and p.x == 5 and isinstance(p, P)",
    says=("1 instance of lib.a.P", "y"),
)  # fmt: skip
scenario(
    "dataclass with slots gains a field", {"a.py": DC.format("(slots=True)", "")}, "from lib.a import P\np = P(5)\n",
    {"a.py": DC.format("(slots=True)", "    y: int = 2\n")}, "assert P(1).y == 2 and p.x == 5", says=("1 instance of lib.a.P",),
)  # fmt: skip
scenario(
    "dataclass becomes a plain class", {"a.py": DC.format("", "    def m(self): return 1\n")}, "from lib.a import P\np = P(5)\n",
    {"a.py": "class P:\n    def __init__(self, x): self.x = x\n    def m(self): return self.x * 2\n"}, "assert p.m() == 10 and P(2).m() == 4 and isinstance(p, P)",
)  # fmt: skip
DERIVED = "from dataclasses import dataclass\n{}@dataclass(slots=True)\nclass P:\n    x: int = 1\n    def m(self): return self.x\nclass Q(P):\n    def n(self): return [super().m(), {}]\nclass R(Q): pass\n"
scenario(
    "dataclass with slots and what derives from it in a module that runs again", {"a.py": DERIVED.format("", 1)}, "from lib.a import P, Q, R\nq, r = Q(3), R(4)\n",
    {"a.py": DERIVED.format("import math\nK = math.floor(2.5)\n", 2)}, "assert Q(5).n() == [5, 2] and R().x == 1 and q.n() == [3, 2] and r.n() == [4, 2] and Q.__base__ is P and issubclass(R, P) and isinstance(r, P)",
)  # fmt: skip
