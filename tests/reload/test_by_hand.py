"""Modules that came to be loaded another way than by an import statement."""

from __future__ import annotations

import sys
from pathlib import Path

from reload_harness import Notebook

RECIPE = """
import importlib.util, sys
def load(name, path, **options):
    spec = importlib.util.spec_from_file_location(name, path, **options)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
"""
BY_HAND = {
    "plain/my-module.py": "x = 1\n",
    "plain/settings.py": "x = 1\n",
    "plain/pack/__init__.py": "from . import inner\n",
    "plain/pack/inner.py": "x = 1\n",
}
LOAD = """
mine = load("my_module", "{root}/plain/my-module.py")
settings = load("settings_of_mine", "{root}/plain/settings.py")
same = load("settings", "{root}/plain/settings.py")
pack = load("other_name", "{root}/plain/pack/__init__.py")
"""


def test_modules_that_were_loaded_by_hand_are_nobodys_and_hold_up_nothing(tmp_path: Path) -> None:
    with Notebook(tmp_path, {**BY_HAND, "lib/__init__.py": "x = len('1')\n"}) as notebook:
        notebook.reloader.uninstall()
        notebook.run(RECIPE + LOAD.format(root=tmp_path) + "import lib")
        notebook.reloader.install()
        assert notebook.reloader.loaded_by_hand == {
            "my_module",
            "settings_of_mine",
            "settings",
            "other_name",
            "other_name.inner",
        }
        assert list(notebook.reloader.executed()) == [str(tmp_path / "lib/__init__.py")]
        notebook.edit({path: "x = len('22')\n" for path in BY_HAND} | {"lib/__init__.py": "x = len('22')\n"})
        notebook.reloader.reload(None)
        assert notebook.value("(lib.x, mine.x, settings.x, same.x, pack.inner.x)") == (2, 1, 1, 1, 1)
        notebook.run(f"mine = load('my_module', {str(tmp_path / 'plain/my-module.py')!r})")
        assert notebook.value("mine.x") == 2


def test_a_module_whose_sys_path_entry_was_removed_before_is_still_followed(tmp_path: Path) -> None:
    with Notebook(tmp_path, {"away/helpers.py": "x = 1\n"}) as notebook:
        notebook.reloader.uninstall()
        sys.path.insert(0, str(tmp_path / "away"))
        notebook.run("import helpers")
        sys.path.remove(str(tmp_path / "away"))
        notebook.reloader.install()
        assert not notebook.reloader.loaded_by_hand
        notebook.edit({"away/helpers.py": "x = len('22')\n"})
        assert notebook.value("helpers.x") == 2


LAZY = """
import importlib.util, sys
def lazy(name):
    spec = importlib.util.find_spec(name)
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
heavy = lazy("lib.heavy")
"""


def test_a_module_that_loads_itself_at_the_first_touch_runs_the_file_as_it_is_then(tmp_path: Path) -> None:
    with Notebook(tmp_path, {"lib/__init__.py": LAZY, "lib/heavy.py": "x = 1\n"}) as notebook:
        notebook.run("import lib")
        assert type(sys.modules["lib.heavy"]).__name__ == "_LazyModule"
        notebook.edit({"lib/heavy.py": "x = len('22')\n"})
        notebook.reloader.reload(None)
        assert type(sys.modules["lib.heavy"]).__name__ == "_LazyModule"
        assert notebook.value("lib.heavy.x") == 2
        notebook.edit({"lib/heavy.py": "x = len('333')\n"})
        assert notebook.value("lib.heavy.x") == 3
