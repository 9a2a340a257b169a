"""The names that a program may use: which there are, how they are called, what they cost."""

import inspect
import subprocess
import sys

import pytest

import docsearch_cli
from docsearch_cli import errors
from docsearch_cli.api import SearchOptions
from docsearch_cli.run_limits import LIMIT_OF
from docsearch_cli.search.result import AskOptions
from tests.support import PACKAGE, REPOSITORY
from tests.unit.test_house import HEAVY

NAMES = [
    "Answer",
    "DocsearchError",
    "Exploration",
    "Index",
    "Run",
    "__version__",
    "open_index",
    "open_run",
]
# Changing one of these breaks programs.
CALLS = {
    "open_index": "(folder: 'str | os.PathLike[str] | None' = None) -> 'Index'",
    "open_run": "(run: 'str', folder: 'str | os.PathLike[str] | None' = None) -> 'Run'",
    "Index.ask": "(self, question: 'str', *, mode: 'AskMode' = 'auto',"
    " **options: 'Unpack[SearchOptions]') -> 'Answer'",
    "Index.explore": "(self, question: 'str', **options: 'Unpack[SearchOptions]')"
    " -> 'Exploration[Answer]'",
    "Index.search": "(self, words: 'str', *, limit: 'int' = 10, paths: 'Sequence[str]' = (),"
    " tags: 'Sequence[str]' = (), since: 'str | None' = None, until: 'str | None' = None)"
    " -> 'Hits'",
    "Index.related": "(self, path: 'str', *, directions: 'Collection[Direction]' = ('out', 'in'),"
    " kinds: 'Collection[str]' = (), limit: 'int | None' = None) -> 'Related'",
    "Index.show": "(self, path: 'str', first: 'int | None' = None, last: 'int | None' = None, *,"
    " context: 'int' = 0, whole_section: 'bool' = False) -> 'Passage'",
    "Index.run_ids": "(self) -> 'tuple[str, ...]'",
    "Answer.to_dict": "(self) -> 'dict[str, Any]'",
    "Exploration.answer": "(self) -> 'Result'",
    "Exploration.stop": "(self) -> 'None'",
    "Exploration.wait": "(self, timeout_s: 'float') -> 'bool'",
    "Run.to_dict": "(self) -> 'dict[str, Any]'",
}
PROPERTIES = {
    "Index": ["documents", "folder"],
    "Answer": [
        *("budget", "complete", "documents", "found", "mode", "mode_reason", "notes", "question"),
        *("quotes", "reason", "run_id", "steps", "stop_reason", "text", "weak"),
    ],
    "Exploration": [],
    "Run": ["limits", "question", "run_id", "status", "steps", "stop_reason"],
}
OPTIONS = [
    *("max_agents", "max_depth", "fan_out", "seeds", "max_tokens", "answer_tokens", "deadline_s"),
    *("workers", "starts", "paths", "tags", "since", "until"),
    *("engine", "agent", "use_cache", "record"),
]
FILTERS = {"paths", "tags", "since", "until"}


def test_the_public_names_are_these_eight():
    assert sorted(docsearch_cli.__all__) == NAMES
    assert set(NAMES) <= set(dir(docsearch_cli))
    assert all(getattr(docsearch_cli, name) is not None for name in NAMES)


def test_another_name_is_no_attribute():
    with pytest.raises(AttributeError, match="no attribute 'ask'"):
        _ = docsearch_cli.ask


@pytest.mark.parametrize("name", CALLS)
def test_every_call_is_made_as_it_always_was(name):
    called = docsearch_cli
    for part in name.split("."):
        called = getattr(called, part)

    assert str(inspect.signature(called)) == CALLS[name]


@pytest.mark.parametrize("name", PROPERTIES)
def test_classes_have_the_members_that_are_documented(name):
    members = inspect.getmembers(getattr(docsearch_cli, name))
    public = [item for item in members if not item[0].startswith("_")]
    methods = [item for item, member in public if inspect.isfunction(member)]

    assert [item for item, member in public if isinstance(member, property)] == PROPERTIES[name]
    assert {f"{name}.{item}" for item in methods} == {
        item for item in CALLS if item.startswith(f"{name}.")
    }


def test_the_options_are_those_of_a_search():
    assert list(SearchOptions.__annotations__) == OPTIONS
    assert set(OPTIONS) - FILTERS <= {*LIMIT_OF, *AskOptions.__dataclass_fields__}


@pytest.mark.parametrize("name", [*CALLS, *PROPERTIES["Answer"], *OPTIONS])
def test_every_name_is_documented(name):
    page = (REPOSITORY / "docs" / "python.md").read_text("utf-8")

    assert f"`{name.rpartition('.')[2]}" in page or f".{name.rpartition('.')[2]}(" in page


def test_every_error_is_documented():
    page = (REPOSITORY / "docs" / "python.md").read_text("utf-8")
    classes = [
        name
        for name, member in vars(errors).items()
        if inspect.isclass(member) and issubclass(member, errors.DocsearchError)
    ]

    assert [name for name in classes if f"`{name}`" not in page] == []


def imported(statement):
    """The modules that are loaded after a statement, in a process of its own."""
    program = f"import sys\n{statement}\nprint(*sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    return set(ran.stdout.split())


def test_importing_the_package_loads_nothing_else():
    assert imported("import docsearch_cli") - imported("pass") == {"docsearch_cli"}


def test_importing_the_names_loads_nothing_heavy():
    loaded = imported("from docsearch_cli import Answer, DocsearchError, Index, Run, open_index")

    assert "docsearch_cli.api" in loaded
    assert not loaded & {*HEAVY, "typer", "sqlite3", "asyncio", "multiprocessing"}


def test_types_are_shipped():
    assert (PACKAGE / "py.typed").is_file()
