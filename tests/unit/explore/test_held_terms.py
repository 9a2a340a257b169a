import numpy as np

from docsearch_cli.explore.held_terms import HeldTerms

LISTS = {"oven": [0, 2], "brick": [2, 3], "fuse": []}


def held_in(lists, count=5):
    return HeldTerms(tuple(lists), lambda term: np.array(lists[term], np.int32), count)


def test_the_terms_of_sections_are_in_the_order_of_the_question():
    held = held_in(LISTS)

    assert held.of_sections([2, 1, 3]) == [("oven", "brick"), (), ("brick",)]
    assert held.of_sections([]) == []


def test_the_terms_of_consecutive_sections_are_those_of_any():
    held = held_in(LISTS)

    assert held.between(0, 3) == ("oven", "brick")
    assert held.between(4, 5) == held.between(1, 1) == ()
    assert held.holding(1, 5) == [2, 3]


def test_masks_say_which_of_some_terms_are_held():
    held = held_in(LISTS)
    masks = held.masks([2, 0]) & held.mask_of(["brick", "fuse"])

    assert held.bits(masks, ["fuse", "brick"]).tolist() == [[False, True], [False, False]]
    assert held.spelled(masks[0].tolist()) == ("brick",)


def test_a_question_of_more_terms_than_a_word_has_bits_is_held_as_well():
    lists = {f"t{n}": [n % 5] for n in range(200)}
    held = held_in(lists)

    assert held.of_sections([3]) == [tuple(f"t{n}" for n in range(3, 200, 5))]
    assert held.bits(held.masks([1]), ["t196", "t62", "t63", "t1"]).tolist() == [
        [True, False, False, True]
    ]


def test_a_question_without_terms_is_held_nowhere():
    held = held_in({})

    assert held.of_sections([0, 4]) == [(), ()]
    assert held.between(0, 5) == ()
