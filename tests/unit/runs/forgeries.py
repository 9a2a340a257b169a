"""Forgeries of a record by one who makes every hash, id, digest and sum right again.

Each stands with the whole message that refuses it, as a pattern; those that only the index refuses
are marked. The last list has what no check can notice, and why.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from docsearch_cli.runs.canonical import chain_hash
from docsearch_cli.runs.store import RunStore
from docsearch_cli.steps import canonical_json
from tests.unit.runs.forging import Forgery

Forge = Callable[[Forgery], None]
BY_RECORD: list[tuple[str, Forge]] = []
BY_INDEX: list[tuple[str, Forge]] = []
ON_TRUST: list[tuple[str, Forge]] = []


def refused_as(
    message: str, *, by: list[tuple[str, Forge]] = BY_RECORD
) -> Callable[[Forge], Forge]:
    """Register a forgery with the message that refuses it, as a pattern."""

    def register(forge: Forge) -> Forge:
        by.append((message, forge))
        return forge

    return register


def refused_by_index_as(message: str) -> Callable[[Forge], Forge]:
    """Register a forgery that only the index of the run tells."""
    return refused_as(message, by=BY_INDEX)


def taken_on_trust(why: str) -> Callable[[Forge], Forge]:
    """Register a change that nothing tells, with the reason."""
    return refused_as(why, by=ON_TRUST)


def first_commit(forgery: Forgery) -> dict[str, Any]:
    return forgery.commit_of(1)


# Shapes


@refused_as(r"event 1 of the run has another shape: run_started lacks, or has beside .*, more")
def a_field_more(forgery):
    forgery.facts["more"] = 1


@refused_as(r"event 1 of the run has another shape: run_started lacks, or has beside .*, version")
def a_field_less(forgery):
    del forgery.facts["version"]


@refused_as(r"event 1 of the run has another shape: run_started\.question is no str")
def a_question_that_is_no_text(forgery):
    forgery.facts["question"] = 7


@refused_as(r"event 1 of the run has another shape: run_started\.roots is no list")
def roots_that_are_no_list(forgery):
    forgery.facts["roots"] = {"name": "", "path": "/"}


@refused_as(r"event 1 of the run has another shape: run_started\.requested is no dict")
def requests_that_are_no_object(forgery):
    forgery.facts["requested"] = [1]


@refused_as(r"event 1 of the run has another shape: run_started\.roots\.0 is no object")
def a_root_that_is_no_object(forgery):
    forgery.facts["roots"] = ["/"]


@refused_as(r"event 1 of the run has another shape: run_started\.argv\.0 is no str")
def a_word_of_the_command_that_is_a_number(forgery):
    forgery.facts["argv"] = [1]


@refused_as(r"event \d+ of the run has another shape: commit\.ended: its type")
def an_attempt_of_no_status(forgery):
    first_commit(forgery)["ended"]["attempts"][0]["status"] = "banana"


@refused_as(r"event \d+ of the run has another shape: commit\.sent\.0\.priority is no float")
def a_priority_that_is_true(forgery):
    forgery.commit_of(None)["sent"][0]["priority"] = True


@refused_as(
    r"event \d+ of the run has another shape: kept\.ended\.0\.attempts\.0\.status is none.*"
)
def a_kept_attempt_of_no_status(forgery):
    stop_early(forgery, "cancelled")
    forgery.all("kept")[0]["ended"][0]["attempts"][0]["status"] = "banana"


@refused_as(r"event \d+ of the run has another shape: run_finished\.seconds is no float")
def an_endless_run(forgery):
    forgery.ending["seconds"] = 10**400


# Order


def insert(forgery: Forgery, place: int, kind: str, data: Any) -> None:
    forgery.events.insert(place, (kind, copy.deepcopy(data)))


@refused_as(r"event 2 of the run, commit, has no place there")
def a_run_without_intent_and_plan(forgery):
    del forgery.events[1:5]


@refused_as(r"event 2 of the run, fixed_planned, has no place there")
def a_run_without_intent(forgery):
    del forgery.events[1:3]


@refused_as(r"event 4 of the run, commit, has no place there")
def a_run_without_plan(forgery):
    del forgery.events[3:5]


@refused_as(r"event 2 of the run, fixed_planned, has no place there")
def a_plan_before_the_intent(forgery):
    forgery.events[1:5] = forgery.events[3:5] + forgery.events[1:3]


@refused_as(r"event 6 of the run, fixed_planned, has no place there")
def a_second_plan(forgery):
    forgery.events[5:5] = copy.deepcopy(forgery.events[3:5])


@refused_as(r"event 3 of the run, fixed_planned, has no place there")
def an_intent_that_was_not_waited_for(forgery):
    forgery.events[2:4] = reversed(forgery.events[2:4])


@refused_as(r"event 7 of the run, fixed_planned, has no place there")
def a_fixed_step_of_another_kind(forgery):
    forgery.store.put_blob(b"{}")
    planned = {"id": "x", "kind": "party", "function": "explore.plan@1", "input": forgery.put({})}
    insert(forgery, 6, "fixed_planned", planned)


@refused_as(r"event 19 of the run, commit, has no place there")
def a_commit_after_the_fan_in(forgery):
    forgery.events[-4:-1] = [*forgery.events[-3:-1], forgery.events[-4]]


@refused_as(r"event 21 of the run, commit, has no place there")
def a_commit_after_the_end(forgery):
    insert(forgery, 20, "commit", {"number": None, "ended": None, "drops": [], "sent": []})


@refused_as(r"event 21 of the run, kept, has no place there")
def kept_steps_after_the_end(forgery):
    insert(forgery, 20, "kept", {"ended": []})


@refused_as(r"event 18 of the run, kept, has no place there")
def nothing_that_is_kept(forgery):
    insert(forgery, 17, "kept", {"ended": []})


@refused_as(r"event 6 of the run, kept, has no place there")
def steps_kept_before_any_was_sent(forgery):
    insert(forgery, 5, "kept", {"ended": []})


@refused_as(r"event 8 of the run, commit, has no place there")
def a_second_beginning(forgery):
    insert(forgery, 7, "commit", {"number": None, "ended": None, "drops": [], "sent": []})


@refused_as(r"event 19 of the run, run_finished, has no place there")
def an_end_before_the_fan_in_has_ended(forgery):
    del forgery.events[18]


@refused_as(r"event 21 of the run, fixed_planned, has no place there")
def a_second_fan_in(forgery):
    forgery.events += copy.deepcopy(forgery.events[-3:-1])


# Ids and blobs


@refused_as(r"the run's record makes no sense: KeyError: 'candidates'")
def a_plan_with_nothing_to_choose_from(forgery):
    forgery.fixed("plan")[0]["input"] = forgery.put({})


@refused_as(r"step 3-traverse-000000 has an id that is not its own")
def a_step_of_another_name(forgery):
    forgery.keeps_ids = True
    forgery.sent(3)["id"] = forgery.commit_of(3)["ended"]["id"] = "3-traverse-000000"


@refused_as(r"the record holds the content sha256:\w+, which nothing names")
def content_that_nothing_names(forgery):
    forgery.odd_blobs.add(forgery.store.put_blob(b"smuggled"))


@refused_as(r"the input of step intent-\w+ is damaged: it is not spelled as docsearch spells it")
def an_input_that_is_spelled_otherwise(forgery):
    planned, _ = forgery.fixed("intent")
    data = forgery.store.blob(planned["input"])
    planned["input"] = forgery.store.put_blob(data.replace(b":", b": ", 1))


@refused_as(r"step plan-\w+ did not end as one that every search has")
def a_plan_from_the_cache(forgery):
    forgery.fixed("plan")[1]["origin"] = "cache"


@refused_as(r"step plan-\w+ did not end as one that every search has")
def a_plan_that_began_before_the_run(forgery):
    forgery.fixed("plan")[1]["started_ms"] = -1.0


@refused_as(r"step plan-\w+ is shared, and the run is no fork")
def a_plan_that_is_shared_with_no_run(forgery):
    forgery.fixed("plan")[1]["origin"] = "fork"


@refused_as(r"step plan-\w+ was run by a function that no plan asks for")
def a_plan_by_another_function(forgery):
    forgery.fixed("plan")[0]["function"] = "explore.intent@5"


# What the record says of its beginning


@refused_as(r"no run is recorded in mode 'simple'")
def a_run_of_a_simple_search(forgery):
    forgery.facts["mode"] = "simple"


@refused_as(r"the record in \w+ is of run abcdef")
def a_run_of_another_id(forgery):
    forgery.facts["run_id"] = "abcdef"


@refused_as(r"the run's fan_out 2 is not what was asked for")
def a_limit_that_was_not_asked_for(forgery):
    forgery.facts["requested"]["fan_out"] = 9


@refused_as(r"the run's fan_out 2 is not what was asked for")
def a_limit_that_nobody_knows_was_asked_for(forgery):
    del forgery.facts["requested"]["fan_out"]


@refused_as(r"the run says something else of its limits than they are")
def a_clamp_that_was_none(forgery):
    forgery.facts["clamps"] = ["fan_out 99 is above the limit; 2 is used"]


@refused_as(r"the run says something else of its limits than they are")
def a_request_of_no_limit(forgery):
    forgery.facts["requested"]["party"] = 3


@refused_as(r"the run is a fork of none, or at no step of it")
def a_fork_of_no_run(forgery):
    forgery.facts["fork"] = {"run": "no run", "changes": [{"at": 2, "limits": {"fan_out": 2}}]}


@refused_as(r"the run is a fork of none, or at no step of it")
def a_fork_that_changes_nothing(forgery):
    forgery.facts["fork"] = {"run": "ab", "changes": []}


@refused_as(r"the run's changes as a fork are out of order")
def a_fork_whose_changes_are_out_of_order(forgery):
    changes = [{"at": 3, "limits": {"fan_out": 2}}, {"at": 2, "limits": {"fan_out": 2}}]
    forgery.facts["fork"] = {"run": "ab", "changes": changes}


@refused_as(r"the run's limits are not those of this version")
def a_fork_that_changes_no_limit(forgery):
    forgery.facts["fork"] = {"run": "ab", "changes": [{"at": 2, "limits": {"party": 2}}]}


@refused_as(r"the run's mode_reason is not what its record adds up to")
def a_run_that_feigns_to_be_a_fork(forgery):
    forgery.facts["fork"] = {"run": "ab", "changes": [{"at": 2, "limits": {"fan_out": 2}}]}


# Inputs, from the record


@refused_as(r"the input of step intent-\w+ does not follow: question")
def an_intent_of_another_question(forgery):
    forgery.rerun_fixed("intent", lambda facts: facts.update(question="what else?"))


@refused_as(r"the input of step aggregate-\w+ does not follow: verdict\.best_share")
def an_intent_with_other_facts(forgery):
    forgery.rerun_fixed("intent", lambda facts: facts.update(best_share=0.1234))


@refused_as(r"step 1 is not the one that the rules say")
def a_plan_with_another_candidate(forgery):
    def change(facts):
        facts["candidates"][0].update(node="lie.md", path="lie.md", score=2.0)

    forgery.rerun_fixed("plan", change)


@refused_as(r"the seeds begin elsewhere than the run was asked to")
def a_candidate_that_nobody_asked_to_start_at(forgery):
    forgery.rerun_fixed("plan", lambda facts: facts["candidates"][-1].update(started=True))


@refused_as(r"the seeds begin elsewhere than the run was asked to")
def a_start_that_was_not_begun_at(forgery):
    forgery.facts["starts"] = ["elsewhere.md"]


@refused_as(r"the input of step plan-\w+ does not follow: most")
def a_plan_with_more_seeds(forgery):
    forgery.rerun_fixed("plan", lambda facts: facts.update(most=9))


@refused_as(r"the input of step 11-traverse-\w+ does not follow: covered")
def a_page_with_more_found_on_the_way(forgery):
    forgery.replace_view(11, lambda view: view.update(covered=view["tokens"]))


@refused_as(r"step 11-traverse-\w+ looked for what no page before it taught")
def a_page_on_which_other_words_were_sought(forgery):
    forgery.replace_view(11, lambda view: view.update(sought=["lie"]))


@refused_as(r"the input of step 3-traverse-\w+ does not follow: idf\.\w+")
def a_page_with_other_weights(forgery):
    def change(view):
        term = min(view["idf"])
        view["idf"][term] += 0.000001

    forgery.replace_view(3, change)


@refused_as(r"the input of step 3-traverse-\w+ does not follow: known_share")
def a_page_whose_question_is_known_better(forgery):
    forgery.replace_view(3, lambda view: view.update(known_share=view["known_share"] - 0.01))


@refused_as(r"step 1-traverse-\w+ and the seeds disagree on .*")
def a_seed_with_another_path(forgery):
    forgery.replace_view(1, lambda view: view.update(path="lie.md"))


@refused_as(r"step 1-traverse-\w+ and the seeds disagree on .*")
def a_seed_with_another_score(forgery):
    forgery.replace_view(1, lambda view: view.update(node_score=0.5432))


@refused_as(r"step 11-traverse-\w+ was shown more than its limits allow")
def a_page_with_more_edges_than_allowed(forgery):
    forgery.replace_view(11, lambda view: view.update(edges=100 * view["edges"]))


@refused_as(r"the input of step aggregate-\w+ does not follow: opened\.\d+\.path")
def an_opened_page_of_another_file(forgery):
    forgery.change_fan_in(lambda facts: facts["opened"][0].update(path="lie.md"))


@refused_as(r"the input of step aggregate-\w+ does not follow: opened\.\d+\.node")
def an_opened_page_of_another_node(forgery):
    forgery.change_fan_in(lambda facts: facts["opened"][0].update(node="lie.md"))


@refused_as(r"the input of step aggregate-\w+ does not follow: opened\.\d+\.priority")
def an_opened_page_with_another_priority(forgery):
    forgery.change_fan_in(lambda facts: facts["opened"][1].update(priority=1.5))


@refused_as(r"the input of step aggregate-\w+ does not follow: opened\.\d+\.lift")
def an_opened_page_with_another_lift(forgery):
    forgery.change_fan_in(lambda facts: facts["opened"][1].update(lift=0.123))


@refused_as(r"the input of step aggregate-\w+ does not follow: opened\.\d+\.via")
def an_opened_page_reached_another_way(forgery):
    hop = {"node": "lie.md", "edge": "link", "line": 1}
    forgery.change_fan_in(lambda facts: facts["opened"][0].update(via=[hop]))


@refused_as(r"the input of step aggregate-\w+ does not follow: opened\.\d+\.joins")
def an_opened_page_with_a_join(forgery):
    join = {"node": "lie.md", "lift": 1.0}
    forgery.change_fan_in(lambda facts: facts["opened"][0]["joins"].append(join))


@refused_as(r"the input of step aggregate-\w+ does not follow: opened\.\d+\.promises")
def an_opened_page_with_a_promise(forgery):
    promise = {"node": "lie.md", "edge": "link", "lift": 1.0}
    forgery.change_fan_in(lambda facts: facts["opened"][0]["promises"].append(promise))


@refused_as(r"the input of step aggregate-\w+ does not follow: opened\.\d+\.evidence\.0\.line_\w+")
def a_quote_on_other_lines(forgery):
    def change(facts):
        quote = next(item for item in facts["opened"] if item["evidence"])["evidence"][0]
        quote["line_start"] += 7
        quote["line_end"] += 7

    forgery.change_fan_in(change)


@refused_as(r"the input of step aggregate-\w+ does not follow: opened\.\d+\.evidence\.0\.heading")
def a_quote_under_another_heading(forgery):
    def change(facts):
        quote = next(item for item in facts["opened"] if item["evidence"])["evidence"][0]
        quote["heading"] = "Warranty"

    forgery.change_fan_in(change)


@refused_as(r"the input of step aggregate-\w+ does not follow: answer_tokens")
def other_tokens_of_evidence(forgery):
    forgery.change_fan_in(lambda facts: facts.update(answer_tokens=399))


@refused_as(r"the run passed its limits: answer_tokens")
def more_tokens_of_evidence(forgery):
    forgery.change_fan_in(lambda facts: facts.update(answer_tokens=8_000))


@refused_as(r"the input of step aggregate-\w+ does not follow: most_documents")
def more_documents_than_are_ranked(forgery):
    forgery.change_fan_in(lambda facts: facts.update(most_documents=40))


@refused_as(r"the input of step aggregate-\w+ does not follow: known_share")
def a_question_that_is_known_better(forgery):
    forgery.change_fan_in(lambda facts: facts.update(known_share=0.77))


@refused_as(r"the input of step aggregate-\w+ does not follow: verdict\.best_share")
def a_verdict_of_not_found(forgery):
    forgery.change_fan_in(lambda facts: facts["verdict"].update(best_share=0.0))


@refused_as(r"the input of step aggregate-\w+ does not follow: verdict\.missing_names")
def a_name_that_is_not_missing(forgery):
    forgery.change_fan_in(lambda facts: facts["verdict"].update(missing_names=["X-9"]))


@refused_as(r"the input of step aggregate-\w+ contradicts itself, or the seeds")
def a_made_up_hit_on_top(forgery):
    hit = {"path": "lie.md", "score": 1.0}
    forgery.change_fan_in(lambda facts: facts["hits"].insert(0, hit))


@refused_as(r"the input of step aggregate-\w+ contradicts itself, or the seeds")
def hits_in_another_order(forgery):
    forgery.change_fan_in(lambda facts: facts["hits"].reverse())


@refused_as(r"the input of step aggregate-\w+ contradicts itself, or the seeds")
def a_page_that_nothing_led_to(forgery):
    forgery.change_fan_in(lambda facts: facts["pages"].append({"path": "zz.md", "held": []}))


@refused_as(r"the input of step aggregate-\w+ contradicts itself, or the seeds")
def a_page_that_holds_more_than_was_asked(forgery):
    forgery.change_fan_in(lambda facts: facts["pages"][0].update(held=["lie"]))


@refused_as(r"the input of step aggregate-\w+ does not follow: opened\.0\.language")
def a_fan_in_in_another_language(forgery):
    forgery.change_fan_in(lambda facts: facts.update(language="german"))


@refused_as(r"the input of step aggregate-\w+ does not follow: party")
def a_fan_in_with_a_field_more(forgery):
    forgery.change_fan_in(lambda facts: facts.update(party=1))


@refused_as(r"the input of step aggregate-\w+ does not follow: opened\.0\.party")
def an_opened_page_with_a_field_more(forgery):
    forgery.change_fan_in(lambda facts: facts["opened"][0].update(party=1))


# Attempts


@refused_as(r"step 3-traverse-\w+ did not end as its attempts say")
def an_attempt_of_another_number(forgery):
    forgery.commit_of(3)["ended"]["attempts"][0]["number"] = 2


@refused_as(r"step 3-traverse-\w+ did not end as its attempts say")
def an_attempt_that_took_less_than_nothing(forgery):
    forgery.commit_of(3)["ended"]["attempts"][0]["elapsed_ms"] = -1.0


@refused_as(r"step 3-traverse-\w+ did not end as its attempts say")
def a_step_that_took_longer_than_its_attempts(forgery):
    forgery.commit_of(3)["ended"]["elapsed_ms"] += 5


@refused_as(r"step 3-traverse-\w+ did not end as its attempts say")
def an_attempt_that_began_before_the_run(forgery):
    forgery.commit_of(3)["ended"]["attempts"][0]["started_ms"] = -1.0


@refused_as(r"step 3-traverse-\w+ did not end as its attempts say")
def a_step_that_ran_without_an_attempt(forgery):
    forgery.commit_of(3)["ended"].update(attempts=[], elapsed_ms=0)


@refused_as(r"step 3-traverse-\w+ did not end as its attempts say")
def a_step_that_ended_well_and_says_an_error(forgery):
    forgery.commit_of(3)["ended"]["error"] = "it broke"


@refused_as(r"step 3-traverse-\w+ did not end as its attempts say")
def an_attempt_that_failed_and_gave_something(forgery):
    forgery.commit_of(3)["ended"]["attempts"][0]["status"] = "error"


def one_attempt_more(forgery: Forgery, status: str) -> None:
    attempts = forgery.commit_of(3)["ended"]["attempts"]
    attempts.insert(0, {**attempts[0], "status": status, "elapsed_ms": 0, "error": "no"})
    attempts[1]["number"] = 2


@refused_as(r"step 3-traverse-\w+ did not end as its attempts say")
def an_attempt_after_one_that_went_well(forgery):
    one_attempt_more(forgery, "ok")


@refused_as(r"step 3-traverse-\w+ did not end as its attempts say")
def an_attempt_after_an_error(forgery):
    one_attempt_more(forgery, "error")


@refused_as(r"step 3-traverse-\w+ did not end as its attempts say")
def a_cached_result_with_an_attempt(forgery):
    forgery.commit_of(3)["ended"]["origin"] = "cache"


# The ending


@refused_as(r"the run's budget is not what its record adds up to")
def another_depth(forgery):
    forgery.ending["budget"]["depth_reached"] += 1


@refused_as(r"the run's budget is not what its record adds up to")
def a_budget_with_a_field_more(forgery):
    forgery.ending["budget"]["party"] = 1


@refused_as(r"the run's mode_reason is not what its record adds up to")
def another_reason_for_the_search(forgery):
    forgery.ending["mode_reason"] = "because"


@refused_as(r"the run was searched in another way than its question needs")
def a_search_that_the_question_decided(forgery):
    """The words of a random corpus need no deep search."""
    forgery.facts["mode"] = "auto"
    forgery.rerun_fixed("intent", lambda facts: facts.update(best_share=0.0, named=[]))
    planned, _ = forgery.fixed("intent")
    facts = forgery.load(planned["input"])
    forgery.change_fan_in(
        lambda given: given["verdict"].update(best_share=facts["best_share"], named=False)
    )


@refused_as(r"the run did not end where the rules say")
def a_complete_run_that_feigns_to_be_cancelled(forgery):
    forgery.ending.update(status="partial", stop_reason="cancelled")
    forgery.add_up()


@refused_as(r"the run's status is not what its record adds up to")
def a_complete_run_with_a_reason_to_stop(forgery):
    stop_early(forgery, "cancelled")
    forgery.ending["status"] = "partial"
    forgery.ending["stop_reason"] = "budget"
    forgery.add_up()


def stop_early(forgery: Forgery, reason: str) -> None:
    """Let the run be stopped before its last commit."""
    place = forgery.events.index(("commit", forgery.commit_of(11)))
    kept = forgery.events[place][1]["ended"]
    forgery.events[place] = ("kept", {"ended": [kept]})
    forgery.ending.update(status="partial", stop_reason=reason)
    forgery.gather_again()


@refused_as(r"the run did not fail as often as it says")
def a_run_that_feigns_failures(forgery):
    stop_early(forgery, "failures")


@refused_as(r"the run took less time than its exploration")
def a_run_that_was_faster_than_its_exploration(forgery):
    forgery.ending["seconds"] = 0.0
    forgery.ending["certificate"][-1]["used"] = 0.01


# What only the index tells


# How the question was read


def filtered(*conditions: tuple[str, str, bool], pages: int = 1) -> dict[str, Any]:
    """A filter as a record holds it."""
    held = [
        {"kind": kind, "value": value, "excludes": excludes} for kind, value, excludes in conditions
    ]
    return {"conditions": held, "pages": pages, "holding": pages, "of": pages}


@refused_as(r"the run's filter is none that a question can have")
def a_filter_without_conditions(forgery):
    forgery.facts["filter"] = filtered()


@refused_as(r"the run's filter is none that a question can have")
def a_filter_that_leaves_more_than_there_is(forgery):
    forgery.facts["filter"] = {**filtered(("word", "zebra", True), pages=2), "of": 1}


@refused_as(r"the run opened more pages than its filter left")
def a_filter_that_leaves_less_than_was_opened(forgery):
    forgery.facts["filter"] = filtered(("word", "zebra", True))


@refused_as(r"the run has .*, which its filter leaves out")
def a_filter_that_leaves_out_what_was_opened(forgery):
    forgery.facts["filter"] = filtered(("path", "nowhere", False))


@refused_as(r"the run's record makes no sense: .*'colour' is no kind of condition.*")
def a_filter_of_no_kind(forgery):
    forgery.facts["filter"] = filtered(("colour", "red", False))


@refused_as(r"the run's synonyms are not those of its question")
def a_synonym_of_no_word(forgery):
    forgery.facts["synonyms"] = [{"words": "zebra", "other": "yak", "origin": "settings"}]


@refused_by_index_as(r"the run's filter leaves other pages of its index than it says")
def a_filter_that_was_not_asked_for(forgery):
    forgery.facts["filter"] = {
        **filtered(("word", "zebra", True), pages=999),
        "holding": 999,
        "of": 999,
    }


@refused_by_index_as(r"the run's synonyms are not those of its question and its documents")
def a_synonym_that_no_document_explains(forgery):
    forgery.facts["synonyms"] = [{"words": "common", "other": "CMN", "origin": "documents"}]


@refused_by_index_as(r"the run names other folders than its index")
def other_folders(forgery):
    forgery.facts["roots"] = [{"name": "", "path": "/lie"}]


@refused_by_index_as(r"the input of step intent-\w+ does not follow: best_share")
def a_question_that_is_answered_by_less(forgery):
    forgery.rerun_fixed("intent", lambda facts: facts.update(best_share=0.4321))
    forgery.change_fan_in(lambda facts: facts["verdict"].update(best_share=0.4321))


@refused_by_index_as(r"the input of step plan-\w+ does not follow: candidates.*")
def a_candidate_of_another_title(forgery):
    forgery.rerun_fixed("plan", lambda facts: facts["candidates"][0].update(title="Lie"))


@refused_by_index_as(r"the input of step 3-traverse-\w+ does not follow: title")
def a_page_of_another_title(forgery):
    forgery.replace_view(3, lambda view: view.update(title="Lie"))


@refused_by_index_as(r"the input of step \d+-traverse-\w+ does not follow: sections\.0\.text")
def a_page_with_another_text(forgery):
    """The last page: nothing is sent because of what it says."""

    def change(view):
        view["sections"][0]["text"] += " Green cheese."

    forgery.replace_view(11, change)


@refused_by_index_as(r"the input of step \d+-traverse-\w+ does not follow: content_hash")
def a_page_of_another_hash(forgery):
    forgery.replace_view(11, lambda view: view.update(content_hash="0" * 64))


@refused_by_index_as(r"the input of step aggregate-\w+ does not follow: hits\.\d+\.path")
def a_hit_that_is_another_page(forgery):
    def change(facts):
        facts["hits"][-1]["path"] = "zz.md"
        known = {item["path"] for item in (*facts["hits"], *facts["opened"])}
        facts["pages"].append({"path": "zz.md", "held": []})
        facts["pages"] = [page for page in facts["pages"] if page["path"] in known]

    forgery.change_fan_in(change)


@refused_by_index_as(r"the input of step aggregate-\w+ does not follow: pages\.\d+\.held")
def a_page_that_holds_less(forgery):
    def change(facts):
        next(page for page in facts["pages"] if page["held"])["held"] = []

    forgery.change_fan_in(change)


@refused_by_index_as(r"the input of step aggregate-\w+ does not follow: name_share")
def a_corpus_of_other_names(forgery):
    forgery.change_fan_in(lambda facts: facts.update(name_share=0.123))


@refused_by_index_as(r"the input of step aggregate-\w+ does not follow: verdict\.closeness")
def an_answer_that_is_closer(forgery):
    forgery.change_fan_in(lambda facts: facts["verdict"].update(closeness=0.9))


# What nothing tells


@taken_on_trust("times decide nothing")
def another_date(forgery):
    forgery.facts["created_at"] = "1999-01-01T00:00:00Z"


@taken_on_trust("times decide nothing")
def another_duration(forgery):
    forgery.ending["seconds"] += 1


@taken_on_trust("times decide nothing")
def an_attempt_that_began_later(forgery):
    first_commit(forgery)["ended"]["attempts"][0]["started_ms"] += 1


@taken_on_trust("times decide nothing")
def an_attempt_that_does_not_say_when_it_began(forgery):
    del first_commit(forgery)["ended"]["attempts"][0]["started_ms"]


@taken_on_trust("the command decides nothing that is not in the limits")
def another_command(forgery):
    forgery.facts["argv"] = ["ask", "lie"]


@taken_on_trust("any engine gives the same")
def another_engine(forgery):
    forgery.facts["engine"] = "local"


@taken_on_trust("any worker gives the same")
def another_worker(forgery):
    first_commit(forgery)["ended"]["attempts"][0]["worker"] = 1


@taken_on_trust("what a step wrote decides nothing")
def another_log(forgery):
    attempt = first_commit(forgery)["ended"]["attempts"][0]
    attempt["log"] = forgery.store.put_blob(b"lie")


@taken_on_trust("the number of workers decides nothing")
def more_workers(forgery):
    forgery.facts["limits"]["workers"] = forgery.facts["requested"]["workers"] = 3


@taken_on_trust("under a later deadline each decision is the same")
def a_later_deadline(forgery):
    forgery.facts["limits"]["deadline_s"] = forgery.facts["requested"]["deadline_s"] = 130
    forgery.add_up()


@taken_on_trust("with more attempts each decision is the same")
def more_attempts(forgery):
    forgery.facts["limits"]["attempts"] = forgery.facts["requested"]["attempts"] = 4
    forgery.add_up()


@taken_on_trust("a cached result is the same bytes")
def a_step_that_feigns_to_be_cached(forgery):
    first_commit(forgery)["ended"].update(origin="cache", attempts=[], elapsed_ms=0)


@taken_on_trust("a record that is cut looks like that of a run that was killed")
def a_record_without_its_end(forgery):
    del forgery.events[-1]


@taken_on_trust("a record that is cut looks like that of a run that was killed")
def a_record_of_six_events(forgery):
    del forgery.events[6:]


@taken_on_trust("no rule says when a person stops a run")
def a_run_that_feigns_a_stop_before_its_end(forgery):
    stop_early(forgery, "cancelled")


# What is no forgery of an event, but of the file


def rechain(store: RunStore, seq: int, text: str) -> None:
    """Put a text in the place of an event, as the last one, under a hash that fits."""
    store.connection.execute("delete from events where seq >= ?", (seq,))
    (before,) = store.connection.execute(
        "select hash from events where seq = ?", (seq - 1,)
    ).fetchone()
    digest = chain_hash(before, "commit", text)
    store.connection.execute("insert into events values (?, 'commit', ?, ?)", (seq, text, digest))


def an_event_that_holds_no_number(store: RunStore) -> None:
    rechain(store, 6, '{"drops":[],"ended":null,"number":NaN,"sent":[]}')


def an_event_that_is_nested_deeply(store: RunStore) -> None:
    rechain(store, 6, '{"drops":' + "[" * 100_000 + "]" * 100_000 + "}")


def an_event_that_is_spelled_otherwise(store: RunStore) -> None:
    text = canonical_json({"drops": [], "ended": None, "number": None, "sent": []}).decode()
    rechain(store, 6, text.replace(":", ": "))


MORE_DAMAGES = [
    (r"event 6 of the run is damaged: NaN is no number", an_event_that_holds_no_number),
    (r"event 6 of the run is damaged: .*recursion.*", an_event_that_is_nested_deeply),
    (r"event 6 of the run is damaged: it is not spelled .*", an_event_that_is_spelled_otherwise),
]
