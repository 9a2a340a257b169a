"""docs/formats-policy.md names the versions that the code has, and the limits of reading them."""

from __future__ import annotations

import re

import pytest

from docsearch_cli.cli.output import RESULT_VERSION
from docsearch_cli.explore.agents.table import AGENTS
from docsearch_cli.explore.step_functions import FUNCTIONS
from docsearch_cli.index import manifest
from docsearch_cli.runs import record_file
from tests.support import PACKAGE, REPOSITORY

POLICY = (REPOSITORY / "docs" / "formats-policy.md").read_text("utf-8")
VERSIONS = {
    "index": manifest.SCHEMA_VERSION,
    "run record": record_file.SCHEMA_VERSION,
    "exported run": record_file.SCHEMA_VERSION,
    "JSON of `--json`": RESULT_VERSION,
}


def row_of(name: str) -> list[str]:
    (row,) = re.findall(rf"^\| {re.escape(name)} \| (.+) \|$", POLICY, re.MULTILINE)
    return [cell.strip() for cell in row.split(" | ")]


@pytest.mark.parametrize("name", VERSIONS)
def test_the_policy_names_the_version_that_the_code_has(name):
    assert row_of(name)[0] == str(VERSIONS[name])


def test_every_number_of_a_format_is_in_the_policy():
    numbers = {
        f"{path.parent.name}/{path.name}"
        for path in PACKAGE.rglob("*.py")
        if re.search(r"^(SCHEMA|RESULT)_VERSION = \d+$", path.read_text("utf-8"), re.MULTILINE)
    }
    named = set(re.findall(r"_VERSION` in `([\w/]+\.py)`", POLICY))

    assert named == numbers


def test_the_policy_names_every_step_function_with_its_version():
    assert set(re.findall(r"\| `(explore\.\w+@\d+)` \|", POLICY)) == set(FUNCTIONS)
    assert AGENTS["local"].function in POLICY


def test_the_fixtures_say_which_versions_they_are_of():
    readme = (REPOSITORY / "tests" / "fixtures" / "records" / "README.md").read_text("utf-8")
    folders = {
        path.name
        for path in (REPOSITORY / "tests" / "fixtures" / "records").iterdir()
        if path.is_dir() and path.name not in ("pages", "damaged", "__pycache__")
    }

    assert set(re.findall(r"^\| `(\w+)` \|", readme, re.MULTILINE)) == folders
    assert f"| {manifest.SCHEMA_VERSION} | {record_file.SCHEMA_VERSION} |" in readme
