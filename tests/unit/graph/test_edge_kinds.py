import pytest

from docsearch_cli.graph.edge_kinds import (
    BACKWARD_CODES,
    EDGE_KINDS,
    KINDS_FOUND_ON_OPENING,
    EdgeKind,
    code_of,
    kind_named,
    kind_of_code,
    kind_of_label,
    label_words,
)


def test_the_numbers_in_a_stored_graph_never_change():
    stored = {kind.name: kind.code for kind in EDGE_KINDS if kind.code is not None}

    assert stored == {"link": 0, "mention": 1, "part": 2, "next": 3} | {
        name: code for name, code in stored.items() if code > 3
    }


def test_no_two_kinds_have_the_same_name_label_or_number():
    labels = {kind.label(direction): kind for kind in EDGE_KINDS for direction in ("out", "in")}
    codes = [kind.code for kind in EDGE_KINDS if kind.code is not None]

    assert len({kind.name for kind in EDGE_KINDS}) == len(EDGE_KINDS)
    assert len(set(codes)) == len(codes)
    assert all(kind_of_label(label) is kind for label, kind in labels.items())


def test_an_edge_is_called_by_its_kinds_own_word():
    labels = [kind.label(direction) for kind in EDGE_KINDS for direction in ("out", "in")]

    assert {label_words(label) for label in labels} == {
        *(kind.name.replace("_", " ") for kind in EDGE_KINDS),
        "mentioned by",
    }


def test_no_kind_is_called_like_what_led_to_a_seed():
    assert [kind_of_label(source) for source in ("keyword", "title", "start")] == [None] * 3


@pytest.mark.parametrize("kind", [kind for kind in EDGE_KINDS if kind.finder], ids=lambda k: k.name)
def test_every_finder_is_there(kind):
    assert callable(kind.load_finder())


def test_a_kind_is_found_by_its_number_and_the_number_by_its_name():
    assert kind_of_code(code_of("mention")).name == "mention"


@pytest.mark.parametrize("name", ["entity", "nothing"])
def test_what_is_not_stored_has_no_number(name):
    with pytest.raises(ValueError, match=name):
        code_of(name)


def test_a_kind_of_other_code_says_nothing():
    kind = kind_named("gone")

    assert (kind.label("out"), kind.prior_of("out"), kind.propagation(1.0)) == ("gone", 0.0, 0.0)


def test_only_what_is_walked_backwards_has_another_label_there():
    mention, part = kind_named("mention"), kind_named("part")

    assert (mention.label("out"), mention.label("in")) == ("mention", "mentioned_by")
    assert part.label("in") == "part"


def test_naming_a_page_says_more_of_it_than_sharing_a_name_and_that_more_than_a_link():
    mention, entity, link = map(kind_named, ("mention", "entity", "link"))

    assert mention.prior_of("out") > entity.prior_of("out") > link.prior_of("out") > 0
    assert mention.prior_of("in") < mention.prior_of("out")


def test_a_page_vouches_for_one_that_it_names_and_promises_by_what_an_edge_says():
    assert [kind.name for kind in EDGE_KINDS if kind.vouches] == ["mention"]
    promises = {kind.name: kind.promise for kind in EDGE_KINDS if kind.promise}
    assert promises == {"link": 1.6, "include": 1.6, "entity": 0.7, "follow_up": 0.7}


def test_pages_that_share_a_name_are_coupled_the_more_the_rarer_it_is():
    entity, link = kind_named("entity"), kind_named("link")

    assert 0 < entity.coupling(0.2) < entity.coupling(0.8) <= 1
    assert link.coupling(1.0) == 0


def test_a_mention_of_a_rare_name_couples_fully_and_one_of_no_weight_still_raises():
    mention = kind_named("mention")

    assert mention.coupling(0.5) == 0.75
    assert mention.coupling(1.0) == 1.0
    assert mention.propagation(0.0) == 0.75


@pytest.mark.parametrize(
    ("name", "prior", "backward_prior", "least_priority"),
    [
        ("link", 0.05, 0.0, 0.2),
        ("mention", 0.5, 0.05, 0.2),
        ("part", 0.0, 0.0, 0.2),
        ("next", 0.0, 0.0, 0.2),
        ("entity", 0.2, 0.0, 0.35),
        ("follow_up", 0.1, 0.0, 0.3),
    ],
)
def test_what_an_agent_follows_is_as_it_was_measured(name, prior, backward_prior, least_priority):
    kind = kind_named(name)

    assert (kind.prior_of("out"), kind.prior_of("in")) == (prior, backward_prior)
    assert kind.least_priority == least_priority


@pytest.mark.parametrize(
    ("name", "weight", "propagation", "coupling"),
    [
        ("link", 1.0, 0.0, 0.0),
        ("part", 1.0, 0.0, 0.0),
        ("mention", 0.0, 0.75, 0.0),
        ("mention", 0.4, 0.9, 0.6),
        ("mention", 0.8, 1.0, 1.0),
        ("entity", 0.0, 0.0, 0.0),
        ("entity", 0.6, 0.0, 0.6),
        ("entity", 1.0, 0.0, 1.0),
    ],
)
def test_what_an_edge_does_to_the_ranking_is_as_it_was_measured(
    name, weight, propagation, coupling
):
    kind = kind_named(name)

    assert kind.propagation(weight) == pytest.approx(propagation)
    assert kind.coupling(weight) == pytest.approx(coupling)


def test_a_kind_of_its_own_propagates_between_its_least_and_its_most():
    kind = EdgeKind("toy", least_propagation=0.2, most_propagation=0.4, coupling_per_weight=0.5)

    assert [kind.propagation(weight) for weight in (0.0, 1.0, 2.0, 9.0)] == pytest.approx(
        [0.2, 0.3, 0.4, 0.4]
    )
    assert kind.vouches


def test_a_kind_says_nothing_unless_its_row_does():
    kind = EdgeKind("toy")

    assert (kind.prior, kind.backward_prior, kind.coupling(1.0)) == (0.0, 0.0, 0.0)
    assert (kind.propagation(0.0), kind.propagation(1.0)) == (0.0, 0.0)
    assert (kind.vouches, kind.promise, kind.most_shown) == (False, 0.0, None)


def test_kinds_are_walked_backwards_or_found_on_opening_as_their_rows_say():
    assert [kind_of_code(code).name for code in BACKWARD_CODES] == ["mention"]
    assert [(kind.name, kind.most_shown) for kind in KINDS_FOUND_ON_OPENING] == [
        ("entity", 12),
        ("follow_up", None),
    ]
