"""autoegg was upgraded under a live kernel: one sentence says so, once."""

from __future__ import annotations

from pathlib import Path

from autoegg.kernel.upgraded import Upgraded

TEXT = '"""Says what it is."""\n\n__version__ = "{}"\n'


def test_another_version_in_its_place_is_reported_once(tmp_path: Path) -> None:
    file = tmp_path / "__init__.py"
    file.write_text(TEXT.format("0.1.0"))
    upgraded = Upgraded(file, "0.1.0")
    assert upgraded.notice() is None
    file.write_text(TEXT.format("0.1.1") + "# more\n")
    assert upgraded.notice() == (
        "autoegg 0.1.1 was installed while this kernel runs 0.1.0: restart the kernel, so that all of it has one version"
    )
    assert upgraded.notice() is None


def test_the_same_version_again_and_a_file_that_is_gone_for_a_moment_are_nothing_new(tmp_path: Path) -> None:
    file = tmp_path / "__init__.py"
    file.write_text(TEXT.format("0.1.0"))
    upgraded = Upgraded(file, "0.1.0")
    file.unlink()
    assert upgraded.notice() is None
    file.write_text(TEXT.format("0.1.0") + "# installed again\n")
    assert upgraded.notice() is None
