"""Files as people have them: of any name, age and size, and some that must not or cannot be shipped."""

from __future__ import annotations

import os
import subprocess
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from autoegg.daemon.link import DaemonLink
from autoegg.errors import AutoeggError, LibraryMissing, LibraryRefused
from autoegg.protocol import BarrierAnswer, LibrarySpec


def ask(link: DaemonLink, package: Path) -> BarrierAnswer:
    key = link.open(LibrarySpec("tagscrape", "package", str(package)))
    answer = link.barrier({key: None})[key]
    assert answer.failure is None, answer.failure
    return answer


def names(link: DaemonLink, reading: Any, package: Path) -> set[str]:
    return {name.removeprefix("tagscrape/") for name in reading.files_of(ask(link, package).delivery)} - {
        "__init__.py",
        "scrape.py",
        "parts/__init__.py",
        "words.txt",
    }


def settings(package: Path, text: str) -> None:
    (package.parent / "pyproject.toml").write_text(f"[tool.autoegg]\n{text}\n")


def refusal(link: DaemonLink, package: Path, kind: type[AutoeggError] = LibraryRefused) -> str:
    with pytest.raises(kind) as caught:
        link.open(LibrarySpec("tagscrape", "package", str(package)))
    sentence = str(caught.value)
    assert sentence.endswith(".") and "\n" not in sentence
    return sentence


@pytest.mark.parametrize(
    "name",
    [
        *(".env", "prod.env", ".env.local", ".netrc", ".pypirc", "credentials.json", "aws_credentials"),
        *("client_secret_123.json", "service-account-prod.json", "secrets.yaml", "id_rsa", "id_ed25519"),
        *("token.json", "api_key.txt", "access-token", "store.p12", "keys.jks", "pass.kdbx"),
    ],
)
def test_what_looks_like_a_secret_stays_out_with_a_warning_unless_it_is_named(
    link: DaemonLink, reading: Any, package: Path, name: str
) -> None:
    (package / name).write_text("hush")
    answer = ask(link, package)
    assert f"tagscrape/{name}" not in reading.files_of(answer.delivery)
    (warning,) = answer.warnings
    assert warning == (
        f"{package}/{name} looks like a secret (it has the name of one) and is not shipped: name it under include of [tool.autoegg] in "
        "pyproject.toml if workers need it."
    )
    for pattern in ("tagscrape/**", "tagscrape/", "*"):
        settings(package, f'include = ["{pattern}"]')
        assert name not in names(link, reading, package)
    settings(package, f'include = ["tagscrape/{name}"]')
    answer = ask(link, package)
    assert f"tagscrape/{name}" in reading.files_of(answer.delivery) and answer.warnings == ()


def test_code_is_no_secret_whatever_its_name_and_neither_is_ordinary_data(
    link: DaemonLink, reading: Any, package: Path
) -> None:
    files = {"secrets.py", "token.py", "credentials.py", "tokens.txt", "environment.yml", "secretary.csv"}
    files |= {"id_rsa.pub", "monkey.json", "tokenizer.json"}
    for name in files:
        (package / name).write_text("x")
    answer = ask(link, package)
    assert names(link, reading, package) == files and answer.warnings == ()


def test_a_key_file_is_a_secret_by_what_is_in_it(link: DaemonLink, reading: Any, package: Path) -> None:
    certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----\n"
    (package / "roots.pem").write_text(certificate)
    assert names(link, reading, package) == {"roots.pem"}
    (package / "roots.pem").write_text(certificate + key)
    assert names(link, reading, package) == set()
    (package / "roots.pem").write_text(certificate)
    assert names(link, reading, package) == {"roots.pem"}


def test_a_large_library_is_shipped_with_a_warning_that_names_its_largest_files(
    link: DaemonLink, package: Path
) -> None:
    for name, size in {"a.bin": 6, "b.bin": 3, "c.bin": 2, "d.bin": 1}.items():
        (package / name).write_bytes(bytes(size * 1_000_000))
    (warning,) = ask(link, package).warnings
    assert warning.startswith(
        f"{package} has 12 MB of files that each executor fetches (the largest: tagscrape/a.bin 6.0 MB, "
        "tagscrape/b.bin 3.0 MB, tagscrape/c.bin 2.0 MB): exclude"
    )


def sparse(path: Path, size: int) -> None:
    with path.open("wb") as file:
        file.truncate(size)


def test_too_many_bytes_are_refused_before_they_are_read_and_a_setting_moves_the_limit(
    link: DaemonLink, package: Path
) -> None:
    sparse(package / "model.bin", 600_000_000)
    sentence = refusal(link, package)
    assert sentence.startswith(
        f"{package} has 600 MB of files, more than the limit of 512 MB (the largest: tagscrape/model.bin 600 MB, "
    )
    assert sentence.endswith("): exclude data or raise max-megabytes under [tool.autoegg] in pyproject.toml.")
    settings(package, 'exclude = ["*.bin"]')
    ask(link, package)
    settings(package, "max-megabytes = 700")
    (package / "model.bin").unlink()
    sparse(package / "model.bin", 20_000_000)
    (warning,) = ask(link, package).warnings
    assert "has 20 MB of files" in warning


def test_the_limit_of_bytes_is_a_number_above_zero(link: DaemonLink, package: Path) -> None:
    for value in ('"much"', "0", "-1", "nan"):
        settings(package, f"max-megabytes = {value}")
        sentence = refusal(link, package, LibraryMissing)
        assert (
            "pyproject.toml cannot be understood: line 2: max-megabytes under [tool.autoegg] must be a number"
            in sentence
        )
    settings(package, "max-megabytes = 0.00001")
    assert "more than the limit of 10 bytes" in refusal(link, package)


def test_a_library_that_grows_too_large_is_refused_until_it_has_shrunk(opened: Any) -> None:
    sparse(opened.root / "model.bin", 600_000_000)
    failure = opened.barrier().failure
    assert failure is not None and failure.code == "too-large" and "600 MB" in failure.message
    (opened.root / "model.bin").unlink()
    assert opened.barrier().failure is None


def test_a_file_of_two_gigabytes_is_refused_by_name_and_can_be_excluded(
    link: DaemonLink, reading: Any, package: Path
) -> None:
    sparse(package / "huge.bin", 2**31)
    settings(package, "max-megabytes = 4000")
    assert refusal(link, package) == (
        f"{package}/huge.bin has 2.1 GB, and no egg can hold a file of 2 GB or more: exclude it under [tool.autoegg] in "
        "pyproject.toml."
    )
    settings(package, 'exclude = ["huge.bin"]')
    assert names(link, reading, package) == set()


def test_names_of_any_unicode_form_are_kept_as_they_are(
    link: DaemonLink, reading: Any, package: Path
) -> None:
    composed, decomposed = (unicodedata.normalize(form, "é.txt") for form in ("NFC", "NFD"))
    files = {composed, decomposed, "日本.py", "😀.txt", "a b\tc'd\"e.txt", "new\nline.txt"}
    for name in files:
        (package / name).write_text(name)
    contents = reading.files_of(ask(link, package).delivery)
    for name in files:
        assert contents[f"tagscrape/{name}"] == name.encode()


@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_name_that_is_not_utf8_is_refused_by_its_place_and_can_be_excluded(
    link: DaemonLink, reading: Any, package: Path, what: str
) -> None:
    odd = os.fsencode(package) + b"/caf\xe9"
    if what == "folder":
        os.mkdir(odd)
        Path(os.fsdecode(odd), "x.txt").write_text("x")
    else:
        with open(odd, "w") as file:  # noqa: PTH123 - a name of bytes
            file.write("x")
    sentence = refusal(link, package, LibraryMissing)
    assert sentence == (
        f"{package}/caf\ufffd has a name that is not UTF-8: rename it, or exclude it under [tool.autoegg] in "
        "pyproject.toml."
    )
    settings(package, 'exclude = ["caf*"]')
    assert names(link, reading, package) == set()


def test_a_backslash_in_a_name_is_refused_by_its_place(link: DaemonLink, package: Path) -> None:
    (package / "a\\b.txt").write_text("x")
    assert refusal(link, package, LibraryMissing).startswith(
        f"{package}/a\\b.txt has a backslash in its name"
    )


def test_files_of_any_age_make_the_same_egg(link: DaemonLink, package: Path) -> None:
    eggs = set()
    for moment in (0, 86_400, 315_532_800, 1_700_000_000, 4_500_000_000):
        for path in package.rglob("*"):
            os.utime(path, (moment, moment))
        delivery = ask(link, package).delivery
        assert delivery is not None
        eggs.add((delivery.version, delivery.base.digest))
    assert len(eggs) == 1


def test_an_edit_of_a_file_dated_in_the_future_is_seen(opened: Any) -> None:
    path = opened.root / "scrape.py"
    for turn in range(3):
        path.write_text(f"A = {turn}\n")
        os.utime(path, (4_500_000_000, 4_500_000_000))
        assert opened.barrier().changed == ("tagscrape/scrape.py",)
        assert opened.barrier().delivery is None


def test_empty_files_and_folders_are_no_exception(link: DaemonLink, reading: Any, package: Path) -> None:
    (package / "empty.txt").touch()
    (package / "nothing").mkdir()
    assert reading.files_of(ask(link, package).delivery)["tagscrape/empty.txt"] == b""


def test_ten_thousand_files_are_all_there(opened: Any, reading: Any) -> None:
    for folder in range(100):
        (opened.root / f"f{folder}").mkdir()
        for number in range(100):
            (opened.root / f"f{folder}" / f"m{number}.py").write_text(f"X = {number}\n")
    assert opened.barrier().failure is None
    assert reading.files_of(opened.whole().delivery) == reading.on_disk(opened.root)
    (opened.root / "f50" / "m50.py").write_text("X = 'edited'\n")
    assert opened.barrier().changed == ("tagscrape/f50/m50.py",)


def test_more_files_than_a_zip_can_name_are_refused(link: DaemonLink, package: Path) -> None:
    (package / "many").mkdir()
    folder = os.open(package / "many", os.O_RDONLY)
    try:
        for number in range(65_540):
            os.close(os.open(str(number), os.O_CREAT | os.O_WRONLY, dir_fd=folder))
    finally:
        os.close(folder)
    sentence = refusal(link, package)
    assert sentence.startswith(
        f"{package} has more than 65,535 files and folders, more than an egg can hold: exclude"
    )


def test_a_path_of_nearly_four_thousand_bytes_is_shipped_and_a_longer_one_is_named(
    link: DaemonLink, reading: Any, package: Path
) -> None:
    part = "d" * 200
    deep = package
    while len(bytes(deep)) + 2 * len(part) < 4_000:
        deep = deep / part
        deep.mkdir()
    deep = deep / ("e" * (4_000 - len(bytes(deep)) - len(part) - 2))
    deep.mkdir()
    file = deep / ("x" * (len(part) - 4) + ".txt")
    assert len(bytes(file)) == 4_000
    file.write_text("deep")
    assert names(link, reading, package) == {file.relative_to(package).as_posix()}
    # No path of more than 4,095 bytes can be opened; they come to be by renaming a folder above.
    package.rename(package.with_name("t"))
    package.with_name("t").rename(package.parent / ("t" * 120))
    longer = package.parent / ("t" * 120)
    sentence = refusal(link, longer, LibraryMissing)
    assert (
        sentence.startswith(str(longer))
        and "cannot be read (ENAMETOOLONG): make it readable, or exclude" in sentence
    )
    longer.rename(package)  # so that it can be removed


def test_a_device_is_no_file(link: DaemonLink, reading: Any, package: Path) -> None:
    (package / "null.py").symlink_to("/dev/null")
    (package / "zero.txt").symlink_to("/dev/zero")
    if os.geteuid() == 0:
        os.mknod(package / "device.py", 0o600 | 0o020000, os.makedev(1, 3))
    assert names(link, reading, package) == set()


def test_the_answer_has_the_rule_of_each_file_and_warnings(link: DaemonLink, package: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=package.parent, check=True)
    (package.parent / ".gitignore").write_text("*.log\n")
    for name in ("a.log", ".env", "made.bin"):
        (package / name).write_text("x")
    key = link.open(LibrarySpec("tagscrape", "package", str(package)))
    contents = link.contents(key)
    rules = {file["path"]: (file["rule"], file["size"]) for file in contents["files"]}
    assert rules["tagscrape/made.bin"] == ("data", 1)
    assert rules["tagscrape/words.txt"] == ("data", 6)
    assert rules["tagscrape/__init__.py"][0] == "code"
    assert {(item["path"], item["rule"]) for item in contents["leftOut"]} == {
        (f"{package}/a.log", ".gitignore"),
        (f"{package}/.env", "secret"),
    }
    (status,) = link.status()
    assert status["warnings"] == contents["warnings"] and ".env looks like a secret" in status["warnings"][0]


def test_the_libraries_of_a_path_can_be_asked_for(link: DaemonLink, package: Path, tmp_path: Path) -> None:
    assert link.find(str(package.parent)) == [LibrarySpec("tagscrape", "package", str(package))]
    with pytest.raises(LibraryRefused, match="contains no package of its own"):
        (tmp_path / "empty").mkdir()
        link.find(str(tmp_path / "empty"))
