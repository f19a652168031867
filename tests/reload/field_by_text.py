"""Names that are looked up by text, or reached without being named, while a library is imported."""

from scenario import field_case

field_case("import_module of plugins", {"plug/__init__.py": "", "plug/p1.py": "VALUE = 1\n",
            "reg.py": "import importlib\nmods = [importlib.import_module('lib.plug.' + n) for n in ('p1',)]\nVALUES = [getattr(m, 'VALUE') for m in mods]\n"},
           "import lib.reg\n", {"plug/p1.py": "VALUE = 10\n"}, "assert lib.reg.VALUES == [10]")  # fmt: skip
field_case("__import__", {"p.py": "VALUE = 1\n", "reg.py": "VALUE = __import__('lib.p', fromlist=['x']).VALUE\n"}, "import lib.reg\n", {"p.py": "VALUE = 10\n"}, "assert lib.reg.VALUE == 10")  # fmt: skip
field_case("sys.modules", {"p.py": "VALUE = 1\n", "reg.py": "import sys\nimport lib.p\nVALUE = sys.modules['lib.p'].VALUE\n"}, "import lib.reg\n", {"p.py": "VALUE = 10\n"},
           "assert lib.reg.VALUE == 10")  # fmt: skip
field_case("__all__ of globals()", {"__init__.py": "from .a import *\n__all__ = [n for n in globals() if not n.startswith('_')]\n", "a.py": "def f(): return 1\n"}, "import lib\n",
           {"a.py": "def f(): return 1\ndef g(): return 2\n"}, "assert sorted(lib.__all__) == ['a', 'f', 'g']")  # fmt: skip
field_case("settings put on a class by setattr", {"settings.py": "DEBUG = 1\n",
            "conf.py": "from . import settings\nclass Cfg: pass\nfor k, v in settings.__dict__.items():\n    if k.isupper(): setattr(Cfg, k, v)\n"},
           "import lib.conf\n", {"settings.py": "DEBUG = 2\n"}, "assert lib.conf.Cfg.DEBUG == 2")  # fmt: skip
field_case("settings collected by vars()", {"settings.py": "DEBUG = 1\nNAME = 'a'\n",
            "conf.py": "from . import settings\nCONFIG = {k: v for k, v in vars(settings).items() if k.isupper()}\n"},
           "import lib.conf\n", {"settings.py": "DEBUG = 2\nNAME = 'a'\nEXTRA = 3\n"}, "assert lib.conf.CONFIG == {'DEBUG': 2, 'NAME': 'a', 'EXTRA': 3}")  # fmt: skip
field_case("handlers collected by dir()", {"handlers.py": "def handle_a(): return 1\n",
            "reg.py": "from . import handlers\nHANDLERS = {n: getattr(handlers, n) for n in dir(handlers) if n.startswith('handle_')}\n"},
           "import lib.reg\n", {"handlers.py": "def handle_a(): return 2\ndef handle_b(): return 3\n"},
           "assert sorted((k, f()) for k, f in lib.reg.HANDLERS.items()) == [('handle_a', 2), ('handle_b', 3)]")  # fmt: skip
field_case("base by globals()", {"a.py": "class Base:\n    v = 1\n", "b.py": "from .a import Base\nclass C(globals()['Base']):\n    w = globals()['Base'].v\n"}, "import lib.b\n",
           {"a.py": "class Base:\n    v = 2\n"}, "assert (lib.b.C.v, lib.b.C.w) == (2, 2)")  # fmt: skip
field_case(
    "eval",
    {"a.py": "X = 1\n", "b.py": "from . import a\nY = eval('a.X + 1')\n"},
    "import lib.b\n",
    {"a.py": "X = 5\n"},
    "assert lib.b.Y == 6",
)
field_case(
    "exec",
    {"a.py": "X = 1\n", "b.py": "from . import a\nexec('Y = a.X + 1')\n"},
    "import lib.b\n",
    {"a.py": "X = 5\n"},
    "assert lib.b.Y == 6",
)
field_case("getattr of the module itself", {"a.py": "import sys\nthis = sys.modules[__name__]\nA = 1\nB = 2\nTOTAL = sum(getattr(this, n) for n in ('A', 'B'))\n"}, "import lib.a\n",
           {"a.py": "import sys\nthis = sys.modules[__name__]\nA = 10\nB = 2\nTOTAL = sum(getattr(this, n) for n in ('A', 'B'))\n"}, "assert lib.a.TOTAL == 12")  # fmt: skip
field_case("operator.attrgetter", {"a.py": "class X:\n    v = 1\n", "b.py": "import operator\nfrom . import a\nY = operator.attrgetter('X.v')(a)\n"}, "import lib.b\n",
           {"a.py": "class X:\n    v = 5\n"}, "assert lib.b.Y == 5")  # fmt: skip
field_case("__subclasses__()", {"base.py": "class Base: pass\n", "p.py": "from .base import Base\nclass A(Base): name = 'a'\n",
            "reg.py": "from .base import Base\nfrom . import p\nNAMES = [c.name for c in Base.__subclasses__()]\n"},
           "import lib.reg\n", {"p.py": "from .base import Base\nclass A(Base): name = 'a2'\nclass B(Base): name = 'b'\n"}, "assert lib.reg.NAMES == ['a2', 'b']")  # fmt: skip
field_case("monkeypatch of a function that goes", {"__init__.py": "from . import patch\n", "a.py": "def f(): return 2\n",
            "patch.py": "from . import a\n_o = a.f\ndef f(): return ('p', _o())\na.f = f\n"},
           "import lib.a\nassert lib.a.f() == ('p', 2)\n", {"patch.py": "from . import a\n"}, "assert lib.a.f() == 2", may_say=("lib.patch.",))  # fmt: skip
field_case("monkeypatch of a constant that goes", {"__init__.py": "from . import patch\n", "a.py": "LIMIT = 2\ndef f(): return LIMIT\n", "patch.py": "from . import a\na.LIMIT = 50\n"},
           "import lib.a\nassert lib.a.f() == 50\n", {"patch.py": "from . import a\n"}, "assert lib.a.f() == 2", may_say=("lib.patch.",))  # fmt: skip
field_case("monkeypatch of a method that goes", {"__init__.py": "from . import patch\n", "a.py": "class K:\n    def m(self): return 2\n", "patch.py": "from . import a\na.K.m = lambda self: 50\n"},
           "import lib.a\nk = lib.a.K()\nassert k.m() == 50\n", {"patch.py": "from . import a\n"}, "assert k.m() == 2")  # fmt: skip
field_case("registration that goes", {"a.py": "REG = {}\ndef reg(fn): REG[fn.__name__] = fn; return fn\n@reg\ndef one(): return 1\n@reg\ndef two(): return 2\n"},
           "from lib.a import REG, one; import lib.a\n", {"a.py": "REG = {}\ndef reg(fn): REG[fn.__name__] = fn; return fn\n@reg\ndef one(): return 11\n"},
           "assert (sorted(REG), REG['one'](), REG['one'] is one, lib.a.one is one) == (['one'], 11, True, True)", may_say=("two",))  # fmt: skip
field_case("module found by pkgutil", {"plug/__init__.py": "import pkgutil, importlib\nNAMES = [m.name for m in pkgutil.iter_modules(__path__)]\n", "plug/p1.py": ""},
           "import lib.plug\nassert lib.plug.NAMES == ['p1']\n", {"plug/p2.py": ""}, "assert lib.plug.NAMES == ['p1', 'p2']")  # fmt: skip
field_case("file read at import", {"rates.txt": "1", "a.py": "from pathlib import Path\nRATE = int((Path(__file__).parent / 'rates.txt').read_text())\n"}, "import lib.a\nassert lib.a.RATE == 1\n",
           {"rates.txt": "2"}, "assert lib.a.RATE == 2")  # fmt: skip
