"""Libraries of a user that import one another, and random edits of them; what they say is asked of a fresh process."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

ROWS = 6
"""``observe(i)`` is asked for 0 … ROWS - 1."""

Files = dict[str, str]

FRESH = """
import json, sys
sys.path.insert(0, sys.argv[1])
import prop_front
print(json.dumps([prop_front.observe(i) for i in range(int(sys.argv[2]))]))
"""


def fresh(root: Path) -> list[str]:
    """What ``observe`` says in a Python process of its own that has seen no other state of the tree."""
    with tempfile.TemporaryDirectory() as cache:  # else a .pyc of the notebook's could answer
        command = [
            sys.executable,
            "-I",
            "-S",
            "-X",
            f"pycache_prefix={cache}",
            "-c",
            FRESH,
            str(root),
            str(ROWS),
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    answer: list[str] = json.loads(done.stdout)
    return answer


class Tree:
    """Two packages, a single module, and ``prop_front``, whose ``observe`` looks at all that they have."""

    EDITS = ("number", "number", "several", "new", "delete", "data", "shape", "rollback", "rollback")

    def __init__(self, rng: random.Random, root: Path) -> None:
        self._rng = rng
        self._root = root
        names = ("const", "factor", "offset", "attribute", "method", "middle", "single", "front", "default")
        self._numbers = {name: self._number() for name in names}
        self._extras = {"first": self._number()}
        self._flags = dict.fromkeys(("helper", "decorated", "override", "lazy"), False)
        self._data = "data of the beginning"
        self._made = 0
        self._past: list[tuple[dict[str, int], dict[str, int], dict[str, bool], str]] = []
        self.write()

    def edit(self, data_too: bool = True) -> str:
        """Changes the tree and says what was done."""
        self._past.append((dict(self._numbers), dict(self._extras), dict(self._flags), self._data))
        kind = self._rng.choice([kind for kind in self.EDITS if data_too or kind not in ("data", "rollback")])
        if kind == "delete" and not self._extras:
            kind = "new"
        if kind == "number":
            self._change(1)
        elif kind == "several":
            self._change(self._rng.randint(2, 5))
        elif kind == "new":
            self._made += 1
            self._extras[f"extra{self._made}"] = self._number()
        elif kind == "delete":
            del self._extras[self._rng.choice(sorted(self._extras))]
        elif kind == "data":
            self._data = f"data {self._number()}" + " and more" * self._rng.randint(0, 2)
        elif kind == "shape":
            flag = self._rng.choice(sorted(self._flags))
            self._flags[flag] = not self._flags[flag]
        else:
            numbers, extras, flags, data = self._rng.choice(self._past)
            self._numbers, self._extras, self._flags, self._data = (
                dict(numbers),
                dict(extras),
                dict(flags),
                data,
            )
        return f"edit: {kind} {sorted(self.write())}"

    def broken(self) -> str:
        """A file that does not compile; ``write`` repairs it."""
        path = self._rng.choice(sorted(path for path in self.files() if path.endswith(".py")))
        (self._root / path).write_text("def broken(:\n")
        return path

    def write(self) -> list[str]:
        """Brings the disk to the tree, the way editors do, now and then with the old time; the paths that differed."""
        files, touched = self.files(), []
        for path, text in files.items():
            target = self._root / path
            target.parent.mkdir(exist_ok=True)
            old = target.stat() if target.exists() else None
            if old is not None and target.read_text() == text:
                continue
            touched.append(path)
            if self._rng.random() < 0.5:
                target.write_text(text)
            else:
                beside = target.with_name(f".{target.name}.new")
                beside.write_text(text)
                beside.rename(target)
            if old is not None and self._rng.random() < 0.3:
                os.utime(target, ns=(old.st_mtime_ns, old.st_mtime_ns))
        for target in self._root.glob("prop_base/extra_*.py"):
            if f"prop_base/{target.name}" not in files:
                target.unlink()
                touched.append(f"prop_base/{target.name}")
        return touched

    def files(self) -> Files:
        """Path to text, made of nothing but the present numbers and flags."""
        n, flags = self._numbers, self._flags
        values = [
            "from pathlib import Path",
            f"CONST = {n['const']}",
            "def keep(function):\n    def kept(x):\n        return function(x) + 1\n    return kept"
            if flags["decorated"]
            else "def keep(function):\n    return function",
            f"@keep\ndef f(x, y={n['default']}):\n    return x * {n['factor']} + {n['offset']} + y",
            f"def helper():\n    return {n['offset']}" if flags["helper"] else "",
            "class Thing:",
            f"    attribute = {n['attribute']}",
            "    def __init__(self, i):\n        self.i = i",
            f"    def method(self):\n        return self.i + {n['method']}",
            "    def tell(self):\n        return [self.attribute, self.method(), CONST]",
            "def data():\n    return Path(__file__).with_name('data.txt').read_text()",
        ]
        extras = sorted(self._extras)
        base = {
            "prop_base/__init__.py": "",
            "prop_base/values.py": "\n".join(values) + "\n",
            "prop_base/data.txt": self._data,
            "prop_base/extras.py": "".join(f"from . import extra_{name}\n" for name in extras)
            + f"ALL = [{', '.join(f'extra_{name}.NUMBER' for name in extras)}]\n",
            **{
                f"prop_base/extra_{name}.py": f"NUMBER = {number}\n"
                for name, number in sorted(self._extras.items())
            },
        }
        override = f"    def method(self):\n        return super().method() * {n['middle']}\n"
        middle = (
            "from prop_base import values\nfrom prop_base.values import Thing, f\n"
            f"TABLE = [f(i) for i in range({n['middle'] % 7 + 1})]\n"
            f"class Sub(Thing):\n    own = {n['middle']}\n" + (override if flags["override"] else "")
        )
        single = f"import prop_middle\ndef g(x):\n    return [x, {n['single']}, prop_middle.TABLE[-1]]\n"
        lazy = "    from prop_base import extras\n"
        front = (
            "import prop_single\nfrom prop_base import values\nfrom prop_middle import Sub\n"
            + ("" if flags["lazy"] else lazy.strip() + "\n")
            + "def observe(i):\n    i = int(i)\n"
            + (lazy if flags["lazy"] else "")
            + f"    seen = [{n['front']}, values.f(i), values.CONST, Sub(i).tell(), Sub.own, prop_single.g(i)]\n"
            "    return repr([*seen, extras.ALL, values.data(), hasattr(values, 'helper')])\n"
            "class Probe(Sub):\n    def observe(self, i):\n        return observe(i)\n"
        )
        return {
            **base,
            "prop_middle/__init__.py": middle,
            "prop_single.py": single,
            "prop_front/__init__.py": "from .front import Probe, observe\n",
            "prop_front/front.py": front,
        }

    def _change(self, count: int) -> None:
        for name in self._rng.sample(sorted(self._numbers), count):
            self._numbers[name] = self._number()

    def _number(self) -> int:
        return self._rng.randint(100, 999)  # always three digits: most edits leave a file's size as it was
