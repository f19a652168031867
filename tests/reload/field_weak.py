"""Registries that hold functions weakly: what a library registers must stay alive, and once."""

from scenario import field_case

SIGNALS = """
import weakref
class Signal:
    def __init__(self): self.receivers = []
    def connect(self, receiver):
        reference = weakref.WeakMethod if hasattr(receiver, '__self__') else weakref.ref
        if not any(key == id(receiver) for key, _ in self.receivers):
            self.receivers.append((id(receiver), reference(receiver)))
        return receiver
    def send(self): return [r()() for _, r in self.receivers if r() is not None]
"""
"""As Django's: a receiver is known by its address, and held weakly."""

USE = "from signals import Signal\ndone = Signal()\n@done.connect\ndef on(): return 1\n{}def fire(): return done.send()\n"
field_case("receiver of a weak signal added", {"/site-packages/signals.py": SIGNALS, "w.py": USE.format("")}, "from lib.w import fire\nassert fire() == [1]\n",
           {"w.py": USE.format("@done.connect\ndef on3(): return 3\n")}, "assert fire() == [1, 3]")  # fmt: skip
field_case("receiver of a weak signal changed", {"/site-packages/signals.py": SIGNALS, "w.py": USE.format("")}, "from lib.w import fire\nassert fire() == [1]\n",
           {"w.py": USE.format("").replace("return 1", "return 2")}, "assert fire() == [2]")  # fmt: skip
field_case("receiver of a weak signal removed", {"/site-packages/signals.py": SIGNALS, "w.py": USE.format("@done.connect\ndef on3(): return 3\n")},
           "from lib.w import fire\nassert fire() == [1, 3]\n", {"w.py": USE.format("")}, "assert fire() == [1]", may_say=("on3",))  # fmt: skip
CHOSEN = """
import weakref
KNOWN, MARKED, NOTES = weakref.WeakValueDictionary(), weakref.WeakSet(), weakref.WeakKeyDictionary()
def known(f):
    KNOWN[f.__name__] = f
    MARKED.add(f)
    NOTES[f] = 'noted'
    return f
"""
for words, head in (("function", "def plain(): return 1\n"), ("class", "class plain: pass\n")):
    field_case(f"decorator added that registers a {words} weakly", {"r.py": CHOSEN, "w.py": f"from .r import *\n{head}"},
               "import gc\nfrom lib.w import plain\nimport lib.r as r\n", {"w.py": f"from .r import *\n@known\n{head}"},
               "gc.collect()\nassert dict(r.KNOWN) == {'plain': plain} and list(r.MARKED) == [plain] and dict(r.NOTES) == {plain: 'noted'}")  # fmt: skip
COMMANDS = """
class Group:
    def __init__(self): self.commands = {}
    def command(self, name): return lambda f: self.commands.setdefault(name, f)
    def names(self): return sorted(self.commands)
"""
APP = "from commands import Group\napp = Group()\n@app.command('a')\ndef a(): return 1\n{}"
REST = "from .w import app\n@app.command('c')\ndef c(): return 3\n"
field_case("command of an application of another package removed", {"/site-packages/commands.py": COMMANDS, "w.py": APP.format("@app.command('b')\ndef b(): return 2\n"), "r.py": REST},
           "import lib.r\nfrom lib.w import app\nkept = [app]\nassert app.names() == ['a', 'b', 'c']\n", {"w.py": APP.format("")}, "assert app.names() == ['a', 'c'] and kept[0] is app", may_say=("b",))  # fmt: skip
field_case("command of an application of another package renamed", {"/site-packages/commands.py": COMMANDS, "w.py": APP.format(""), "r.py": REST},
           "import lib.r\nfrom lib.w import app, a\n", {"w.py": APP.format("").replace("'a'", "'A'")}, "import lib.w\nassert app.names() == ['A', 'c'] and app.commands['A'] is lib.w.a is a")  # fmt: skip
field_case("receiver in another module changed",
           {"/site-packages/signals.py": SIGNALS, "w.py": "from signals import Signal\ndone = Signal()\ndef fire(): return done.send()\n",
            "r.py": "from .w import done\n@done.connect\ndef on(x=1): return x\n"},
           "import lib.r\nfrom lib.w import fire\nassert fire() == [1]\n", {"r.py": "from .w import done\n@done.connect\ndef on(x=2): return x\n"}, "assert fire() == [2]")  # fmt: skip
REGISTRY = "import weakref\nREG = weakref.WeakValueDictionary()\ndef reg(k):\n    def d(f): REG[k] = f; return f\n    return d\n@reg('a')\ndef a(): return 1\n{}"
SECOND = "@reg('b')\ndef b(): return 2\n"
LISTED = "{k: f() for k, f in sorted(REG.items())}"
field_case("weak registry, one added", {"w.py": REGISTRY.format("")}, "from lib.w import REG\n", {"w.py": REGISTRY.format(SECOND)}, f"assert {LISTED} == {{'a': 1, 'b': 2}}")  # fmt: skip
field_case("weak registry, a key renamed", {"w.py": REGISTRY.format(SECOND)}, "from lib.w import REG\n", {"w.py": REGISTRY.format(SECOND).replace("'a'", "'A'")},
           f"assert {LISTED} == {{'A': 1, 'b': 2}}")  # fmt: skip
WEAK_SET = "import weakref\nALL = weakref.WeakSet()\nclass Base:\n    def __init_subclass__(cls): ALL.add(cls)\nclass A(Base): pass\n{}"
field_case("weak set of subclasses", {"w.py": WEAK_SET.format("")}, "from lib.w import ALL\n", {"w.py": WEAK_SET.format("class B(Base): pass\n")},
           "assert sorted(c.__name__ for c in ALL) == ['A', 'B']")  # fmt: skip
WEAK_KEYS = "import weakref\nNOTES = weakref.WeakKeyDictionary()\nclass A: pass\nNOTES[A] = 'note {}'\n"
field_case("weak keys that are classes", {"w.py": WEAK_KEYS.format(1)}, "from lib.w import NOTES, A\n", {"w.py": WEAK_KEYS.format(2)}, "assert dict(NOTES) == {A: 'note 2'}")  # fmt: skip
