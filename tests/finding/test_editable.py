"""An editable install is one's own code, whatever files its build backend has written into site-packages.

The corpus installs with the real backends; here are the files that each of them writes.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from finding import found, write

# setuptools, for anything but one plain src folder: a finder that knows where each top-level name is.
SETUPTOOLS_FINDER = """
import sys
from importlib.machinery import ModuleSpec, all_suffixes
from importlib.util import spec_from_file_location
from pathlib import Path
MAPPING = {mapping!r}
class _EditableFinder:
    @classmethod
    def find_spec(cls, fullname, path=None, target=None):
        for name, place in MAPPING.items():
            if fullname == name or fullname.startswith(name + "."):
                rest = fullname.replace(name, "", 1).strip(".").split(".")
                candidate = Path(place, *rest)
                for file in (candidate / "__init__.py", candidate.with_suffix(".py")):
                    if file.exists():
                        return spec_from_file_location(fullname, file)
        return None
def install():
    sys.meta_path.append(_EditableFinder)
"""

# scikit-build-core (editable.mode = "redirect"): sources by their paths, extension modules in site-packages.
SCIKIT_BUILD_FINDER = """
import importlib.abc, importlib.util, os, sys
class ScikitBuildRedirectingFinder(importlib.abc.MetaPathFinder):
    def __init__(self, sources, built, submodules):
        self.sources, self.built, self.submodules = sources, built, submodules
    def find_spec(self, fullname, path=None, target=None):
        places = self.submodules.get(fullname)
        if fullname in self.built:
            return importlib.util.spec_from_file_location(
                fullname, os.path.join(os.path.dirname(__file__), self.built[fullname]))
        if fullname in self.sources:
            return importlib.util.spec_from_file_location(
                fullname, self.sources[fullname], submodule_search_locations=places)
        return None
def install(*arguments):
    sys.meta_path.insert(0, ScikitBuildRedirectingFinder(*arguments))
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write(tmp_path / "project", ["src/acme/__init__.py", "src/acme/part.py"])


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "env" / "lib" / "python3" / "site-packages"
    folder.mkdir(parents=True)
    return folder


def installed(site: Path, code: str = "import acme.part", cell: str = "") -> dict[str, tuple[str, str]]:
    return found(f"import site; site.addsitedir({str(site)!r})\n{code}", cell=cell)


@pytest.mark.parametrize(
    "name",
    [
        "__editable__.acme-0.1.pth",  # setuptools, a src layout
        "_acme.pth",  # hatchling, uv
        "acme.pth",  # flit, poetry, pdm, maturin
        "easy-install.pth",  # setup.py develop
    ],
)
def test_a_path_file_leads_to_the_source(project: Path, site: Path, name: str) -> None:
    write(site, {name: f"{project / 'src'}\n", "acme-0.1.dist-info/RECORD": f"{name},,\n"})
    expected = {"acme": ("package", str(project / "src" / "acme"))}
    assert installed(site) == expected
    assert installed(site, "pass", cell="def f(): import acme.part") == expected


def test_so_does_the_finder_of_setuptools(project: Path, site: Path) -> None:
    write(project, ["single.py", "odd/__init__.py", "odd/inner.py"])
    mapping = {
        "acme": str(project / "src" / "acme"),
        "single": str(project / "single"),
        "named": str(project / "odd"),
    }
    write(
        site,
        {
            "__editable__.acme-0.1.pth": "import __editable___acme_finder; __editable___acme_finder.install()\n",
            "__editable___acme_finder.py": SETUPTOOLS_FINDER.format(mapping=mapping),
        },
    )
    assert installed(site, "import acme.part, single, named.inner") == {
        "acme": ("package", str(project / "src" / "acme")),
        "single": ("module", str(project / "single.py")),
        "named": ("package", str(project / "odd")),
    }
    cell = "def f():\n    import acme, single\n    from named import inner"
    assert set(installed(site, "pass", cell)) == {"acme", "single", "named"}


def test_and_the_links_of_its_strict_mode(project: Path, site: Path) -> None:
    links = project / "build" / "__editable__.acme-0.1-py3-none-any"
    (links / "acme").mkdir(parents=True)
    for name in ("__init__.py", "part.py"):
        (links / "acme" / name).symlink_to(project / "src" / "acme" / name)
    write(site, {"__editable__.acme-0.1.pth": f"{links}\n"})
    assert installed(site) == {"acme": ("package", str(project / "src" / "acme"))}


def test_and_the_finder_of_scikit_build(project: Path, site: Path) -> None:
    source = project / "src" / "acme"
    arguments = (
        {"acme": str(source / "__init__.py"), "acme.part": str(source / "part.py")},
        {"acme._core": "acme/_core.so"},
        {"acme": [str(source), str(site / "acme")]},
    )
    install = f"import _acme_editable; _acme_editable.install(*{arguments!r})\n"
    write(
        site, {"_acme_editable.pth": install, "_acme_editable.py": SCIKIT_BUILD_FINDER, "acme/_core.so": ""}
    )
    assert installed(site) == {"acme": ("package", str(source))}


def test_a_part_of_a_namespace_that_is_mapped_to_another_folder_is_a_library_of_its_dotted_name(
    project: Path, site: Path
) -> None:
    write(project, ["yaml/__init__.py", "yaml/inner.py"])
    mapping = {"ruamel.yaml": str(project / "yaml")}
    namespace = (
        "import importlib.machinery as m\n"
        "class Namespace:\n"
        "    @staticmethod\n"
        "    def find_spec(name, path=None, target=None):\n"
        "        if name == 'ruamel':\n"
        "            spec = m.ModuleSpec(name, None, is_package=True)\n"
        "            spec.submodule_search_locations = ['__editable__.placeholder']\n"
        "            return spec\n"
        "import sys; sys.meta_path.append(Namespace)\n"
    )
    write(site, {"__editable___r_finder.py": namespace + SETUPTOOLS_FINDER.format(mapping=mapping)})
    write(site, {"__editable__.r.pth": "import __editable___r_finder; __editable___r_finder.install()\n"})
    expected = {"ruamel.yaml": ("package", str(project / "yaml"))}
    assert installed(site, "import ruamel.yaml.inner") == expected
    assert installed(site, "pass", cell="from ruamel.yaml import inner") == expected


def test_members_of_a_workspace_that_import_one_another_are_all_found(tmp_path: Path, site: Path) -> None:
    members = tmp_path / "work" / "packages"
    write(members / "app", {"src/app/__init__.py": "def run():\n    import core.tables\n"})
    write(members / "core", {"src/core/__init__.py": "import shared", "src/core/tables.py": ""})
    write(members / "shared", ["src/shared/__init__.py"])
    for name in ("app", "core", "shared"):
        write(site, {f"_{name}.pth": f"{members / name / 'src'}\n"})
    for code, cell in (("import app", ""), ("pass", "def f(): import app")):
        assert set(installed(site, code, cell)) == {"app", "core", "shared"}
