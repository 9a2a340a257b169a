"""What a server offers: bounded, looked up inside the index alone, and kept warm."""

import threading

import pytest

from docsearch_cli.errors import (
    DocsearchError,
    IndexMissingError,
    InputError,
    RunNotFoundError,
    UsageError,
)
from docsearch_cli.index.build import build_index
from docsearch_cli.service.document_service import DocumentService
from docsearch_cli.service.replies import Place
from tests.support import is_gone, wait_until, write_files
from tests.unit.search.conftest import FILES

QUESTION = "at how many bar does the valve of the pump open"


def test_a_search_returns_no_more_than_the_cap(service):
    found = service.search("pump valve mill hub", limit=1_000)

    assert len(found.hits) == 3
    assert found.hits[0].path


def test_an_exploration_is_recorded_and_its_steps_come_as_events(service):
    exploring = service.explore(QUESTION)
    events = list(exploring)
    explored = exploring.reply()

    assert events[0].run_id == explored.answer.run_id
    steps = [event.step for event in events if event.step is not None]
    assert [step.id for step in steps] == [step.id for step in explored.answer.steps]
    assert any("12 bar" in quote.text for quote in explored.quotes)
    assert explored.resume == ""


def test_a_budget_above_its_cap_is_cut_and_said(service):
    explored = service.explore(QUESTION, max_agents=500).reply()

    assert explored.answer.budget["max_agents"] == 8
    assert any("max_agents 500" in line for line in explored.clamped)


def test_what_the_settings_say_is_cut_too(service, monkeypatch):
    monkeypatch.setenv("DOCSEARCH_MAX_AGENTS", "300")
    explored = service.explore(QUESTION).reply()

    assert explored.answer.budget["max_agents"] == 8
    assert explored.clamped == ()


def test_workers_are_kept_from_one_exploration_to_the_next(service):
    service.explore(QUESTION).reply()
    first = list(service.worker_pids())
    service.explore("which mill grinds rye", max_agents=3).reply()

    assert len(first) == 1
    assert list(service.worker_pids()) == first


def test_closing_ends_the_workers(service):
    service.explore(QUESTION).reply()
    workers = list(service.worker_pids())
    service.close()

    assert workers
    assert wait_until(lambda: all(map(is_gone, workers)))


def test_an_exploration_that_is_stopped_leaves_a_run_that_can_be_resumed(service, docsearch_resume):
    exploring = service.explore(QUESTION, use_cache=False)
    exploring.stop()
    explored = exploring.reply()

    assert not explored.answer.complete
    assert explored.answer.stop_reason == "cancelled"
    assert explored.resume == f"docsearch resume {explored.answer.run_id}"
    assert docsearch_resume(explored.answer.run_id).complete


def test_a_service_that_is_closed_stops_what_is_under_way(home):
    service = DocumentService(str(home))
    exploring = service.explore(QUESTION, use_cache=False)
    service.close()

    assert exploring.wait(10)
    assert not service.worker_pids()


def test_several_threads_get_what_one_gets(service):
    alone = [service.search(word).hits for word in ("pump", "valve", "mill")]
    found = [None] * 12

    def ask(place):
        found[place] = service.search(("pump", "valve", "mill")[place % 3]).hits

    threads = [threading.Thread(target=ask, args=(place,)) for place in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == alone * 4


def test_lines_are_shown_as_far_as_they_fit(service):
    shown = service.show("hub.md")

    assert (shown.line_start, shown.line_end, shown.next_line) == (1, 2, 3)
    assert shown.text == "# Hub\n"
    assert not shown.changed


def test_a_line_that_does_not_fit_alone_is_cut(service):
    shown = service.show("hub.md", 3)

    assert shown.text == "The [pump](pump.md) and the [valve](valve.md) belong to the m"[:60]
    assert (shown.next_line, shown.next_char) == (3, 60)
    assert service.show("hub.md", 3, from_char=60).text == FILES["hub.md"].splitlines()[2][60:120]
    assert service.show("hub.md", 1).next_char == 0


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a.md", Place("a.md")),
        ("a.md:3", Place("a.md", 3)),
        ("a:b.md:3-9", Place("a:b.md", 3, 9)),
        ("a.md:3-x", Place("a.md:3-x")),
        ("a.md:", Place("a.md:")),
    ],
)
def test_a_place_is_read_and_written(text, place):
    assert Place.read(text) == place
    assert str(place) == text


@pytest.mark.parametrize(
    "name", ["docs/hub.md", "./docs/hub.md", "docs/../docs/hub.md", "hub.md", "hub"]
)
def test_a_path_as_a_shell_beside_the_index_opens_it_is_understood(service, name):
    assert service.show(name, 1).path == "hub.md"
    assert service.related(name).path == "hub.md"


def test_a_path_beside_what_was_indexed_elsewhere_is_understood(tmp_path):
    write_files(tmp_path / "texts" / "cmake", {"policy/a.md": "# A\n"})
    build_index(tmp_path / "own" / ".docsearch", [tmp_path / "texts" / "cmake"])
    service = DocumentService(str(tmp_path / "own"))

    assert service.show("cmake/policy/a.md").path == "policy/a.md"
    with pytest.raises(InputError, match="not in the index"):
        service.show("other/policy/a.md")
    service.close()


def test_a_path_beside_two_folders_of_one_name_is_not_guessed(tmp_path):
    for one in ("x", "y"):
        write_files(tmp_path / one / "docs", {"a.md": f"# {one}\n"})
    build_index(tmp_path / "own" / ".docsearch", [tmp_path / one / "docs" for one in ("x", "y")])
    service = DocumentService(str(tmp_path / "own"))
    paths = [path for path, _ in service.documents()[0]]

    assert [service.show(path).path for path in paths] == paths
    with pytest.raises(InputError):
        service.show("docs/../docs/a.md")
    service.close()


def test_edges_are_shown_both_ways_with_their_sentence(service):
    related = service.related("pump", kinds=["link"])

    assert [(edge.direction, edge.path, edge.line) for edge in related.relations] == [
        ("out", "valve.md", 3),
        ("in", "hub.md", 3),
    ]
    assert related.relations[0].sentence == "It needs a valve."
    assert related.relations[1].anchor == "pump"


def test_documents_are_listed_in_pages(service):
    assert service.documents(1, 2) == ([("hub.md", "Hub"), ("mill.md", "Mill")], 5)
    assert service.documents(99, 2) == ([], 5)
    assert service.documents(-1, -1) == ([], 5)


def test_a_run_is_listed_read_and_replayed(service):
    run_id = service.explore(QUESTION).reply().answer.run_id
    listed, total = service.runs()
    replayed = service.replay_step(run_id[:4], "1")

    assert [run["run_id"] for run in listed] == [run_id]
    assert total == 1
    assert service.run(run_id).question == QUESTION
    assert service.run(run_id).drift == ()
    assert replayed.verdict == "reproduced"
    assert replayed.decided is not None
    assert replayed.seen[0][1] >= 1


def test_a_run_that_came_since_the_last_list_is_listed(service):
    service.explore(QUESTION).reply()
    service.runs()
    later = service.explore("which mill grinds rye").reply().answer.run_id

    assert later in {run["run_id"] for run in service.runs()[0]}


def test_what_another_process_has_indexed_is_found(service, home, corpus_folder):
    assert not service.search("zeppelin").hits
    (corpus_folder / "new.md").write_text("# New\n\nA zeppelin flies.\n")
    build_index(home, [corpus_folder])

    assert [hit.path for hit in service.search("zeppelin").hits] == ["new.md"]


def test_an_index_that_is_gone_is_an_error_and_no_fallback(service, home):
    (home / "index" / "CURRENT").unlink()

    with pytest.raises(IndexMissingError):
        service.search("pump")


def test_what_changed_since_the_index_was_made_is_said(home, corpus_folder):
    build_index(home, [corpus_folder])  # here: of an index made elsewhere no file is looked at
    service = DocumentService(str(home))
    before = service.staleness()
    (corpus_folder / "new.md").write_text("# New\n")
    soon = service.staleness()
    service._warm._looked = None

    assert before == soon == ""  # files are looked at every few seconds only
    assert "added" in service.staleness()


@pytest.mark.parametrize(
    "path",
    [
        *("/etc/passwd", "../../../etc/passwd", "~root/.bashrc", "~\0x", "a\0b", "\ud800", ""),
        *("x" * 100_000, "docs/../../etc/passwd", "file:///etc/passwd", ".docsearch/settings.json"),
    ],
)
def test_a_path_that_is_no_document_is_refused(service, path):
    for call in (service.show, service.related):
        with pytest.raises(InputError):
            call(path)


@pytest.mark.parametrize(
    "run", ["../x", "/etc/passwd", "x.docsearch-run", "", "\0", "f" * 100_000, "abc/def", "."]
)
def test_what_is_no_id_of_a_run_is_refused(service, run):
    service.explore(QUESTION).reply()

    with pytest.raises(RunNotFoundError) as raised:
        service.run(run)
    assert len(str(raised.value)) < 300


@pytest.mark.parametrize(
    "call",
    [
        lambda service: service.search(" "),
        lambda service: service.search("pump", limit=-1),
        lambda service: service.search("pump", since="yesterday"),
        lambda service: service.search("pump", paths=["*"]),
        lambda service: service.explore(" "),
        lambda service: service.explore("pump", max_agents=-1),
        lambda service: service.explore("pump", no_option=1),
        lambda service: service.related("pump", kinds=["entity"]),
        lambda service: service.show("pump", 10**30),
        lambda service: service.show("pump", -5),
        lambda service: service.show("pump", 3, 1),
        lambda service: service.replay_step("0", "1"),
    ],
)
def test_a_wrong_argument_is_an_error_of_ours(service, call):
    with pytest.raises(DocsearchError):
        call(service)


def test_a_question_without_a_word_finds_nothing(service):
    assert "no searchable words" in service.search("\0 \ud800").notes[0]


def test_an_empty_question_has_its_own_error(service):
    with pytest.raises(UsageError, match="the question is empty"):
        service.explore("  ")
