"""Code that names a class or a function and does not use it: an edit of what that one does runs nothing again."""

from scenario import scenario

RAN = "import lib.log\nlib.log.RAN.append(__name__)\n"


def mentioned(title: str, a: str, b: str, check: str = "") -> None:
    """``lib.a`` defines ``help``, which is edited; ``lib.b`` must not run again for what it mentions."""
    files = {"log.py": "RAN = []\n", "a.py": a, "b.py": RAN + b}
    scenario(
        title, files, "import lib.log, lib.a, lib.b\nbefore = vars(lib.b).copy()\n", {"a.py": a.replace("return 1", "return 2")},
        f"assert lib.log.RAN == ['lib.b'] and all(vars(lib.b)[k] is v for k, v in before.items())\n{check}", runs=(), keeps=True,
    )  # fmt: skip


CONTEXT = "def help(): return 1\nclass Context:\n    def show(self): return help()\n"
mentioned("annotation of a function", CONTEXT, "from .a import Context\ndef f(x: Context, *y: list[Context], z: 'Context | None' = None) -> Context: return x.show()\n",
          "assert lib.b.f(lib.a.Context()) == 2")  # fmt: skip
mentioned("annotation under a property, an overload and a context manager", CONTEXT,
          "import contextlib, typing as t\nfrom .a import Context\nclass Holder:\n    @property\n    def x(self) -> Context: return Context()\n    @t.overload\n    def y(self, v: Context) -> int: ...\n"
          "    def y(self, v): return v.show()\n@contextlib.contextmanager\ndef opened() -> t.Iterator[Context]: yield Context()\n",
          "assert lib.b.Holder().x.show() == 2\nwith lib.b.opened() as c: assert c.show() == 2")  # fmt: skip
mentioned("annotation of a module's global and of an attribute", CONTEXT, "import typing as t\nfrom .a import Context\nMADE: t.Optional[Context] = None\nclass Holder:\n    kind: type[Context] = Context\n    now: Context\n",
          "assert lib.b.Holder.kind().show() == 2")  # fmt: skip
mentioned(
    "type variable and alias",
    CONTEXT,
    "import typing as t\nfrom .a import Context\nT = t.TypeVar('T', bound=Context)\nNew = t.NewType('New', Context)\nMaybe = t.Optional[Context]\nMaker = t.Callable[[Context], int]\n",
)
mentioned("attribute of a class that is called like something imported", "def help(): return 1\ndef prompt(): return help()\n", "from .a import prompt\nclass Option:\n    prompt: str = ''\n    help = None\n    def ask(self): return prompt()\n",
          "assert lib.b.Option().ask() == 2")  # fmt: skip
mentioned("hook that compares with its own class", "def help(): return 1\n",
          "from .a import help\nimport typing as t\nT = t.TypeVar('T')\nclass Type(t.Generic[T]):\n    if T:\n        def __class_getitem__(cls, item): return cls if cls is Type else super().__class_getitem__(item)\n"
          "    def __call__(self, x: T) -> T: return self.convert(x)\n    def convert(self, x): return help()\nclass Text(Type[int]): pass\nTEXT: Text = Text()\nMADE = Text()\n",
          "assert lib.b.TEXT(0) == 2 and lib.b.MADE.convert(0) == 2")  # fmt: skip
mentioned(
    "function that is another package's hook",
    "def help(): return 1\n",
    "import string\nfrom .a import help\ndef call(): return help()\nif True:\n    string.lib_hook = call\n",
    "import string\nassert string.lib_hook() == 2",
)
scenario(
    "class that makes something out of an annotation", {"a.py": "class Inner:\n    size = 1\n",
     "b.py": "from .a import Inner\nclass Base:\n    def __init_subclass__(cls): cls.sizes = [t.size for t in cls.__annotations__.values()]\nclass Outer(Base):\n    x: Inner\n"},
    "import lib.a, lib.b\n", {"a.py": "class Inner:\n    size = 2\n"}, "assert lib.b.Outer.sizes == [2]",
)  # fmt: skip
scenario(
    "decorator that makes something out of an annotation", {"a.py": "class Inner:\n    size = 1\n",
     "b.py": "from .a import Inner\ndef sized(f):\n    f.size = f.__annotations__['x'].size\n    return f\n@sized\ndef f(x: Inner): return x\n"},
    "import lib.a, lib.b\n", {"a.py": "class Inner:\n    size = 2\n"}, "assert lib.b.f.size == 2",
)  # fmt: skip
scenario(
    "classes that have one another, with something remembered", {"a.py": "import functools\nK = 1\nclass Environment:\n    @functools.lru_cache\n    def size(self): return K\nclass Template:\n    kind = Environment\nEnvironment.kind = Template\n"},
    "import lib.a\ne = lib.a.Environment()\nassert e.size() == 1\n", {"a.py": "import functools\nK = 2\nclass Environment:\n    @functools.lru_cache\n    def size(self): return K\nclass Template:\n    kind = Environment\nEnvironment.kind = Template\n"},
    "assert e.size() == 2 and lib.a.Environment.kind is lib.a.Template",
)  # fmt: skip
