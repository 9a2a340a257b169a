from dataclasses import replace
from importlib.util import find_spec

import pytest

from docsearch_cli.config import load_settings
from docsearch_cli.engine.inline import InlineEngine
from docsearch_cli.engine.local import LocalEngine
from docsearch_cli.errors import ConfigError, UsageError
from docsearch_cli.search import engines
from docsearch_cli.search.engines import (
    DEFAULT_ENGINE,
    ENGINES,
    EngineRow,
    describe_engines,
    find_engine,
    make_engine,
    make_engine_for_units,
)
from docsearch_cli.search.result import AskOptions


def options(engine, *, scheduler="tcp://127.0.0.1:1", agent="local", answer="quotes", **limits):
    settings = load_settings(limits, environment={"DOCSEARCH_CONFIG_DIR": "/"})
    return AskOptions(settings, "deep", engine, scheduler=scheduler, agent=agent, answer=answer)


# Those whose packages are installed.
AT_HAND = [name for name in ENGINES if name != "dask" or find_spec("distributed")]


@pytest.mark.parametrize("name", AT_HAND)
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


@pytest.mark.parametrize("scheduler", ["", "host:8786", "http://host", "file:///etc/passwd"])
def test_a_cluster_is_named_by_the_address_of_a_scheduler(scheduler):
    with pytest.raises(UsageError, match="scheduler"):
        make_engine(options("dask", scheduler=scheduler))


@pytest.mark.parametrize("asks", [{"agent": "llm"}, {"answer": "llm"}])
def test_a_step_that_costs_money_never_goes_to_a_cluster(asks):
    with pytest.raises(UsageError, match="paid for twice"):
        make_engine(options("dask", **asks))


def test_without_its_package_a_cluster_is_an_error_that_says_what_to_install(monkeypatch):
    monkeypatch.setattr("docsearch_cli.cluster.making.find_spec", lambda _name: None)

    with pytest.raises(ConfigError) as raised:
        make_engine(options("dask"))
    assert "dask" in raised.value.hint


@pytest.mark.skipif("dask" not in AT_HAND, reason="needs distributed")
def test_who_sends_single_steps_to_a_cluster_is_told_what_they_gain():
    told = []
    make_engine(replace(options("dask"), tell=told.append))

    assert "2 to 3 ms" in told[0]


@pytest.mark.parametrize("name", AT_HAND)
def test_every_engine_of_the_table_runs_whole_questions(name):
    assert make_engine_for_units(options(name), "docsearch_cli.batch.whole_question").name == name


def test_an_engine_that_runs_steps_alone_says_which_others_there_are(monkeypatch):
    monkeypatch.setitem(ENGINES, "toy", EngineRow("toy", "threads", print))

    with pytest.raises(UsageError) as raised:
        make_engine_for_units(options("toy"), "x")
    assert raised.value.hint == "use local, dask or inline"
