"""Random libraries under random edits; after each the notebook must see what a fresh process sees.

``python tests/reload/fuzz.py SEED STEPS`` runs one seed for as long as wanted.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from reload_harness import Notebook

from autoegg.errors import LibraryBroken

MODULES = 5
MORE_KINDS = ["filled", "listed", "made", "data", "closure", "branch"]

USED_AS = {
    "const": "value", "lazy": "func", "filled": "value", "listed": "value", "made": "value", "data": "class",
    "closure": "func", "branch": "func",
}  # fmt: skip

OBSERVE = '''
def observe(modules):
    """name -> what calling or looking at it gives, for everything that the modules have"""
    def call(f):
        try:
            return f()
        except Exception as error:
            return type(error).__name__
    def plain(value):
        if isinstance(value, (int, str, type(None))):
            return value
        if isinstance(value, dict):
            return {k: plain(v) for k, v in value.items()}
        if isinstance(value, (list, tuple)):
            return [plain(item) for item in value]
        if isinstance(value, type):
            return ["class", value.__module__, value.__name__]
        if callable(value):
            return ["call", value.__module__, plain(call(value))]
        return ["object", plain(type(value)), methods(value)]
    def methods(value):
        return {n: plain(call(getattr(value, n))) for n in sorted(dir(type(value))) if n.startswith("m_")}
    seen = {}
    for module in modules:
        for name, value in vars(module).items():
            if name.startswith("__") or type(value) is type(module):
                continue
            full = module.__name__ + "." + name
            seen[full] = plain(value)
            if isinstance(value, type):
                seen[full + "()"] = [methods(value()), [b.__name__ for b in value.__mro__]]
    return seen
'''

FRESH = (
    OBSERVE
    + """
import importlib, json, sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
try:
    modules = [importlib.import_module(name) for name in sys.argv[2:]]
except Exception as error:
    print(json.dumps({"error": type(error).__name__}))
else:
    print(json.dumps(observe(modules)))
"""
)


class Library:
    """Each module is a list of definitions (name, kind, seed); what a definition refers to is drawn from its seed."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.count = 0
        self.absent: set[int] = set()
        """Modules without a file at present; the others do not name them then."""
        self.modules: list[list[list[Any]]] = [[] for _ in range(MODULES)]
        for module in self.modules:
            for _ in range(rng.randint(2, 5)):
                module.append(self.definition())

    def definition(self) -> list[Any]:
        self.count += 1
        kind = self.rng.choice(
            [
                "const",
                "const",
                "value",
                "func",
                "func",
                "func",
                "class",
                "class",
                "deco",
                "reg",
                "lazy",
                *MORE_KINDS,
            ]
        )
        return [f"{kind}{self.count}", kind, self.rng.randrange(10**6), self.rng.randrange(10**6)]

    def edit(self) -> set[int]:
        """Change one to three definitions; the numbers of the modules touched."""
        touched = set()
        for _ in range(self.rng.choice([1, 1, 1, 2, 3])):
            number = self.rng.randrange(MODULES)
            module = self.modules[number]
            touched.add(number)
            action = self.rng.choice(
                ["body", "body", "body", "shape", "add", "add", "remove", "move", "break", "file"]
            )
            if action == "file" and number and self.rng.random() < 0.5:
                self.absent ^= {number}
            if action == "add" or not module:
                module.insert(self.rng.randint(0, len(module)), self.definition())
            elif action == "remove":
                module.pop(self.rng.randrange(len(module)))
            elif action == "move":
                module.append(module.pop(self.rng.randrange(len(module))))
            elif action == "break":
                self.rng.choice(module)[3] *= -1  # and perhaps repaired later, by the same or by another body
            else:
                chosen = self.rng.choice(module)
                chosen[2 if action == "shape" else 3] = self.rng.randrange(10**6)
        return touched

    def text(self, number: int) -> str:
        lines, imports = [], []
        names: dict[str, list[str]] = {"func": [], "class": [], "deco": [], "value": [], "reg": []}
        for other in sorted(set(range(number)) - self.absent):
            for name, kind, shape, _ in self.modules[other]:
                if shape % 3 == 0:
                    imports.append(f"from .m{other} import {name}")
                    known = name
                else:
                    known = f"m{other}.{name}"
                names[USED_AS.get(kind, kind)].append(known)
            imports.append(
                [f"from . import m{other}", f"import lib.m{other} as m{other}"][len(self.modules[number]) % 2]
            )
        for name, kind, shape, body in self.modules[number]:
            lines += self.define(name, kind, random.Random(shape), random.Random(abs(body)), names, body < 0)
            names[USED_AS.get(kind, kind)].append(name)
        return "\n".join([*imports, *lines, ""])

    @staticmethod
    def define(
        name: str,
        kind: str,
        shape: random.Random,
        body: random.Random,
        names: dict[str, list[str]],
        broken: bool,
    ) -> list[str]:
        n = body.randrange(1000)
        value = body.choice(names["value"]) if names["value"] and body.random() < 0.7 else str(n)
        result = f"{body.choice(names['func'])}()" if names["func"] and body.random() < 0.6 else value
        if broken:
            value = result = "missing_name"  # at import or when called, as it comes
        if kind == "const":
            return [f"{name} = {n}"]
        if kind == "value":
            return [f"{name} = ['v', {result}]"]
        if kind == "deco":
            return [f"def {name}(f):", f"    def w(): return ['{name}', {n}, f()]", "    return w"]
        if kind == "reg":
            return [f"{name} = []", f"def add_{name}(f):", f"    {name}.append(({n}, f))", "    return f"]
        if kind == "filled":
            return [
                f"{name} = {{}}",
                f"def fill_{name}():",
                f"    {name}['k{n % 3}'] = {result}",
                f"fill_{name}()",
            ]
        if kind == "listed":
            lines = [f"{name} = [{shape.randrange(9)}]", f"{name}.append({result})"]
            return [*lines, f"{name} += [{n}]"] if n % 2 else lines
        if kind == "made":
            lines = [f"class Of_{name}:", f"    def __init__(self): self.v = {value}"]
            return [*lines, f"    def m_0(self): return [self.v, {result}]", f"{name} = Of_{name}()"]
        if kind == "data":
            lines = [
                "import dataclasses",
                f"@dataclasses.dataclass(slots={bool(shape.randrange(2))})",
                f"class {name}:",
            ]
            lines += [f"    f{index}: object = {n}" for index in range(shape.randint(1, 2))]
            return [*lines, f"    def m_0(self): return [self.f0, {result}]"]
        if kind == "closure":
            lines = [
                f"def make_{name}(n):",
                f"    def {name}(x={n}): return [x, n, {result}]",
                f"    return {name}",
            ]
            return [*lines, f"{name} = make_{name}({value})"]
        if kind == "branch":
            lines = [f"if {n % 2}:", f"    def {name}(x=0): return ['yes', x, {result}]", "else:"]
            return [*lines, f"    def {name}(x=1): return ['no', x, {n}]"]
        if kind == "class":
            base = shape.choice([*names["class"], ""]) if names["class"] else ""
            lines = [f"class {name}({base}):", f"    attr = {n}"]
            for index in range(shape.randint(1, 3)):
                lines += [f"    def m_{index}(self): return [{n + index}, {result}]"]
            if base and shape.random() < 0.5:
                lines += ["    def m_0(self):", f"        return [super().m_0(), {n}]"]
            return lines
        decorator = shape.choice(names["deco"]) if names["deco"] and shape.random() < 0.4 else None
        lines = [f"@{decorator}"] if decorator else []
        if names["reg"] and shape.random() < 0.3:
            where, _, registry = shape.choice(names["reg"]).rpartition(".")
            if where or not registry:
                lines.append(f"@{where}.add_{registry}")
        default = shape.choice([value, "0"])
        lines.append(f"def {name}(x={default}):")
        if kind == "lazy":
            lines.append("    from . import m0")
            lines.append("    x = [x, m0.__name__]")
        lines.append(f"    return [x, {n}, {result}]")
        return lines


def run(seed: int, steps: int, root: Path) -> int:
    """Raises AssertionError naming seed and step; the number of steps in which the library was broken."""
    library = Library(random.Random(seed))
    names = [f"lib.m{number}" for number in range(MODULES)]
    every = range(MODULES)
    files = {"lib/__init__.py": ""} | {f"lib/m{number}.py": library.text(number) for number in range(MODULES)}
    broken = 0
    told: set[str] = set()
    """Classes of which the reports said that instances keep an old layout."""
    with Notebook(root, files) as notebook:
        notebook.run(OBSERVE)
        notebook.run("import importlib, json, sys\nheld = {}\nheld_objects = {}\n")
        notebook.run(f"modules = [importlib.import_module(name) for name in {names}]")
        for step in range(steps):
            notebook.run(f"modules = [sys.modules[name] for name in {names} if name in sys.modules]")
            hold(notebook, names)
            texts = {f"lib/m{i}.py": None if i in library.absent else library.text(i) for i in every}
            changed = {path: text for path, text in texts.items() if on_disk(root / path) != text}
            names = [f"lib.m{number}" for number in every if number not in library.absent]
            where = f"seed {seed}, step {step}, files {sorted(changed)}"
            paths = notebook.write(changed)  # type: ignore[arg-type]
            fresh = json.loads(
                subprocess.run(
                    [sys.executable, "-I", "-S", "-c", FRESH, str(root), *names],
                    capture_output=True, check=True, text=True, timeout=120,
                ).stdout
            )  # fmt: skip
            if "error" in fresh:
                broken += 1
                try:
                    notebook.reloader.reload(*paths)
                except LibraryBroken:
                    pass
                else:
                    raise AssertionError(f"{where}: loaded, but a fresh process says {fresh}")
            else:
                report = notebook.reloader.reload(*paths)
                told |= {name for name, _ in report.old_layout}
                notebook.run(f"modules = [importlib.import_module(name) for name in {names}]")
                ours = json.loads(notebook.value("json.dumps(observe(modules))"))
                differing = {
                    key: (ours.get(key), fresh.get(key))
                    for key in {*ours, *fresh}
                    if ours.get(key) != fresh.get(key)
                }
                assert not differing, f"{where}: (ours, fresh) {differing}"
                check_held(notebook, where, told)
            library.edit()
    return broken


def on_disk(path: Path) -> str | None:
    return path.read_text() if path.exists() else None


def hold(notebook: Notebook, names: list[str]) -> None:
    """The notebook keeps functions and instances; what it holds must follow."""
    notebook.run(
        "for module in modules:\n"
        "    for name, value in list(vars(module).items()):\n"
        "        if getattr(value, '__module__', None) == module.__name__:\n"
        "            if isinstance(value, type): held_objects.setdefault((module.__name__, name), value())\n"
        "            held.setdefault((module.__name__, name), value)\n"
    )


def holds_values(cls: type) -> bool:
    """Do its methods give what the instance was made with?"""
    return any(base.__name__.startswith(("data", "Of_")) for base in cls.__mro__)


def outcome(function: Any) -> Any:
    try:
        return function()
    except NameError as error:
        return str(error)


def check_held(notebook: Notebook, where: str, told: set[str]) -> None:
    for (module, name), value in notebook.value("held").items():
        now = vars(sys.modules[module]).get(name) if module in sys.modules else None
        if name.startswith(("func", "lazy")) and callable(now):
            assert outcome(value) == outcome(now), f"{where}: held {module}.{name}"
    for (module, name), value in notebook.value("held_objects").items():
        now = vars(sys.modules[module]).get(name) if module in sys.modules else None
        if isinstance(now, type):
            follows = isinstance(value, now)
            assert follows or f"{module}.{name}" in told, f"{where}: instance of {module}.{name}"
            if not follows or holds_values(now):
                continue
            for method in dir(now):
                if method.startswith("m_"):
                    assert outcome(getattr(value, method)) == outcome(getattr(now(), method)), (
                        f"{where}: {module}.{name}.{method}"
                    )


if __name__ == "__main__":
    for number in range(int(sys.argv[1]), int(sys.argv[1]) + int(sys.argv[3] if len(sys.argv) > 3 else 1)):
        with tempfile.TemporaryDirectory() as folder:
            print(number, run(number, int(sys.argv[2]), Path(folder)), flush=True)
