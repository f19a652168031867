"""Names that nobody imports, and what the notebook registered with a library."""

from scenario import field_case

ALL = {"/pkg/__init__.py": "from .a import *\nfrom .b import *\n__all__ = a.__all__ + b.__all__\n", "/pkg/a.py": "__all__ = ['x']\ndef x(): return 1\n",
       "/pkg/b.py": "__all__ = ['y']\ndef y(): return 2\n"}  # fmt: skip
field_case("__all__ of a package from those of its modules", ALL, "import pkg\nassert pkg.__all__ == ['x', 'y']\n", {"/pkg/a.py": "__all__ = ['x', 'z']\ndef x(): return 1\ndef z(): return 3\n"},
           "assert pkg.z() == 3 and pkg.__all__ == ['x', 'z', 'y']")  # fmt: skip
field_case("submodule as an attribute of its package", {"__init__.py": "from .a import f\nNAMES = [a.__name__, f()]\n", "a.py": "def f(): return 1\n"}, "import lib\n",
           {"a.py": "def f(): return 2\n"}, "assert lib.NAMES == ['lib.a', 2]")  # fmt: skip
PLUGGY = {
    "h.py": "import pluggy\nimpl = pluggy.HookimplMarker('z'); spec = pluggy.HookspecMarker('z')\nclass Spec:\n    @spec\n    def step(self, x): ...\n",
    "pl.py": "from .h import impl\nclass Plug:\n    @impl\n    def step(self, x): return x + 1\n",
    "mgr.py": "import pluggy\nfrom .h import Spec\nfrom .pl import Plug\npm = pluggy.PluginManager('z')\npm.add_hookspecs(Spec)\npm.register(Plug())\ndef run(x): return pm.hook.step(x=x)\n",
}  # fmt: skip
MINE = "from lib.mgr import pm, run\nfrom lib.h import impl\nclass Mine:\n    @impl\n    def step(self, x): return 'mine'\npm.register(Mine())\nmanager = pm\nassert run(1) == ['mine', 2]\n"
field_case("pluggy: a plugin of the notebook's stays registered", PLUGGY, MINE, {"pl.py": PLUGGY["pl.py"].replace("x + 1", "x + 10")},
           "assert run(1) == ['mine', 11] and pm is manager")  # fmt: skip
HANDLERS = "HANDLERS = {{}}\ndef handler(name):\n    def add(f): HANDLERS[name] = f; return f\n    return add\n@handler('a')\ndef a(): return {}\ndef run(): return {{k: f() for k, f in HANDLERS.items()}}\n"
field_case("handler of the notebook's stays in a registry", {"r.py": HANDLERS.format(1)}, "from lib.r import handler, run\n@handler('mine')\ndef mine(): return 'mine'\n",
           {"r.py": HANDLERS.format(2)}, "assert run() == {'a': 2, 'mine': 'mine'}")  # fmt: skip
field_case("handler of the notebook's stays when one is added", {"r.py": HANDLERS.format(1)}, "from lib.r import handler, run\n@handler('mine')\ndef mine(): return 'mine'\n",
           {"r.py": HANDLERS.format(1) + "@handler('b')\ndef b(): return 3\n"}, "assert run() == {'a': 1, 'mine': 'mine', 'b': 3}", keeps=True)  # fmt: skip
CALLBACKS = "import atexit\nclass Bus:\n    def __init__(self): self.all = []\n    def on(self, f): self.all.append(f); return f\n    def emit(self): return [f() for f in self.all]\nbus = Bus()\n@bus.on\ndef first(): return {}\n"
field_case("callback of the notebook's stays on a bus", {"r.py": CALLBACKS.format(1)}, "from lib.r import bus\n@bus.on\ndef mine(): return 'mine'\n", {"r.py": CALLBACKS.format(2)},
           "assert bus.emit() == [2, 'mine']")  # fmt: skip
field_case("class of the notebook's stays among the subclasses", {"r.py": "class Base:\n    subs = []\n    def __init_subclass__(cls): Base.subs.append(cls.__name__)\nclass A(Base): v = 1\n"},
           "from lib.r import Base\nclass Mine(Base): pass\n", {"r.py": "class Base:\n    subs = []\n    def __init_subclass__(cls): Base.subs.append(cls.__name__)\nclass A(Base): v = 2\n"},
           "assert Base.subs == ['A', 'Mine'] and issubclass(Mine, Base)")  # fmt: skip
