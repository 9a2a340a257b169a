"""What a look makes of the pages that it opened."""

from docsearch_cli.explore.look import Look
from docsearch_cli.steps import PlannedStep
from tests.unit.explore.test_plan_look import decision


def step(parent):
    return PlannedStep(1, "traverse", "a", 0, 1.0, parent, 0, "link")


def look_of(*, hits=(), edges=()):
    look = Look()
    for terms in hits:
        look.note(step(None), decision(*terms))
    for terms in edges:
        look.note(step(1), decision(*terms))
    return look


def test_a_look_whose_edges_found_nothing_new_goes_on_to_what_promises_much():
    look = look_of(hits=[("pump",), ("valve",)], edges=[("pump", "valve")])

    assert look.goes_on([0.1, 0.8])
    assert not look.goes_on([0.79])
    assert not look.goes_on([])


def test_a_look_whose_edges_found_what_no_hit_held_is_enough():
    assert not look_of(hits=[("pump",)], edges=[("pump",), ("mill",)]).goes_on([1.0])
