"""Code of one's own is found wherever it lies, whole and under the name that it is imported by; installed code is not."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import pytest

from finding import found, write


@pytest.mark.parametrize("folder", [".", "src", "lib", "deep/er"])
def test_a_package_is_its_directory_whatever_folder_it_is_in(tmp_path: Path, folder: str) -> None:
    root = write(tmp_path / folder, ["acme/__init__.py", "acme/part.py"])
    assert found("import acme.part", path=[root]) == {"acme": ("package", str(root / "acme"))}


def test_several_top_levels_are_libraries_of_their_own(tmp_path: Path) -> None:
    write(tmp_path, {"one/__init__.py": "import two", "two/__init__.py": "import three", "three.py": ""})
    assert found("import one", path=[tmp_path]) == {
        "one": ("package", str(tmp_path / "one")),
        "two": ("package", str(tmp_path / "two")),
        "three": ("module", str(tmp_path / "three.py")),
    }


def test_a_folder_on_pythonpath_counts_like_one_that_the_notebook_added(tmp_path: Path) -> None:
    write(tmp_path, ["acme/__init__.py"])
    assert "acme" in found("import acme", environment={"PYTHONPATH": str(tmp_path)})


def test_what_lies_beside_and_below_the_notebook_is_found(tmp_path: Path) -> None:
    write(tmp_path, ["helpers.py", "below/acme/__init__.py", "below/acme/part.py"])
    assert found("import sys; sys.path.insert(0, '')\nimport helpers, below.acme.part", cwd=tmp_path) == {
        "helpers": ("module", str(tmp_path / "helpers.py")),
        "below": ("namespace", str(tmp_path / "below")),
    }


def test_a_namespace_is_each_of_its_local_portions_that_is_used(tmp_path: Path) -> None:
    for part in ("one", "two", "three"):
        write(tmp_path / part, [f"acme/{part}/__init__.py", f"acme/{part}/x.py"])
    roots = [tmp_path / part for part in ("one", "two", "three")]
    assert found("import acme.one.x", path=roots) == {"acme": ("namespace", str(tmp_path / "one" / "acme"))}
    assert set(found("import acme.one", path=roots, cell="def f(): from acme import two").values()) == {
        ("namespace", str(tmp_path / "two" / "acme"))
    }


def test_a_portion_that_only_a_worker_function_imports_is_found_though_the_namespace_is_loaded(
    tmp_path: Path,
) -> None:
    write(tmp_path / "one", {"acme/one.py": "def f():\n    import acme.deep.two\n"})
    write(tmp_path / "two", ["acme/deep/two.py"])
    roots = [tmp_path / "one", tmp_path / "two"]
    for cell in ("import acme.deep.two", "from acme.deep import two", "def f():\n    import acme.deep.two"):
        assert str(tmp_path / "two" / "acme") in {
            place for _, place in found("pass", path=roots, cell=cell).values()
        }, cell
    # The kernel keeps both: one name, two specs; here the last one is seen.
    assert found("import acme.one", path=roots) in (
        {"acme": ("namespace", str(tmp_path / "one" / "acme"))},
        {"acme": ("namespace", str(tmp_path / "two" / "acme"))},
    )


def test_a_namespace_that_merges_with_an_installed_one_is_its_local_portion_only(tmp_path: Path) -> None:
    installed = write(
        tmp_path / "site-packages", ["google/protobuf/__init__.py", "google/protobuf/message.py"]
    )
    local = write(tmp_path / "src", ["google/ours/__init__.py"])
    for roots in ([installed, local], [local, installed]):
        code = "import google.protobuf.message, google.ours"
        assert found(code, path=roots) == {"google": ("namespace", str(local / "google"))}


@pytest.mark.parametrize("local_first", [True, False])
def test_a_pkgutil_namespace_is_its_local_portion(tmp_path: Path, local_first: bool) -> None:
    init = "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n"
    installed = write(tmp_path / "site-packages", {"acme/__init__.py": init, "acme/theirs.py": ""})
    local = write(tmp_path / "src", {"acme/__init__.py": init, "acme/ours.py": ""})
    roots = [local, installed] if local_first else [installed, local]
    kind = "package" if local_first else "namespace"
    assert found("import acme.theirs, acme.ours", path=roots) == {"acme": (kind, str(local / "acme"))}


def test_a_package_keeps_its_import_name_whatever_its_folder_is_called(tmp_path: Path) -> None:
    write(tmp_path, ["code/__init__.py", "code/part.py"])
    finder = f"""
import sys
from importlib.util import spec_from_file_location
class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "real":
            return spec_from_file_location(name, {str(tmp_path / "code" / "__init__.py")!r},
                                           submodule_search_locations=[{str(tmp_path / "code")!r}])
sys.meta_path.append(Finder)
"""
    assert found(finder + "import real.part") == {"real": ("package", str(tmp_path / "code"))}
    assert found(finder, cell="def f(): import real.part") == {"real": ("package", str(tmp_path / "code"))}


def test_a_linked_tree_is_the_place_that_the_link_leads_to(tmp_path: Path) -> None:
    real = write(tmp_path / "real", ["acme/__init__.py", "acme/part.py"])
    (tmp_path / "link").symlink_to(real)
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / "acme").symlink_to(real / "acme")
    for root in (tmp_path / "link", tmp_path / "linked"):
        assert found("import acme.part", path=[root]) == {"acme": ("package", str(real / "acme"))}


@pytest.mark.parametrize(
    "body",
    [
        "import helpers",
        "import os, helpers",
        "import os; import helpers",
        "import helpers as h  # a comment, with commas",
        "from helpers import (\n        f,  # first\n        g,\n    )",
        "try: import helpers\n    except ImportError: helpers = None",
        "if True: import helpers",
        "import importlib; importlib.import_module('helpers')",
        '__import__("helpers")',
    ],
)
def test_an_import_inside_a_function_is_found_in_a_cell_and_in_a_library(tmp_path: Path, body: str) -> None:
    function = f"def later():\n    {body}\n"
    write(tmp_path, {"helpers.py": "", "front.py": function})
    assert "helpers" in found("pass", cell=function, path=[tmp_path])
    assert "helpers" in found("import front", path=[tmp_path])


def test_what_a_module_imports_that_only_workers_import_is_found(tmp_path: Path) -> None:
    write(tmp_path, {"acme/__init__.py": "", "acme/jobs.py": "import helpers", "helpers.py": "import deeper"})
    write(tmp_path, {"deeper/__init__.py": "", "deeper/x.py": "import acme"})
    assert set(found("import acme", path=[tmp_path])) == {"acme", "helpers", "deeper"}


def test_imports_that_lead_nowhere_or_into_something_broken_find_nothing_and_harm_nothing(
    tmp_path: Path,
) -> None:
    write(tmp_path, {"front.py": "import nowhere, os.path.x\nfrom .. import y\nimport_module('.rel')\n" * 2})
    broken = "import nowhere\nimport os.nothing\nimport front\nfrom front import *\nimport_module('')"
    assert set(found("pass", cell=broken, path=[tmp_path])) == {"front"}


def test_what_a_failed_import_leaves_behind_belongs_to_its_package(tmp_path: Path) -> None:
    write(tmp_path, {"acme/__init__.py": "from . import part, broken", "acme/part.py": ""})
    write(tmp_path, {"acme/broken.py": "1 / 0", "acme/deep/__init__.py": "from .. import part\n1 / 0"})
    failing = "try:\n    import acme{}\nexcept ZeroDivisionError:\n    pass\n"
    package = {"acme": ("package", str(tmp_path / "acme"))}
    assert found(failing.format(""), path=[tmp_path]) == package
    (tmp_path / "acme" / "__init__.py").write_text("from . import deep")
    assert found(failing.format(".deep"), path=[tmp_path]) == package


def test_what_was_installed_is_no_library_wherever_it_was_installed(tmp_path: Path) -> None:
    vendor = write(tmp_path / "vendor", ["their/__init__.py", "ns/their.py", "ours.py", "ns/ours.py"])
    record = "their/__init__.py,sha256=x,0\nns/their.py,sha256=y,0\ntheir-1.0.dist-info/RECORD,,\n"
    write(vendor, {"their-1.0.dist-info/RECORD": record})
    site = write(tmp_path / "env" / "lib" / "python3.11" / "site-packages", ["other/__init__.py"])
    code = "import their, ours, ns.their, ns.ours, other, json"
    assert found(code, path=[vendor, site]) == {
        "ours": ("module", str(vendor / "ours.py")),
        "ns": ("namespace", str(vendor / "ns")),
    }
    assert found("pass", cell="import their, other", path=[vendor, site]) == {}


def test_a_checkout_in_the_environments_src_folder_is_ones_own(tmp_path: Path) -> None:
    import venv

    venv.create(tmp_path / "env", symlinks=True)
    source = write(tmp_path / "env" / "src" / "acme", ["acme/__init__.py"])
    write(tmp_path / "env" / "share", ["theirs/__init__.py"])
    python = tmp_path / "env" / "bin" / "python"
    code = "import acme, theirs"
    assert set(found(code, path=[source, tmp_path / "env" / "share"], python=python)) == {"acme"}


def test_a_package_in_a_zip_file_is_not_taken_for_a_folder(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "code.zip", "w") as archive:
        archive.writestr("zipped/__init__.py", "")
    assert found("import zipped", path=[tmp_path / "code.zip"]) == {}


def test_the_extension_itself_spark_and_editors_are_none(tmp_path: Path) -> None:
    editor = write(tmp_path / ".vscode-server" / "extensions" / "x", ["helper_of_an_editor.py"])
    code = "import autoegg.daemon.link, pyspark, helper_of_an_editor"
    assert found(code, path=[editor]) == {}
    assert sys.prefix not in str(found(code, path=[editor]))
