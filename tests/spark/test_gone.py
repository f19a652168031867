"""Data that older code pickled becomes the newest class, and is refused in one sentence where that class is gone."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

ITEMS = """
class Item:
    def tag(self):
        return 'v1'
class Old(Item):
    pass
def item(row):
    return Item()
def old(row):
    return Old()
def tag(item):
    return item.tag()
"""


def test_cached_objects_become_the_newest_class(spark: Any, notebook: Any) -> None:
    library = notebook.library(lambda name: {f"{name}/__init__.py": "", f"{name}/code.py": ITEMS})
    code = importlib.import_module(f"{library.name}.code")
    items = spark.sparkContext.parallelize(range(4), 2).map(code.item).cache()
    assert items.count() == 4
    library.edit({f"{library.name}/code.py": ITEMS.replace("v1", "v2")})
    notebook.ship()
    assert set(items.map(code.tag).collect()) == {"v2"}
    items.unpersist()


def test_a_class_that_is_gone_is_named_with_the_version_that_lacks_it(spark: Any, notebook: Any) -> None:
    library = notebook.library(
        lambda name: {f"{name}/__init__.py": "", f"{name}/code.py": ITEMS, f"{name}/more.py": ITEMS}
    )
    code, more = (importlib.import_module(f"{library.name}.{module}") for module in ("code", "more"))
    context = spark.sparkContext
    olds = context.parallelize(range(4), 2).map(code.old).cache()
    mores = context.parallelize(range(4), 2).map(more.old).cache()
    shared = context.broadcast(code.Old())
    assert (olds.count(), mores.count()) == (4, 4)
    library.edit(
        {f"{library.name}/code.py": ITEMS.replace("class Old(Item)", "class New(Item)")},
        deleted=(f"{library.name}/more.py",),
    )
    notebook.ship()

    def tag_of(item: Any) -> str:
        return item.tag()

    def tag_of_shared(row: int) -> str:
        return shared.value.tag()

    version = f"which {library.name} {library.version[:12]} no longer defines"
    for rdd, what in (
        (olds.map(tag_of), f"{library.name}.code.Old"),
        (mores.map(tag_of), f"{library.name}.more"),
        (context.parallelize(range(4), 2).map(tag_of_shared), f"{library.name}.code.Old"),
    ):
        with pytest.raises(Exception, match=f"ImportError: autoegg: .* refers to {what}, {version} "):
            rdd.collect()
    olds.unpersist()
    mores.unpersist()
