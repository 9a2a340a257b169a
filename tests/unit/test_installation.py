"""The command that adds an extra, for each way in which the program may have been installed."""

import json
import os
import shlex
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import Distribution

import pytest

from docsearch_cli import installation
from docsearch_cli.fingerprint import DISTRIBUTION
from docsearch_cli.installation import install_hint
from tests.support import PACKAGE, REPOSITORY
from tests.unit.test_house import imports_of

METADATA = """Metadata-Version: 2.4
Name: docsearch-cli
Version: 0.1.0
Requires-Dist: pathspec>=0.12
Provides-Extra: semantic
Requires-Dist: no-such-package-a>=5.0; extra == 'semantic'
Requires-Dist: no-such-package-b>=0.20; extra == 'semantic'
Provides-Extra: sign
Requires-Dist: pytest>=8; extra == "sign"
"""
WHEEL = "file:///srv/docsearch_cli-0.1.0-py3-none-any.whl"


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Return a function that makes this process look as if it had been installed in some way."""

    def install(
        *, prefix="venv", installer="pip", url=None, editable=False, marks=(), own=True, pip=True
    ):
        environment = tmp_path / prefix
        packages = environment / "lib" / "site-packages"
        record = packages / "docsearch_cli-0.1.0.dist-info"
        record.mkdir(parents=True)
        (record / "METADATA").write_text(METADATA)
        (record / "INSTALLER").write_text(f"{installer}\n")
        if url is not None:
            details = {"dir_info": {"editable": True}} if editable else {"archive_info": {}}
            (record / "direct_url.json").write_text(json.dumps({"url": url, **details}))
        for mark in marks:
            (environment / mark).write_text("")
        package = packages / "docsearch_cli" if not editable else PACKAGE
        monkeypatch.setattr(installation, "_PACKAGE", package)
        monkeypatch.setattr(installation, "_distribution", lambda: Distribution.at(record))
        monkeypatch.setattr(installation, "_has_pip", lambda: pip)
        monkeypatch.setattr(sys, "prefix", str(environment))
        monkeypatch.setattr(sys, "base_prefix", "/usr" if own else str(environment))
        monkeypatch.setattr(sys, "executable", f"{environment}/bin/python")
        return f"{environment}/bin/python"

    return install


def test_pip_installs_into_the_environment_of_the_interpreter(installed):
    python = installed()

    assert install_hint("semantic") == (
        f"install it: {python} -m pip install 'docsearch-cli[semantic]'"
    )


def test_an_environment_without_pip_is_installed_into_from_outside(installed):
    python = installed(pip=False)

    assert install_hint("semantic") == (
        f"install it: python3 -m pip --python {python} install 'docsearch-cli[semantic]'"
    )


def test_uv_pip_installs_what_it_had_installed(installed):
    python = installed(installer="uv", url=WHEEL)

    assert install_hint("semantic") == (
        f"install it: uv pip install --python {python} 'docsearch-cli[semantic]'"
    )


def test_pipx_injects_the_packages_into_its_environment_by_name(installed):
    installed(prefix="docsearch-cli-new", marks=["pipx_metadata.json"], installer="uv")

    assert install_hint("semantic") == (
        "install it: pipx inject docsearch-cli-new"
        " 'no-such-package-a>=5.0' 'no-such-package-b>=0.20'"
    )


def test_a_uv_tool_is_installed_again_from_where_it_came_with_the_extras_that_it_had(installed):
    installed(marks=["uv-receipt.toml"], installer="uv", url=WHEEL)

    assert install_hint("semantic") == (
        f"install it: uv tool install 'docsearch-cli[semantic,sign] @ {WHEEL}'"
    )


def test_a_uv_tool_from_an_index_is_installed_again_by_name(installed):
    installed(marks=["uv-receipt.toml"], installer="uv")

    assert install_hint("sign") == "install it: uv tool install 'docsearch-cli[sign]'"


def test_uvx_is_told_what_to_run(installed):
    installed(prefix="archive-v0/x1", installer="uv")

    assert install_hint("semantic") == (
        "run it with them: uvx --from 'docsearch-cli[semantic,sign]' docsearch"
    )


@pytest.mark.parametrize("installer", ["pip", "uv"])
def test_an_editable_clone_is_installed_again_from_its_folder(installed, installer):
    python = installed(editable=True, url=REPOSITORY.as_uri(), installer=installer)
    tool = {"pip": f"{python} -m pip install", "uv": f"uv pip install --python {python}"}[installer]

    assert install_hint("sign") == f"install it: {tool} -e '{REPOSITORY}[sign]'"


def test_a_clone_that_was_never_installed_is_installed_from_its_folder(installed, monkeypatch):
    python = installed()
    monkeypatch.setattr(installation, "_PACKAGE", PACKAGE)
    monkeypatch.setattr(installation, "_distribution", lambda: None)

    assert install_hint("sign") == f"install it: {python} -m pip install -e '{REPOSITORY}[sign]'"


def test_a_python_of_the_system_is_left_alone(installed, monkeypatch, tmp_path):
    installed(own=False)
    (tmp_path / "stdlib").mkdir()
    (tmp_path / "stdlib" / "EXTERNALLY-MANAGED").write_text("")
    monkeypatch.setattr("sysconfig.get_path", lambda name: str(tmp_path / name))

    assert install_hint("sign") == (
        "install docsearch with it, in an environment of its own:"
        " pipx install 'docsearch-cli[sign]'"
    )


def test_a_python_outside_an_environment_takes_packages(installed, monkeypatch, tmp_path):
    python = installed(own=False)
    monkeypatch.setattr("sysconfig.get_path", lambda name: str(tmp_path / name))

    assert install_hint("sign") == f"install it: {python} -m pip install 'docsearch-cli[sign]'"

    monkeypatch.setattr("site.getusersitepackages", lambda: f"{tmp_path}/venv/lib/site-packages")

    assert install_hint("sign") == (
        f"install it: {python} -m pip install --user 'docsearch-cli[sign]'"
    )


def test_a_frozen_build_takes_no_packages(monkeypatch):
    monkeypatch.setattr(sys, "frozen", True, raising=False)

    assert install_hint("semantic") == (
        "install docsearch with it, in an environment of its own:"
        " pipx install 'docsearch-cli[semantic]'"
    )


def test_odd_paths_are_quoted(installed):
    python = installed(prefix="it's mine")
    words = shlex.split(install_hint("sign").removeprefix("install it: "))

    assert words == [python, "-m", "pip", "install", "docsearch-cli[sign]"]


@pytest.mark.parametrize("record", ["{", "[]", '{"url": 3}', '{"url": "", "dir_info": 7}'])
def test_a_record_of_the_origin_that_is_damaged_counts_as_none(installed, tmp_path, record):
    python = installed()
    (file,) = tmp_path.rglob("METADATA")
    (file.parent / "direct_url.json").write_text(record)

    assert install_hint("sign") == f"install it: {python} -m pip install 'docsearch-cli[sign]'"


def test_the_extras_are_those_of_the_project():
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]

    assert project["name"] == DISTRIBUTION
    for path in PACKAGE.rglob("*.py"):
        for extra in project["optional-dependencies"]:
            assert f"docsearch[{extra}]" not in path.read_text("utf-8"), path


def test_the_command_for_a_real_environment_is_one_that_its_pip_takes(tmp_path):
    """A real environment, with a copy that pip has installed there, and pip's own answer."""
    environment = tmp_path / "an environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    python = environment / "bin" / "python"
    packages = next((environment / "lib").glob("python*/site-packages"))
    shutil.copytree(PACKAGE, packages / "docsearch_cli")
    record = packages / "docsearch_cli-0.1.0.dist-info"
    record.mkdir()
    (record / "METADATA").write_text(METADATA)
    (record / "INSTALLER").write_text("pip\n")
    (record / "RECORD").write_text("docsearch_cli/__init__.py,,\n")
    program = "from docsearch_cli.installation import install_hint; print(install_hint('sign'))"
    asked = subprocess.run(
        [python, "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    words = shlex.split(asked.stdout.removeprefix("install it: "))
    told = subprocess.run(
        [sys.executable, *words[1:], "--no-index", "--no-deps", "--dry-run"],
        env={**os.environ, "PIP_NO_INDEX": "1"}, capture_output=True, text=True,
    )  # fmt: skip

    assert words[:4] == ["python3", "-m", "pip", "--python"]
    assert told.returncode == 0, told.stderr
    assert "docsearch-cli[sign]" in told.stdout


def test_nothing_that_runs_programs_is_at_hand():
    names = {name.split(".")[0] for name in imports_of(PACKAGE / "installation.py")}

    assert not names & {"subprocess", "os", "pip", "runpy", "multiprocessing"}
