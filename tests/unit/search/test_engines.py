import pytest

from docsearch_cli.config import load_settings
from docsearch_cli.engine.inline import InlineEngine
from docsearch_cli.engine.local import LocalEngine
from docsearch_cli.errors import UsageError
from docsearch_cli.search import engines
from docsearch_cli.search.engines import (
    DEFAULT_ENGINE,
    ENGINES,
    EngineRow,
    describe_engines,
    find_engine,
    make_engine,
)
from docsearch_cli.search.result import AskOptions


def options(engine, **limits):
    settings = load_settings(limits, environment={"DOCSEARCH_CONFIG_DIR": "/"})
    return AskOptions(settings, "deep", engine)


@pytest.mark.parametrize("name", ENGINES)
def test_an_engine_calls_itself_as_its_row_does(name):
    assert make_engine(options(name)).name == name


def test_the_row_decides_what_is_made():
    assert isinstance(make_engine(options("local")), LocalEngine)
    assert isinstance(make_engine(options("inline")), InlineEngine)


def test_a_search_without_a_choice_runs_in_processes():
    assert find_engine(DEFAULT_ENGINE).has_processes
    assert AskOptions(load_settings({})).engine == DEFAULT_ENGINE


def test_the_local_engine_has_as_many_workers_as_the_settings_say():
    engine = make_engine(options("local", workers=3))
    engine.start()
    try:
        assert engine.free_slots() == 3
    finally:
        engine.close()


def test_a_search_that_opens_no_node_starts_no_process():
    assert make_engine(options("local", max_agents=0)).name == "inline"
    assert make_engine(options("local", max_agents=1)).name == "local"


def test_an_engine_without_processes_is_used_even_for_no_step(monkeypatch):
    toy = object()
    monkeypatch.setitem(ENGINES, "toy", EngineRow("toy", "threads", lambda _: toy))

    assert make_engine(options("toy", max_agents=0)) is toy


@pytest.fixture
def table(monkeypatch):
    """Replaces the table by rows of these names."""

    def replace(*names):
        rows = {name: EngineRow(name, f"{name}'s place", lambda _: None) for name in names}
        monkeypatch.setattr(engines, "ENGINES", rows)

    return replace


@pytest.mark.parametrize(
    ("names", "hint"),
    [(["a"], "use a"), (["a", "b"], "use a or b"), (["a", "b", "c"], "use a, b or c")],
)
def test_an_unknown_engine_is_refused_with_those_that_there_are(table, names, hint):
    table(*names)

    for refuse in (find_engine, lambda name: make_engine(options(name))):
        with pytest.raises(UsageError, match="no engine 'dask'") as raised:
            refuse("dask")
        assert raised.value.hint == hint


def test_help_says_where_each_engine_runs(table):
    assert "local (processes)" in describe_engines()
    assert "inline (this process)" in describe_engines()
    table("a", "b")
    assert describe_engines() == "a (a's place) or b (b's place)"
