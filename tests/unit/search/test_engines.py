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


def test_an_unknown_engine_is_refused_with_those_that_there_are(monkeypatch):
    with pytest.raises(UsageError, match="no engine 'dask'") as raised:
        find_engine("dask")
    assert raised.value.hint == "use local or inline"

    monkeypatch.setitem(ENGINES, "toy", EngineRow("toy", "threads", lambda _: None))
    with pytest.raises(UsageError) as raised:
        make_engine(options("dask"))
    assert raised.value.hint == "use local, inline or toy"


def test_help_says_where_each_engine_runs(monkeypatch):
    assert describe_engines() == "local (processes) or inline (this process)"
    monkeypatch.setattr(engines, "ENGINES", {"inline": ENGINES["inline"]})
    assert describe_engines() == "inline (this process)"
