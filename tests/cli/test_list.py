"""``autoegg ls``: which libraries a path stands for, what of them is shipped, and by which rule."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest


def rules(data: Any, path: object) -> dict[str, str]:
    """Path in the egg, or on disk where it is left out → rule."""
    found = {}
    for library in data("ls", path)["libraries"]:
        found |= {file["path"]: file["rule"] for file in library["files"]}
        root = Path(library["spec"]["path"]).parent
        found |= {
            Path(item["path"]).relative_to(root).as_posix(): item["rule"] for item in library["leftOut"]
        }
    return found


def libraries(data: Any, path: object) -> list[tuple[str, str]]:
    return [(library["spec"]["name"], library["spec"]["kind"]) for library in data("ls", path)["libraries"]]


def test_each_file_is_listed_with_the_rule_that_ships_it_or_does_not(
    data: Any, files: Any, project: Path
) -> None:
    subprocess.run(["git", "init", "-q"], cwd=project, check=True)
    (project / ".gitignore").write_text("*.log\n_version.py\n")
    (project / "pyproject.toml").write_text(
        '[tool.autoegg]\nexclude = ["src/acme/old.py"]\ninclude = ["src/acme/.shown"]\n'
    )
    files(
        project / "src" / "acme",
        *("_version.py", "run.log", "old.py", ".shown", ".other", "api_key.json", "a.pyc"),
        *("__pycache__/a.pyc", "env/pyvenv.cfg", "build/x.py", "x.egg-info/PKG-INFO", "node_modules/m.py"),
    )
    assert rules(data, project) == {
        "acme/__init__.py": "code",
        "acme/rates.py": "code",
        "acme/_version.py": "code",
        "acme/table.csv": "data",
        "acme/.shown": "include",
        "acme/run.log": ".gitignore",
        "acme/old.py": "exclude",
        "acme/.other": "hidden",
        "acme/api_key.json": "secret",
        "acme/a.pyc": "cache",
        "acme/__pycache__": "cache",
        "acme/env": "environment",
        "acme/build": "build output",
        "acme/x.egg-info": "build output",
        "acme/node_modules": "build output",
    }


def test_for_a_person_it_is_a_table_and_warnings_go_beside_it(
    autoegg: Any, files: Any, project: Path
) -> None:
    files(project / "src" / "acme", ".env")
    said = autoegg("ls", "project")
    assert said.returncode == 0
    assert said.stdout.startswith("acme (package): 3 files, ")
    assert any(line.split() == ["acme/rates.py", "20", "bytes", "code"] for line in said.stdout.splitlines())
    assert (
        f"{project}/src/acme/.env looks like a secret (it has the name of one) and is not shipped"
        in said.stderr
    )


def test_the_current_folder_is_meant_where_none_is_given(data: Any, files: Any, tmp_path: Path) -> None:
    files(tmp_path, "here/__init__.py")
    assert [library["spec"]["name"] for library in data("ls")["libraries"]] == ["here"]


@pytest.mark.parametrize(
    ("paths", "settings", "found"),
    [
        (["src/a/__init__.py", "src/b/__init__.py", "tests/test_a.py"], {}, [("a", "package"), ("b", "package")]),
        (["a/__init__.py", "setup.py", "tests/__init__.py", "docs/conf.py"], {}, [("a", "package")]),
        (["lib/a/__init__.py"], {"setup.py": "setup(package_dir={'': 'lib'})"}, [("a", "package")]),
        (["lib/a/__init__.py"], {"setup.cfg": "[options]\npackage_dir =\n    = lib\n"}, [("a", "package")]),
        (["src/ns/part/__init__.py", "src/one.py"], {}, [("ns", "namespace"), ("one", "module")]),
        (["six.py", "setup.py", "conftest.py"], {}, [("six", "module")]),
        (["one.py", "two.py", "three.py"], {"setup.py": "setup(\n    py_modules=['one', 'two'],\n)"},
         [("one", "module"), ("two", "module")]),
        (["code/__init__.py", "code/x.py"], {"setup.py": "setup(package_dir={'real': 'code'})"}, [("real", "package")]),
        (["code/__init__.py"], {"pyproject.toml": "[tool.setuptools.package-dir]\nreal = 'code'\n"}, [("real", "package")]),
        (["py/a/__init__.py"], {"pyproject.toml": "[tool.setuptools.packages.find]\nwhere = ['py']\n"}, [("a", "package")]),
        (["py/a/__init__.py"], {"pyproject.toml": "[tool.hatch.build.targets.wheel]\npackages = ['py/a']\n"}, [("a", "package")]),
        (["py/a/__init__.py"], {"pyproject.toml": "[[tool.poetry.packages]]\ninclude = 'a'\nfrom = 'py'\n"}, [("a", "package")]),
        (["py/a/__init__.py"], {"pyproject.toml": "[tool.uv.build-backend]\nmodule-root = 'py'\n"}, [("a", "package")]),
        (["src/top/__init__.py", "packages/x/src/x/__init__.py", "packages/x/pyproject.toml"],
         {"pyproject.toml": "[tool.uv.workspace]\nmembers = ['packages/*']\n"}, [("x", "package"), ("top", "package")]),
        (["one/pyproject.toml", "one/src/a/__init__.py", "libs/two/setup.py", "libs/two/b/__init__.py"], {},
         [("b", "package"), ("a", "package")]),
        (["__init__.py", "setup.py", "a/__init__.py"], {}, [("a", "package")]),
    ],
)  # fmt: skip
def test_a_project_stands_for_the_libraries_that_its_layout_says(
    data: Any,
    files: Any,
    tmp_path: Path,
    paths: list[str],
    settings: dict[str, str],
    found: list[tuple[str, str]],
) -> None:
    root = files(tmp_path / "project", "pyproject.toml", *paths)
    for name, text in settings.items():
        (root / name).write_text(text)
    assert libraries(data, root) == found


def test_a_file_or_folder_inside_a_package_stands_for_the_whole_package(
    data: Any, files: Any, project: Path
) -> None:
    files(project, "src/acme/deep/__init__.py", "src/acme/deep/x.py")
    for path in ("src/acme", "src/acme/deep", "src/acme/deep/x.py", "src/acme/rates.py"):
        assert libraries(data, project / path) == [("acme", "package")], path


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("nothing", "nothing does not exist"),
        ("/", "/ is the root of the file system and cannot be a library"),
        ("empty", "empty contains no package of its own"),
        ("bad-name/__init__.py", '"bad-name" is not a valid Python module name'),
        ("env", "env is a virtual environment and cannot be a library"),
    ],
)
def test_what_is_no_library_is_refused_in_one_sentence(
    autoegg: Any, files: Any, tmp_path: Path, path: str, said: str
) -> None:
    (tmp_path / "empty").mkdir()
    files(tmp_path, "bad-name/__init__.py", "env/pyvenv.cfg", "env/lib/x.py")
    answer = autoegg("ls", path)
    assert answer.returncode == 1 and answer.stdout == ""
    (line,) = answer.stderr.splitlines()
    assert line.startswith("autoegg: ") and said in line
    assert said in autoegg("ls", path, "--json").stdout.replace('\\"', '"')


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "say what to do"),
        (["frobnicate"], 'there is no command "frobnicate"'),
        (["ls", "a", "b"], '"b" is one path too many'),
        (["ls", "--colour"], "Unknown option '--colour'"),
        (["ls", "-o", "x.egg"], "-o belongs to `autoegg build`"),
        (["doctor", "x"], "`autoegg doctor` takes no path"),
        (["build"], "`autoegg build` needs -o FILE.egg"),
    ],
)
def test_a_wrong_command_line_is_refused_with_the_usage(
    autoegg: Any, arguments: list[str], said: str
) -> None:
    answer = autoegg(*arguments)
    assert answer.returncode == 2 and answer.stdout == ""
    assert said in answer.stderr.splitlines()[0]
    assert "usage: autoegg ls" in answer.stderr


def test_help_and_version_are_answered(autoegg: Any) -> None:
    import autoegg as package

    assert "usage: autoegg ls" in autoegg("--help").stdout
    assert autoegg("--version").stdout == f"{package.__version__}\n"
