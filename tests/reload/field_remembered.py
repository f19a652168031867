"""What others remember of a class: forward references, generic models, converters, schemas kept by class."""

from scenario import field_case

ORDER = "from pydantic import BaseModel\nclass Order(BaseModel):\n    lines: list['Line'] = []\nclass Line(BaseModel):\n    sku: str\n{}"
field_case("pydantic: quoted class below, a field more", {"m.py": ORDER.format("")}, "from lib.m import Order, Line\nOrder()\n", {"m.py": ORDER.format("    qty: int = 1\n")},
           "assert Order(lines=[{'sku': 'a', 'qty': 3}]).lines[0].qty == 3 and type(Order(lines=[{'sku': 'a'}]).lines[0]) is Line")  # fmt: skip
NODE = "from __future__ import annotations\nfrom pydantic import BaseModel\nclass Node(BaseModel):\n    name: str\n{}    kids: list[Node] = []\n"
field_case("pydantic: reference to itself, a field more", {"m.py": NODE.format("")}, "from lib.m import Node\nNode(name='a', kids=[{'name': 'b'}])\n",
           {"m.py": NODE.format("    w: int = 1\n")},
           "x = Node(name='x', kids=[{'name': 'y', 'w': 5}])\nassert x.kids[0].w == 5 and type(x.kids[0]) is Node")  # fmt: skip
PAGE = (
    "from typing import Generic, TypeVar\nfrom pydantic import BaseModel\nT = TypeVar('T')\nclass Page(BaseModel, Generic[T]):\n    items: list[T]\n"
    "class User(BaseModel):\n    name: str\n{}def load(d): return Page[User].model_validate(d)\n"
)
field_case("pydantic: generic of a class, a field more", {"m.py": PAGE.format("")}, "from lib.m import load, User\nload({'items': []})\n", {"m.py": PAGE.format("    age: int = 3\n")},
           "u = load({'items': [{'name': 'a', 'age': 5}]}).items[0]\nassert u.age == 5 and type(u) is User")  # fmt: skip
ADAPTER = "from pydantic import BaseModel, TypeAdapter\nclass User(BaseModel):\n    name: str\n{}USERS = TypeAdapter(list[User])\ndef load(d): return USERS.validate_python(d)\n"
field_case("pydantic: adapter of a class, a field more", {"m.py": ADAPTER.format("")}, "from lib.m import load, User\nload([])\n", {"m.py": ADAPTER.format("    age: int = 3\n")},
           "u = load([{'name': 'a', 'age': 5}])[0]\nassert u.age == 5 and type(u) is User")  # fmt: skip
field_case("pydantic: adapter in another module, a field more",
           {"m.py": "from pydantic import BaseModel\nclass User(BaseModel):\n    name: str\n",
            "n.py": "from pydantic import TypeAdapter\nfrom .m import User\nUSERS = TypeAdapter(list[User])\ndef load(d): return USERS.validate_python(d)\n"},
           "from lib.n import load\nfrom lib.m import User\nload([])\n", {"m.py": "from pydantic import BaseModel\nclass User(BaseModel):\n    name: str\n    age: int = 3\n"},
           "u = load([{'name': 'a', 'age': 5}])[0]\nassert u.age == 5 and type(u) is User")  # fmt: skip
field_case("pydantic: model in a field of another module's model",
           {"m.py": "from pydantic import BaseModel\nclass Line(BaseModel):\n    sku: str\n", "n.py": "from pydantic import BaseModel\nfrom .m import Line\nclass Order(BaseModel):\n    line: Line\n"},
           "from lib.n import Order\nOrder(line={'sku': '5'})\n", {"m.py": "from pydantic import BaseModel\nclass Line(BaseModel):\n    sku: int\n"},
           "assert Order(line={'sku': '7'}).line.sku == 7")  # fmt: skip
CATTRS = (
    "import cattrs\nfrom dataclasses import dataclass\nconv = cattrs.Converter()\n@dataclass\nclass L:\n    a: int\n{}"
    "def load(d): return conv.structure(d, L)\ndef dump(o): return conv.unstructure(o)\n"
)
field_case("cattrs: converter that has seen a class, a field more", {"m.py": CATTRS.format("")}, "from lib.m import load, dump, L\ndump(load({'a': 1}))\n",
           {"m.py": CATTRS.format("    b: int = 2\n")}, "assert 'conv' in said or load({'a': 1, 'b': 9}).b == 9 and dump(L(1)) == {'a': 1, 'b': 2}",
           may_say=("conv",))  # fmt: skip
SCHEMAS = """
CACHE = {}
class Model:
    @classmethod
    def schema(cls):
        if cls not in CACHE:
            CACHE[cls] = sorted(cls.__annotations__)
        return CACHE[cls]
"""
"""As pandera's: what is made of a class is kept by the class."""
SCHEMA = "from schemas import Model\nclass S(Model):\n    x: int\n{}def columns(): return S.schema()\n"
field_case("schema that another package keeps by class, a field more", {"/site-packages/schemas.py": SCHEMAS, "s.py": SCHEMA.format("")},
           "from lib.s import S, columns\nassert columns() == ['x']\n", {"s.py": SCHEMA.format("    y: float\n")},
           "assert columns() == ['x', 'y'] or 'lib.s.S' in said", may_say=("lib.s.S",))  # fmt: skip
CACHED = "import functools\nclass K:\n    size = {}\n@functools.cache\ndef size_of(cls): return cls.size\n"
field_case("functools.cache keyed by class", {"s.py": CACHED.format(1)}, "from lib.s import K, size_of\nassert size_of(K) == 1\n", {"s.py": CACHED.format(2)}, "assert size_of(K) == 2 or 'size_of' in said",
           may_say=("size_of",))  # fmt: skip
field_case("functools.cache keyed by a class of another module", {"k.py": "class K:\n    size = 1\n", "s.py": "import functools\n@functools.cache\ndef size_of(cls): return cls.size\n"},
           "from lib.s import size_of\nfrom lib.k import K\nassert size_of(K) == 1\n", {"k.py": "class K:\n    size = 2\n"}, "assert size_of(K) == 2 or 'size_of' in said",
           may_say=("size_of",))  # fmt: skip
DISPATCHED = "import functools\nclass K: pass\n@functools.singledispatch\ndef show(x): return 'any'\n@show.register\ndef _(x: K): return '{}'\n"
field_case("singledispatch that has seen a class", {"s.py": DISPATCHED.format("K1")}, "from lib.s import K, show\nk = K()\nassert show(k) == 'K1'\n", {"s.py": DISPATCHED.format("K2")},
           "assert show(k) == 'K2' == show(K())")  # fmt: skip
ABSTRACT = "import abc\nclass Sized(abc.ABC): pass\nclass K: pass\n{}"
field_case("virtual subclass registered later", {"s.py": ABSTRACT.format("")}, "from lib.s import K, Sized\nk = K()\nassert not isinstance(k, Sized)\n",
           {"s.py": ABSTRACT.format("Sized.register(K)\n")}, "assert isinstance(k, Sized) and issubclass(K, Sized)")  # fmt: skip
field_case("virtual subclass no longer registered", {"s.py": ABSTRACT.format("Sized.register(K)\n")}, "from lib.s import K, Sized\nk = K()\nassert isinstance(k, Sized)\n",
           {"s.py": ABSTRACT.format("")}, "assert not isinstance(k, Sized)")  # fmt: skip
