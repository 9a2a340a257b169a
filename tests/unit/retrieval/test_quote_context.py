import pytest

from docsearch_cli.corpus.plain_text import sentences
from docsearch_cli.retrieval.quote_context import grow, read_context


def read(text, markup="markdown"):
    units = sentences(text, markup)
    return units, read_context(units, text)


def above(text, plain, markup="markdown"):
    units, context = read(text, markup)
    place = next(place for place, unit in enumerate(units) if unit.plain == plain)
    return [units[other].plain for other in context.above(place)]


def grown(text, plain, *, most=200, markup="markdown"):
    units, context = read(text, markup)
    place = next(place for place, unit in enumerate(units) if plain in unit.plain)
    return [units[other].plain for other in grow(units, context, place, most)]


TABLE = "| Knob | Default |\n|---|---|\n| heat | 40 |\n| draught | 7 |\n"


@pytest.mark.parametrize(
    ("text", "plain", "found"),
    [
        ("Kilns need:\n\n- clay\n- air\n", "air", ["Kilns need:"]),
        ("Kilns are old.\n\n- clay\n- air\n", "air", []),
        (TABLE, "draught 7", ["Knob Default"]),
        ("Run this:\n\n```\nkiln fire\n```\n", "kiln fire", ["Run this:"]),
        ("**Is it hot?**\n\nYes, very.\n", "Yes, very.", ["Is it hot?"]),
        ("**Draught**\n\nOpen by half.\n", "Open by half.", ["Draught"]),
        ("Is it hot? Yes, very.\n", "Yes, very.", ["Is it hot?"]),
        ("## Kilns\n\nOpen by half.\n", "Open by half.", []),
    ],
)
def test_a_sentence_stands_under_what_leads_to_it(text, plain, found):
    assert above(text, plain) == found


def test_a_definition_stands_under_its_term():
    text = "<dl><dt>draught</dt><dd>How far it is open.</dd><dt>heat</dt><dd>In degrees.</dd></dl>"

    assert above(text, "In degrees.", "html") == ["heat"]


def test_a_term_reaches_only_so_far():
    text = "<dl><dt>heat</dt></dl>" + "".join(f"<p>Line {n} here.</p>" for n in range(14))

    assert above(text, "Line 11 here.", "html") == ["heat"]
    assert above(text, "Line 12 here.", "html") == []


def test_a_lead_in_takes_its_list():
    assert grown("There are two kinds:\n\n- round\n- square\n", "There are") == [
        "There are two kinds:",
        "round",
        "square",
    ]


def test_a_sentence_before_code_takes_the_code():
    assert grown("To purge it, run:\n\n```\nkiln purge\n```\n", "To purge")[-1] == "kiln purge"


def test_a_line_of_code_takes_the_rest_of_it_and_the_sentence_before():
    text = "Long ago.\n\n" + "Filler. " * 20 + "\n\nTo purge it, run:\n\n```\ncd kiln\npurge\n```\n"

    assert grown(text, "cd kiln", most=60) == ["To purge it, run:", "cd kiln", "purge"]


def test_a_question_takes_its_answer():
    assert grown("**May it rain?**\n\nNo. Cover it.\n", "May it rain") == [
        "May it rain?",
        "No.",
        "Cover it.",
    ]


def test_what_points_back_takes_what_it_points_to():
    text = "The weir was rebuilt by Ida Holm that year. It holds well. " + "Wide words here. " * 9

    assert grown(text, "It holds", most=60)[0] == "The weir was rebuilt by Ida Holm that year."


def test_a_quote_never_grows_beyond_its_allowance():
    text = "One two three. Four five six. Seven eight nine.\n"

    assert grown(text, "Four", most=14) == ["Four five six."]
    assert grown(text, "Four", most=2) == ["Four five six."]


def test_room_that_is_left_goes_to_the_blocks_beside_it():
    text = "## Heat\n\nUnit: degrees\n\nHow hot it gets.\n\nMind your hands.\n"

    assert grown(text, "How hot") == ["Unit: degrees", "How hot it gets.", "Mind your hands."]


def test_a_table_before_a_sentence_is_taken_as_a_whole_or_not_at_all():
    text = f"{TABLE}\nMind your hands.\n"

    assert grown(text, "Mind", most=40) == ["Mind your hands."]
    assert len(grown(text, "Mind", most=80)) == 4


FRONT = "---\ntitle: Kilns\nauthor: Jane. She fires.\n---\n# Care\n\nWarm it.\n\nThen wait.\n"


def test_front_matter_is_quoted_by_itself_and_with_no_other_text():
    assert grown(FRONT, "She fires.") == ["author: Jane.", "She fires."]
    assert grown(FRONT, "Warm it.") == ["Warm it.", "Then wait."]


TERMS = "Stop it so.\n\nunpark\n    Puts the sink back to work again.\n\nEnd.\n"


def test_a_quote_takes_a_term_with_what_defines_it_or_not_at_all():
    units = sentences(TERMS, "rst")
    context = read_context(units, TERMS)
    kinds = [unit.kind for unit in units]

    assert kinds == ["text", "term", "text", "text"]
    assert grow(units, context, 0, 20) == range(1)
    assert grow(units, context, 0, 54) == range(3)
    assert grow(units, context, 3, 30) == range(3, 4)
    assert grow(units, context, 3, 50).start == 1
