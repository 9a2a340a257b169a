from dataclasses import replace

from docsearch_cli.report.dag_picture import draw_dag
from docsearch_cli.steps import Drop
from tests.unit.report.pages import HOSTILE, grown_run, run_data


def test_a_column_for_each_depth_and_a_box_for_each_step():
    cards = run_data().cards
    picture = draw_dag(cards)

    assert [heading for _, heading in picture.columns] == [
        "depth 0",
        "depth 1",
        "depth 2",
        "depth 3",
    ]
    assert [box.step for box in picture.boxes] == [card.number for card in cards]
    assert len(picture.ways) == sum(card.summary.parent is not None for card in cards)
    assert picture.folded == 0


def test_no_box_covers_another_and_all_are_inside():
    picture = draw_dag(grown_run(150).cards)
    places = [(box.x, box.y) for box in picture.boxes]

    assert len(places) == len(set(places)) == 150
    assert all(x + picture.box_width <= picture.width for x, _ in places)
    assert all(y + picture.box_height <= picture.height for _, y in places)


def test_steps_of_a_column_stand_in_the_order_of_those_that_sent_them():
    cards = grown_run(150).cards
    picture = draw_dag(cards)
    rows = {box.step: box.y for box in picture.boxes}
    below = sorted((rows[card.number], rows[card.summary.parent]) for card in cards[50:150]
                   if card.summary.depth == 1)  # fmt: skip

    assert [parent for _, parent in below] == sorted(parent for _, parent in below)


def test_a_large_run_is_folded_to_what_matters_and_says_how_much_is_left_out():
    data = grown_run(2_000)
    cards = (*data.cards[:-1], replace(data.cards[-1], quotes=(1,)))
    picture = draw_dag(cards)
    drawn = {box.step for box in picture.boxes if box.step is not None}
    folded = [box for box in picture.boxes if box.step is None]

    assert 2_000 in drawn
    assert all(cards[n - 1].summary.parent in drawn for n in drawn if cards[n - 1].summary.parent)
    assert len(drawn) <= 200
    assert picture.folded == 2_000 - len(drawn)
    assert sum(int(box.label.split()[0].replace(",", "")) for box in folded) == picture.folded


def test_a_page_that_another_step_proposed_too_has_a_dashed_line():
    cards = list(run_data().cards)
    last = cards[-1]
    others = [card for card in cards if card.summary.depth < last.summary.depth]
    other = next(card for card in others if card.number != last.summary.parent)
    drop = Drop(other.number, 0, last.summary.node, "queued", 0.1)
    cards[-1] = replace(last, row=replace(last.row, proposed_by=(drop,)))

    assert len(draw_dag(cards).later) == len(draw_dag(run_data().cards).later) + 1


def test_a_box_says_in_words_what_it_shows():
    card = run_data().cards[0]
    card = replace(card, quotes=(2,), summary=replace(card.summary, node="guides/a.md//2"))
    (box,) = draw_dag([card]).boxes

    assert box.label == "1 a.md"
    assert box.said == "step 1, guides/a.md part 2, led on, quoted as 2"
    assert box.is_cited


def test_a_hostile_name_is_cut():
    card = run_data().cards[0]
    (box,) = draw_dag([replace(card, summary=replace(card.summary, node=HOSTILE * 99))]).boxes

    assert len(box.label) < 25
    assert len(box.said) < 500


def test_a_run_without_steps_has_no_picture():
    assert draw_dag([]).boxes == ()
