"""Keys, passwords and tokens stay at home, whatever they are called and however they come into the library."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from autoegg.daemon.link import DaemonLink
from autoegg.protocol import BarrierAnswer, LibrarySpec

KEY_TEXT = base64.b64encode(bytes(range(200))).decode()
PRIVATE_KEY = f"-----BEGIN PRIVATE KEY-----\n{KEY_TEXT}\n-----END PRIVATE KEY-----\n"
# Put together here, so that nobody who searches this repository for tokens finds one.
GITHUB_TOKEN = "ghp_" + "a1B2c3D4e5" * 3 + "f6G7h8"


def ask(link: DaemonLink, package: Path) -> BarrierAnswer:
    key = link.open(LibrarySpec("tagscrape", "package", str(package)))
    answer = link.barrier({key: None})[key]
    assert answer.failure is None, answer.failure
    return answer


def shipped(reading: Any, answer: BarrierAnswer) -> set[str]:
    return {name.removeprefix("tagscrape/") for name in reading.files_of(answer.delivery)}


NAMES = [
    *("rootkey.csv", "bob_accessKeys.csv", "accessKeys.csv", "new_user_credentials.csv"),
    *("rsa_key.p8", "spark.keytab", "krb5cc_1000", "cluster.jceks", "kubeconfig", "prod.kubeconfig"),
    *("prod.tfvars", "prod.auto.tfvars.json", "terraform.tfstate", "terraform.tfstate.backup"),
    *("profiles.yml", "kaggle.json", "project-firebase-adminsdk-abc.json", "vault-password"),
    *("creds.json", "aws-creds.json", "netrc", "_netrc", "npmrc", "pgpass", "pypirc", "htpasswd", "my.cnf"),
    *("id_rsa.bak", "id_rsa.old", "credentials.json.orig", "credentials.bak.json", "creds (1).json"),
    *("prod.env.1", "api_key.txt copy", "Credentials.JSON", "deploy_id_ed25519", "secret.key", "vpn.ovpn"),
]
ORDINARY = [
    *("credentials.json.example", "creds.sample.json", "netrc.template", "secrets.yaml.j2", "id_rsa.pub"),
    *("common-passwords.txt", "keynote.csv", "profiles.csv", "environment.yml", "tfvars.md", "keytabs.txt"),
    *("tokens.txt", "tokenizer.json", "public_key", "statefile.json"),
]


def test_files_with_names_that_programs_give_their_secrets_stay_out_and_their_templates_do_not(
    link: DaemonLink, reading: Any, package: Path
) -> None:
    before = shipped(reading, ask(link, package))
    for name in NAMES + ORDINARY:
        (package / name).write_text("user = you\n")
    answer = ask(link, package)
    assert shipped(reading, answer) - before == set(ORDINARY)
    assert sorted(warning.partition(" and is")[0] for warning in answer.warnings) == sorted(
        f"{package}/{name} looks like a secret (it has the name of one)" for name in NAMES
    )


SERVICE_ACCOUNT = json.dumps({"type": "service_account", "private_key": PRIVATE_KEY}, indent=1)
CONTENTS = {
    "my-project-0a1b2c3d4e5f.json": (SERVICE_ACCOUNT, "a private key"),
    "notes.txt": (f"the bot's token is {GITHUB_TOKEN}\n", "a secret (github token)"),
    "aws.ini": (f"aws_secret_access_key = {KEY_TEXT[:40]}\n", "a secret (aws secret access key)"),
    "cluster.yaml": (f"users:\n- user:\n    client-key-data: {KEY_TEXT}\n", "a key of a Kubernetes client"),
    "config.json": ('{"auths": {"ghcr.io": {"auth": "dXNlcjpwYXNz"}}}', "logins of container registries"),
    "login": ("machine api.wandb.ai login user password hush\n", "a login"),
    "blob.cfg": (f"AccountKey={(KEY_TEXT * 2)[:86]}==;", "a key of an Azure storage account"),
    "deploy.md": (f"paste this:\n\n{PRIVATE_KEY}", "a private key"),
}


def test_a_text_file_is_a_secret_by_what_is_in_it(link: DaemonLink, reading: Any, package: Path) -> None:
    for name, (text, _) in CONTENTS.items():
        (package / name).write_text(text)
    answer = ask(link, package)
    assert not shipped(reading, answer) & set(CONTENTS)
    assert sorted(warning.partition(" and is")[0] for warning in answer.warnings) == sorted(
        f"{package}/{name} looks like a secret (it contains {what})" for name, (_, what) in CONTENTS.items()
    )


def test_what_only_speaks_of_keys_is_shipped(link: DaemonLink, reading: Any, package: Path) -> None:
    texts = {
        "README.md": "A key begins with `-----BEGIN PRIVATE KEY-----` and a token with `ghp_`.\n",
        "arn.csv": "aws_account_id = 123456789012\n",
        "roots.pem": f"-----BEGIN CERTIFICATE-----\n{KEY_TEXT}\n-----END CERTIFICATE-----\n",
        "auth.json": '{"auths": {}}',
    }
    for name, text in texts.items():
        (package / name).write_text(text)
    answer = ask(link, package)
    assert shipped(reading, answer) >= set(texts) and answer.warnings == ()


def test_a_secret_that_is_saved_into_a_file_takes_it_out_and_its_removal_brings_it_back(
    link: DaemonLink, reading: Any, package: Path
) -> None:
    notes = package / "words.txt"
    assert "words.txt" in shipped(reading, ask(link, package))
    notes.write_text(GITHUB_TOKEN)
    answer = ask(link, package)
    assert "words.txt" not in shipped(reading, answer) and len(answer.warnings) == 1
    (package / "scrape.py").write_text("A = 2\n")
    assert "words.txt" not in shipped(reading, ask(link, package))
    notes.write_text("alpha\n")
    answer = ask(link, package)
    assert "words.txt" in shipped(reading, answer) and answer.warnings == ()


def test_many_files_are_looked_through_too(link: DaemonLink, reading: Any, package: Path) -> None:
    for number in range(600):
        (package / f"{number}.txt").write_text(f"{number}\n")
    (package / "599.txt").write_text(GITHUB_TOKEN)
    files = shipped(reading, ask(link, package))
    assert "598.txt" in files and "599.txt" not in files


def test_a_secret_is_shipped_where_the_project_names_its_file_and_code_always_is(
    link: DaemonLink, reading: Any, package: Path
) -> None:
    (package / "bot.txt").write_text(GITHUB_TOKEN)
    (package / "netrc.py").write_text(f"TOKEN = '{GITHUB_TOKEN}'\n")
    settings = package.parent / "pyproject.toml"
    settings.write_text('[tool.autoegg]\ninclude = ["tagscrape/*"]\n')
    assert "netrc.py" in shipped(reading, ask(link, package)) - {"bot.txt"}
    assert "bot.txt" not in shipped(reading, ask(link, package))
    settings.write_text('[tool.autoegg]\ninclude = ["tagscrape/bot.txt"]\n')
    answer = ask(link, package)
    assert "bot.txt" in shipped(reading, answer) and answer.warnings == ()
    settings.write_text("")
    assert "bot.txt" not in shipped(reading, ask(link, package))


def test_a_link_is_judged_by_what_it_leads_to(link: DaemonLink, reading: Any, package: Path) -> None:
    home = package.parent / "home"
    for place in (".ssh/known_hosts", ".aws/config", ".config/gcloud/active", "id_rsa", "plain/table.csv"):
        (home / place).parent.mkdir(parents=True, exist_ok=True)
        (home / place).write_text("hush")
    (home / "plain" / "bot").write_text(GITHUB_TOKEN)
    links = {
        "hosts.txt": ".ssh/known_hosts",
        "key.txt": "id_rsa",
        "key.py": "id_rsa",
        "cloud": ".config/gcloud",
        "aws": ".aws",
        "bot.txt": "plain/bot",
        "table.csv": "plain/table.csv",
        "plain": "plain",
    }
    for name, target in links.items():
        (package / name).symlink_to(home / target)
    answer = ask(link, package)
    files = {name for name in shipped(reading, answer) if name.partition("/")[0] in links}
    assert files == {"table.csv", "plain/table.csv"}
    assert {warning.partition(" looks")[0].removeprefix(f"{package}/") for warning in answer.warnings} == {
        *("hosts.txt", "key.txt", "key.py", "cloud", "aws", "bot.txt", "plain/bot")
    }
    assert f"key.txt looks like a secret (it leads to {home}/id_rsa)" in " ".join(answer.warnings)
    (home / "plain" / "bot").write_text("none any more")
    assert "bot.txt" in shipped(reading, ask(link, package))
