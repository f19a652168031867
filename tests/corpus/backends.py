"""Small projects with each build backend, as their documentation has them: a package in ``src`` whose ``part`` module is edited.

Those of scikit-build-core and meson-python also have a module that the build makes, where a real one would have compiled it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

PART = "def value():\n    return 'as built'\n"
PART_WITH_BUILT = "from . import built\n\ndef value():\n    return built.VALUE\n"


@dataclass(frozen=True)
class Project:
    """Attributes:
    name: of the distribution and its package.
    requires: the build system's requirement.
    backend: its entry point.
    extra: what else stands in pyproject.toml.
    files: besides the package's own.
    outside: whether the made module stays outside of the sources, so that workers get it only by a link.
    """

    name: str
    requires: str
    backend: str
    extra: str = ""
    files: dict[str, str] = field(default_factory=dict)
    outside: bool = False

    def contents(self) -> dict[str, str]:
        """All files by their paths in the project."""
        pyproject = (
            f"[build-system]\nrequires = [{self.requires!r}]\nbuild-backend = {self.backend!r}\n\n"
            f"[project]\nname = {self.name!r}\nversion = '1.0'\ndescription = 'made for a test'\n\n{self.extra}"
        )
        return {
            "pyproject.toml": pyproject,
            f"src/{self.name}/__init__.py": '"""Made for a test."""\nfrom .part import value\n',
            f"src/{self.name}/part.py": PART_WITH_BUILT if self.files else PART,
            **self.files,
        }


_CMAKE = """cmake_minimum_required(VERSION 3.15)
project({name} LANGUAGES NONE)
configure_file(src/built.py.in {output}/built.py)
install(FILES {output}/built.py DESTINATION {name})
"""
_MESON = """project('of_meson', version: '1.0')
py = import('python').find_installation(pure: false)
py.install_sources('src/of_meson/__init__.py', 'src/of_meson/part.py', subdir: 'of_meson')
built = configure_file(input: 'src/built.py.in', output: 'built.py', configuration: {'VALUE': 'as built'})
py.install_sources(built, subdir: 'of_meson')
"""
_BUILT = "VALUE = 'as built'\n"


def _of_scikit_build(name: str, output: str, mode: str) -> Project:
    return Project(
        name,
        "scikit-build-core==1.1.2",
        "scikit_build_core.build",
        f"[tool.scikit-build]\nwheel.packages = ['src/{name}']\neditable.mode = '{mode}'\n",
        {"CMakeLists.txt": _CMAKE.format(name=name, output=output), "src/built.py.in": _BUILT},
        outside=mode == "redirect",
    )


PROJECTS = [
    Project("of_setuptools", "setuptools==84.2.1", "setuptools.build_meta"),
    Project("of_hatch", "hatchling==1.33.0", "hatchling.build"),
    Project("of_flit", "flit-core==4.2.0", "flit_core.buildapi"),
    Project("of_poetry", "poetry-core==2.5.0", "poetry.core.masonry.api"),
    Project("of_pdm", "pdm-backend==2.5.0", "pdm.backend"),
    Project("of_uv", "uv_build==0.13.6", "uv_build"),
    _of_scikit_build("of_scikit", "${CMAKE_CURRENT_BINARY_DIR}", "redirect"),
    _of_scikit_build("of_scikit_in_place", "${CMAKE_CURRENT_SOURCE_DIR}/src/of_scikit_in_place", "inplace"),
    Project(
        "of_meson",
        "meson-python==0.22.1",
        "mesonpy",
        files={"meson.build": _MESON, "src/built.py.in": "VALUE = '@VALUE@'\n"},
        outside=True,
    ),
]
