"""Rules of the house: layers, who prints, what help costs, and what is written down."""

import ast
import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from docsearch_cli import __version__
from tests.support import PACKAGE, REPOSITORY, Ended, command_line, run_command

# What a part of the package may import, besides models, config, errors and other leaves.
LEAVES = {
    "__init__",
    "environment",
    "errors",
    "files",
    "models",
    "config",
    "config_file",
    "document_settings",
    "run_limits",
    "personal_settings",
    "steps",
    "arrays",
    "string_table",
    "toml_text",
    "whole_numbers",
    "fingerprint",
    "installation",
    "byte_cache",
    "listed_synonyms",
    "forked_child",
    "forked_pool",
    "typed_bytes",
}
MAY_IMPORT = {
    "corpus": set(),
    "embed": set(),
    "llm": set(),
    "retrieval": {"corpus"},
    "graph": {"corpus", "retrieval"},
    "index": {"corpus", "embed", "retrieval", "graph"},
    "explore": {"corpus", "retrieval", "graph", "index", "llm"},
    "engine": {"llm"},
    "runs": {"engine", "explore", "index", "graph", "retrieval", "corpus", "llm"},
    "cluster": {"engine", "index"},
    "search": {
        *("runs", "engine", "explore", "index", "graph", "retrieval", "corpus", "llm", "embed"),
        "cluster",
    },
    "batch": {"search", "runs", "engine", "explore", "index", "retrieval", "corpus"},
    "evaluation": {
        *("batch", "search", "runs", "engine", "explore", "index", "graph", "retrieval", "corpus"),
        "llm",
    },
    "service": {
        *("api", "api_results", "exploration", "search", "runs", "engine", "explore", "index"),
        *("graph", "retrieval", "corpus"),
    },
    "report": {"evaluation", "runs", "explore", "index", "graph", "retrieval", "corpus"},
    "mcp_server": {"service", "search", "runs", "explore", "index"},
    "web": {
        *("service", "report", "search", "runs", "explore", "index", "graph", "corpus"),
        "retrieval",
    },
}
COMMANDS = [
    [],
    ["index"],
    ["ask"],
    ["show"],
    ["open"],
    ["replay"],
    ["resume"],
    ["fork"],
    ["runs"],
    ["runs", "list"],
    ["runs", "logs"],
    ["runs", "why"],
    ["runs", "verify"],
    ["runs", "replay"],
    ["runs", "diff"],
    ["runs", "export"],
    ["runs", "rm"],
    ["graph"],
    ["graph", "stats"],
    ["graph", "links"],
    ["graph", "path"],
    ["graph", "export"],
    ["eval"],
    ["status"],
    ["doctor"],
    ["completion"],
    ["cache"],
    ["cache", "stats"],
    ["cache", "explain"],
    ["cache", "clear"],
    ["config"],
    ["config", "show"],
    ["mcp"],
    ["mcp", "install"],
    ["serve"],
]
MODULES = sorted(PACKAGE.rglob("*.py"))
HEAVY = (
    "numpy",
    "networkx",
    "rank_bm25",
    "rich",
    "torch",
    "transformers",
    "diskcache",
    "docutils",
    "jinja2",
    "distributed",
)


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@cache
def imports_of(path: Path) -> frozenset[str]:
    """Every module that a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            found.add(node.module or "")
            if node.module == "docsearch_cli" or (node.module or "").count(".") == 1:
                found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(found)


def parts_imported(path: Path) -> set[str]:
    """Parts of the package that a file imports, leaves left out."""
    ours = [name.split(".")[1] for name in imports_of(path) if name.startswith("docsearch_cli.")]
    known = {item.name.removesuffix(".py") for item in PACKAGE.iterdir()}
    return {part for part in ours if part in known} - LEAVES


@pytest.mark.parametrize("part", MAY_IMPORT)
def test_imports_go_down_only(part):
    for path in sorted((PACKAGE / part).rglob("*.py")):
        above = parts_imported(path) - MAY_IMPORT[part] - {part}

        assert not above, f"{name_of(path)} imports {', '.join(sorted(above))}"


@pytest.mark.parametrize("leaf", sorted(LEAVES))
def test_leaves_import_no_part(leaf):
    lazily = (
        {"api", "api_results", "exploration"} if leaf == "__init__" else set()
    )  # the public names, loaded when asked for

    assert parts_imported(PACKAGE / f"{leaf}.py") == lazily


def test_exploring_knows_what_is_asked_of_a_model_and_not_how_it_is_sent():
    for path in sorted((PACKAGE / "explore").rglob("*.py")):
        models = {name for name in imports_of(path) if name.startswith("docsearch_cli.llm.")}

        assert not models & {f"docsearch_cli.llm.{part}" for part in ("client", "access")}


def test_nothing_imports_the_command_line():
    for path in MODULES:
        if not name_of(path).startswith("cli/") and path.name != "__main__.py":
            assert "cli" not in parts_imported(path), name_of(path)


@pytest.mark.parametrize(
    "module", ["os", "time", "random", "subprocess", "pathlib", "threading", "datetime", "secrets"]
)
def test_the_plan_knows_no_process_clock_file_or_chance(module):
    roots = {name.split(".")[0] for name in imports_of(PACKAGE / "explore" / "plan.py")}

    assert module not in roots


def test_only_the_command_line_knows_the_terminal():
    for path in MODULES:
        if not name_of(path).startswith("cli/"):
            roots = {name.split(".")[0] for name in imports_of(path)}
            assert not roots & {"typer", "click", "rich"}, name_of(path)


def test_only_the_command_line_prints_or_exits():
    for path in MODULES:
        if name_of(path).startswith("cli/"):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                assert called not in {"print", "sys.exit", "exit", "quit"}, name_of(path)


def test_nothing_unpickles_but_what_its_own_process_made():
    for path in MODULES:
        if name_of(path) == "forked_child.py":  # it reads a pipe from the process that it is of
            continue
        roots = {name.split(".")[0] for name in imports_of(path)}
        assert not roots & {"pickle", "marshal", "shelve", "dill", "cloudpickle"}, name_of(path)


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("__init__.py")), ids=name_of)
def test_every_package_says_what_it_is_and_lists_its_names(path):
    tree = ast.parse(path.read_text("utf-8"))
    assigned = [
        ast.unparse(node.targets[0] if isinstance(node, ast.Assign) else node.target)
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
    ]

    assert ast.get_docstring(tree)
    assert "__all__" in assigned


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_module_opens_with_what_it_is(path):
    assert ast.get_docstring(ast.parse(path.read_text("utf-8")))


def test_the_changelog_begins_with_this_version():
    text = (REPOSITORY / "CHANGELOG.md").read_text("utf-8")
    versions = re.findall(r"^## \[?(\d+\.\d+\.\d+)", text, re.MULTILINE)

    assert versions[0] == __version__


def loaded_by(words: list[str], cwd: Path) -> tuple[int, set[str]]:
    """Run a command in a fresh process; gives its exit code and the modules it loaded."""
    program = (
        "import atexit, json, sys\n"
        "from docsearch_cli.cli.app import main\n"
        "atexit.register(lambda: sys.stderr.write('\\n' + json.dumps(sorted(sys.modules))))\n"
        f"main({words!r})\n"
    )
    ended = run_command(cwd=cwd, line=[sys.executable, "-c", program])
    return ended.code, set(json.loads(ended.stderr.rpartition("\n")[2]))


@pytest.mark.parametrize("words", [["--help"], ["ask", "--help"], ["--version"]])
def test_help_loads_nothing_heavy(tmp_path, words):
    code, modules = loaded_by(words, tmp_path)

    assert code == 0
    assert not modules & set(HEAVY)


def test_a_simple_question_loads_neither_graphs_nor_models(tmp_path, corpus_folder):
    (corpus_folder / "a.md").write_text("# Windy\n\nIt is windy.\n")
    assert run_command("index", "docs", cwd=tmp_path).code == 0
    code, modules = loaded_by(["ask", "windy", "--simple"], tmp_path)

    assert code == 0
    assert not modules & {
        "networkx",
        "torch",
        "transformers",
        "sentence_transformers",
        "markdown_it",
        "docutils",
        "selectolax",
        "pypdfium2",
        "diskcache",
    }


def test_a_deep_question_loads_no_client_of_a_language_model(tmp_path, corpus_folder):
    (corpus_folder / "a.md").write_text("# Windy\n\nIt is windy.\n")
    assert run_command("index", "docs", cwd=tmp_path).code == 0
    code, modules = loaded_by(["ask", "windy", "--deep", "--engine", "inline"], tmp_path)

    assert code == 0
    assert not modules & {"docsearch_cli.explore.agents.llm", "docsearch_cli.llm.client"}
    assert not modules & {"pydantic_ai", "openai", "httpx2", "genai_prices", "pydantic", "asyncio"}


@pytest.fixture(scope="module")
def helps() -> dict[str, Ended]:
    """What every command's ``--help`` prints, run side by side."""
    running = {
        " ".join(words): subprocess.Popen(
            command_line(*words, "--help"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for words in COMMANDS
    }
    ended = {}
    for name, process in running.items():
        out, err = process.communicate(timeout=60)
        ended[name] = Ended(process.returncode, out, err)
    return ended


@pytest.mark.parametrize("name", [" ".join(words) for words in COMMANDS])
def test_help_of_every_command_works(helps, name):
    ended = helps[name]

    assert (ended.code, ended.stderr) == (0, "")
    assert "Usage:" in ended.stdout
    assert "[/" not in ended.stdout


def test_help_lists_every_command_known_here(helps):
    commands = {words[0] for words in COMMANDS if words}
    listed = set(re.findall(r"^  (\w+)  ", helps[""].stdout, re.MULTILINE))

    assert commands == listed


def test_help_documents_the_exit_codes(helps):
    for code in ("0 done", "2 usage", "3 input", "4 the run failed", "6 a replay", "130 Ctrl-C"):
        assert code in " ".join(helps[""].stdout.split())


@pytest.mark.parametrize("words", [["ask"], ["nonsense"], ["ask", "a", "b"]])
def test_wrong_words_are_a_usage_error(tmp_path, words):
    ended = run_command(*words, cwd=tmp_path)

    assert ended.code == 2
    assert "Traceback" not in ended.stderr


# Libraries whose import takes a second or more; each process that runs tests imports every module.
SLOW = ("sentence_transformers", "transformers", "torch", "pydantic_ai", "mcp", "distributed")
_AT_IMPORT = re.compile(
    rf"^(?:\w+ = )?(?:import |from |pytest\.importorskip\(\")({'|'.join(SLOW)})\b", re.MULTILINE
)


def test_collecting_the_tests_imports_no_library_that_takes_seconds():
    folder = REPOSITORY / "tests"
    paths = [path for part in ("unit", "integration") for path in (folder / part).rglob("*.py")]
    found = {
        path.relative_to(folder).as_posix(): name[1]
        for path in [*paths, *folder.glob("*.py")]
        if (name := _AT_IMPORT.search(path.read_text("utf-8")))
    }

    assert found == {}, "use tests.support.needs, and import it where it is used"
