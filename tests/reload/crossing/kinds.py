"""The kinds of statements: text with holes, and what others can do with the name that it binds.

``{n}`` is a new name, ``{v}`` a number; ``{value}``, ``{func}``, ``{cls}``, ``{list}``, ``{deco}`` something of that use that is known
above; ``{mod}`` a module that was imported above, ``{thing}`` a name that it has.
"""

from __future__ import annotations

BASE = """
import contextlib
import weakref
def mark(f):
    def marked(*a): return ["marked", f(*a)]
    return marked
def wrap(f):
    import functools
    @functools.wraps(f)
    def wrapped(*a): return ["wrapped", f(*a)]
    return wrapped
KEPT = []
TABLE = {}
WEAK = weakref.WeakValueDictionary()
def keep(f):
    KEPT.append(f)
    return f
def named(name):
    def add(f):
        TABLE[name] = f
        WEAK[name] = f
        return f
    return add
def klass(cls):
    cls.of_klass = 1
    return cls
class Base:
    subs = []
    def __init_subclass__(cls, **kw):
        super().__init_subclass__(**kw)
        Base.subs.append(cls)
    def m(self): return 1
class Meta(type):
    made = []
    def __new__(mcls, name, bases, namespace):
        cls = super().__new__(mcls, name, bases, namespace)
        mcls.made.append(name)
        return cls
class Field:
    def __init__(self, default=0): self.default = default
    def __set_name__(self, owner, name): self.name = name
    def __get__(self, instance, owner): return self if instance is None else self.default
@contextlib.contextmanager
def holding(x=1):
    yield [x]
DEFAULT = 3
"""

HEAD = """
import abc, collections, dataclasses, enum, functools, importlib, itertools, threading, typing
from . import base
from .base import mark, wrap, keep
from .base import named, TABLE
from .base import klass, Base, Meta, Field
from .base import KEPT
from .base import DEFAULT
"""

MODULE: dict[str, tuple[str, str]] = {
    "constant": ("{n} = {v}", "value"),
    "computed": ("{n} = {value} + {v}", "value"),
    "annotated": ("{n}: int = {v}", "value"),
    "annotation alone": ("{n}: int", ""),
    "bound twice": ("{n} = {v}\n{n} = {n} + {value}", "value"),
    "added to": ("{n} = {v}\n{n} += {value}", "value"),
    "unpacked": ("{n}, {n}_b = {v}, {value}", "value"),
    "two names": ("{n} = {n}_b = [{v}]", "list"),
    "list": ("{n} = [{v}, {value}]", "list"),
    "appended": ("{n} = [{v}]\n{n}.append({value})", "list"),
    "appended later": ("{list}.append({v})", ""),
    "extended later": ("{list} += [{v}, {value}]", ""),
    "dict": ("{n} = {{'a': {v}}}\n{n}['b'] = {value}", ""),
    "filled": ("{n} = {{}}\ndef {n}_fill():\n    {n}['k'] = {value}\n{n}_fill()", ""),
    "set": ("{n} = {{{v}, {value}}}", ""),
    "tuple": ("{n} = ({v}, [{value}])", ""),
    "deleted": ("{n}_t = {v}\n{n} = {n}_t + 1\ndel {n}_t", "value"),
    "comprehension": ("{n} = [x + {value} for x in range({v} % 5)]", "list"),
    "function": ("def {n}(x={value}):\n    return [x, {v}, {value}]", "func"),
    "function with docstring": ("def {n}(x: int = 0, *, y={v}) -> list:\n    '''Gives {v}.'''\n    return [x, y]", "func"),
    "async": ("async def {n}():\n    return {v}", ""),
    "calls another": ("def {n}(x=0):\n    return [{v}, {func}(x)]", "func"),
    "called": ("{n} = {func}({v})", ""),
    "lambda": ("{n} = lambda x=0: [x, {v}, {value}]", "func"),
    "closure": ("def make_{n}(k):\n    def {n}(x=0): return [x, k, {v}]\n    return {n}\n{n} = make_{n}({value})", "func"),
    "partial": ("{n} = functools.partial({func}, {v})", ""),
    "decorated": ("@{deco}\ndef {n}(x=0):\n    return [x, {v}]", "func"),
    "decorated twice": ("@{deco}\n@wrap\ndef {n}(x=0):\n    return [x, {v}]", "func"),
    "decorated by hand": ("def {n}(x=0):\n    return [x, {v}]\n{n} = {deco}({n})", "func"),
    "registered": ("@named('{n}')\ndef {n}(x=0):\n    return [x, {v}]", "func"),
    "registered by hand": ("def {n}(x=0):\n    return [x, {v}]\nTABLE['{n}'] = {n}", "func"),
    "kept": ("@keep\ndef {n}(x=0):\n    return [x, {v}, {value}]", "func"),
    "cached": ("@functools.lru_cache\ndef {n}(x=0):\n    return (x, {v})", "func"),
    "dispatched": (
        "@functools.singledispatch\ndef {n}(x=0):\n    return [x, {v}]\n@{n}.register\ndef _(x: str):\n    return [x, {value}]", "func",
    ),
    "decorator": ("def {n}(f):\n    def w(*a): return ['{n}', {v}, f(*a)]\n    return w", "deco"),
    "function attribute": ("def {n}(x=0):\n    return x\n{n}.limit = {v}", "func"),
    "class": ("class {n}:\n    a = {v}\n    def m(self): return [self.a, {value}]", "cls"),
    "derived": ("class {n}({cls}):\n    b = {v}\n    def m(self): return [super().m(), {v}]", "cls"),
    "of Base": ("class {n}(Base):\n    a = {v}", "cls"),
    "of Meta": ("class {n}(metaclass=Meta):\n    a = {v}\n    def m(self): return {v}", "cls"),
    "redefined over itself": ("class {n}:\n    a = {v}\n    def m(self): return 1\nclass {n}({n}):\n    b = {value}", "cls"),
    "dataclass": ("@dataclasses.dataclass\nclass {n}:\n    a: int = {v}\n    b: list = dataclasses.field(default_factory=list)\n    def m(self): return self.a", "cls"),
    "slots": ("class {n}:\n    __slots__ = ('a', 'b')\n    def m(self): return {v}", "cls"),
    "enum": ("class {n}(enum.Enum):\n    A = {v}\n    B = {v} + 1\n    def m(self): return self.value", ""),
    "flags": ("class {n}(enum.IntFlag):\n    A = 1\n    B = 2", ""),
    "named tuple": ("class {n}(typing.NamedTuple):\n    a: int = {v}\n    def m(self): return self.a", ""),
    "namedtuple": ("{n} = collections.namedtuple('{n}', ['a', 'b'], defaults=[{v}])", ""),
    "abstract": ("class {n}(abc.ABC):\n    @abc.abstractmethod\n    def m(self): return {v}\n    def k(self): return {value}", ""),
    "exception": ("class {n}(ValueError):\n    code = {v}", ""),
    "decorated class": ("@klass\nclass {n}:\n    a = {v}\n    def m(self): return {value}", "cls"),
    "class by hand": ("class {n}:\n    a = {v}\n    def m(self): return {value}\n{n} = klass({n})", "cls"),
    "made by type": ("{n} = type('{n}', (Base,), {{'a': {v}}})", "cls"),
    "nested": ("class {n}:\n    class In:\n        a = {v}\n    def m(self): return [self.In.a, {v}]", "cls"),
    "instance": ("class {n}_C:\n    def __init__(self): self.v = {v}\n    def m(self): return self.v\n{n} = {n}_C()", ""),
    "set on class": ("{cls}.extra = {v}", ""),
    "method from outside": ("{cls}.m = {deco}({cls}.m)", ""),
    "setattr loop": ("for {n}_k in ('p', 'q'):\n    setattr({cls}, {n}_k, {v})", ""),
    "global by name": ("globals()['{n}'] = {v}", ""),
    "eval": ("{n} = eval('{value} + {v}')", "value"),
    "list of names": ("{n} = [k for k in list(globals()) if k[0] not in '_@' and k.islower() and k != '{n}']", ""),
    "list of another's names": ("{n} = sorted(k for k in vars({mod}) if k[0] != '_')", ""),
    "getattr": ("{n} = getattr({mod}, '{thing}')", ""),
    "getattr with default": ("{n} = getattr({mod}, '{thing}', {v})", ""),
    "subclasses": ("{n} = [c.__name__ for c in base.Base.__subclasses__()]", ""),
    "import": ("import lib.{mod} as {n}", ""),
    "from package": ("from . import {mod} as {n}", ""),
    "from import": ("from .{mod} import {thing} as {n}", ""),
    "from import itself": ("from .{mod} import {thing}", ""),
    "star": ("from .{mod} import *", ""),
    "import_module": ("{n} = importlib.import_module('lib.{mod}')", ""),
    "import or else": ("try:\n    from .{mod} import {thing} as {n}\nexcept ImportError:\n    {n} = {v}", ""),
    "lazy import": ("def {n}(x=0):\n    from . import {mod}\n    return [x, {v}, {mod}.__name__]", "func"),
    "another's attribute": ("{n} = {mod}.{thing}", ""),
    "sets another's": ("{mod}.{n} = {v}", ""),
    "patches another's": ("{mod}.{thing} = keep({mod}.{thing})", ""),
    "fills another's": ("base.KEPT.append({v})", ""),
    "table of another": ("base.TABLE['{n}'] = {value}", ""),
    "if": ("if {value} % 2:\n    {n} = {v}\nelse:\n    {n} = -{v}", "value"),
    "if def": ("if {v} % 2:\n    def {n}(x=0): return ['yes', x, {value}]\nelse:\n    def {n}(x=1): return ['no', x]", "func"),
    "overridden if": ("{n} = {v}\nif {value} >= 0:\n    {n} = {n} + 1", "value"),
    "for": ("{n} = []\nfor {n}_i in range(3):\n    {n}.append({n}_i + {value})", "list"),
    "with": ("with base.holding({v}) as {n}:\n    {n}_in = {n} + [{value}]", "list"),
    "try finally": ("try:\n    {n} = {value} // {v}\nfinally:\n    {n}_end = {v}", ""),
    "try except": ("try:\n    {n} = {v} // 0\nexcept ZeroDivisionError:\n    {n} = {value}", "value"),
    "all": ("__all__ = ['base', 'mark']", ""),
    "module getattr": ("def __getattr__(name):\n    if name == 'lazy': return {v}\n    raise AttributeError(name)", ""),
    "docstring": ("'''Text {v}.'''", ""),
    "call for its effect": ("KEPT.append({func})", ""),
    "assert": ("assert {value} is not None", ""),
    "lock": ("{n} = threading.Lock()", ""),
    "counter": ("{n} = itertools.count({v})", ""),
    "sentinel": ("{n} = object()", ""),
    "optional": ("{n} = typing.Optional[{cls}]", ""),
    "list of classes": ("{n} = [{cls}, {func}]", ""),
    "by class": ("{n} = {{{cls}: {v}}}", ""),
    "type variable": ("{n} = typing.TypeVar('{n}')\nclass {n}_G(typing.Generic[{n}]):\n    a = {v}", ""),
    "match": ("match {value}:\n    case 3:\n        {n} = {v}\n    case _:\n        {n} = -{v}", "value"),
    "global statement": ("def {n}_set():\n    global {n}\n    {n} = {v}\n{n}_set()", "value"),
}  # fmt: skip

IN_CLASS: dict[str, tuple[str, str]] = {
    "attribute": ("{n} = {v}", "value"),
    "attribute bound twice": ("{n} = {v}\n{n} = {n} + 1", "value"),
    "attribute computed": ("{n} = {value} + {v}", "value"),
    "attribute annotated": ("{n}: int = {v}", "value"),
    "field annotation": ("{n}: 'int'", ""),
    "list attribute": ("{n} = [{v}]", "list"),
    "list appended": ("{n} = [{v}]\n{n}.append({value})", "list"),
    "method": ("def {n}(self):\n    return [{v}]", "func"),
    "method again": ("def {n}(self):\n    return [1]\ndef {n}(self):\n    return [2, {v}]", "func"),
    "__init__": ("def __init__(self):\n    self.x_{n} = {v}", ""),
    "__repr__": ("def __repr__(self):\n    return 'r{v}'", ""),
    "__eq__": ("def __eq__(self, other):\n    return {v}", ""),
    "super": ("def __hash__(self):\n    return hash(({v}, super().__hash__()))", ""),
    "static": ("@staticmethod\ndef {n}(x=0):\n    return [x, {v}]", ""),
    "classmethod": ("@classmethod\ndef {n}(cls):\n    return [cls.__name__, {v}]", ""),
    "property": ("@property\ndef {n}(self):\n    return {v}", ""),
    "property by hand": ("def {n}(self):\n    return {v}\n{n} = property({n})", ""),
    "setter": ("@property\ndef {n}(self):\n    return self._x\n@{n}.setter\ndef {n}(self, x):\n    self._x = x + {v}", ""),
    "cached property": ("@functools.cached_property\ndef {n}(self):\n    return {v}", ""),
    "alias": ("def {n}(self):\n    return [{v}]\n{n}_b = {n}", "func"),
    "decorated method": ("@mark\ndef {n}(self):\n    return [{v}]", ""),
    "method by hand": ("def {n}(self):\n    return [{v}]\n{n} = wrap({n})", ""),
    "registered method": ("@keep\ndef {n}(self):\n    return [{v}]", ""),
    "inner class": ("class {n}:\n    a = {v}\n    def m(self): return [{v}]", ""),
    "loop": ("for {n} in range({v}):\n    pass", ""),
    "condition": ("if {value} > 5:\n    {n} = {v}\nelse:\n    {n} = -{v}", "value"),
    "locals": ("locals()['{n}'] = {v}", ""),
    "descriptor": ("{n} = Field({v})", ""),
    "lambda attribute": ("{n} = lambda self: [{v}, {value}]", ""),
    "dispatched method": (
        "@functools.singledispatchmethod\ndef {n}(self, x):\n    return {v}\n@{n}.register\ndef _(self, x: int):\n    return {value}", "",
    ),
    "class docstring": ("'''Text {v}.'''", ""),
    "deleted attribute": ("{n}_t = {v}\n{n} = {n}_t\ndel {n}_t", "value"),
    "init_subclass": ("def __init_subclass__(cls):\n    cls.sub_{n} = {v}", ""),
}  # fmt: skip
