import time

import pytest

from docsearch_cli.graph.entities import names_in


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("He was born in Van Hook Township in 1951.", "Van Hook Township"),
        ("It was signed by the Duke of Kent himself.", "Duke of Kent"),
        ("They moved to Ålesund later.", "Ålesund"),
        ("Pass --max-agents to it.", "--max-agents"),
        ("It sets max_agents to five.", "max_agents"),
        ("The field maxAgents is a number.", "maxAgents"),
        ("A FileNotFoundError is raised.", "FileNotFoundError"),
        ("It ends with E1234 then.", "E1234"),
        ("Since 1.0.21 it does.", "1.0.21"),
        ("It is 12.1.0.2.4b now.", "12.1.0.2"),
        ("It is 12.1.0.2.v20 now.", "12.1.0.2"),
        ("It is under 9_to_5 then.", "9_to_5"),
        ("See FW-2104b-7 or FW-21-04.", "FW-21-04"),
        ("On 12 March 1990 it fell.", "12 March 1990"),
        ("Due 2024-05-01 at noon.", "2024-05-01"),
        ("We saw Per's turbine.", "Per"),
        ("Мы говорим о погоде, потом пришёл Иван Петров домой.", "Иван Петров"),
        ("il a été évalué à Évry hier", "Évry"),
    ],
)
def test_a_name_is_found_as_it_is_spelled(text, name):
    assert name in names_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "The oven is hot. Bread is good.",
        "nothing here",
        "",
        "If It Is",
        "старая мельница у реки",
        "한국어 문장 입니다.",
        "中文没有大写字母。",
    ],
)
def test_what_is_not_capitalised_or_only_begins_a_sentence_is_no_name(text):
    assert list(names_in(text)) == []


def test_the_first_word_of_a_sentence_may_be_part_of_the_name_or_not():
    names = list(names_in("Yesterday Van Hook burned."))

    assert {"Yesterday Van Hook", "Van Hook"} <= set(names)


def test_a_heading_in_capitals_is_no_name():
    assert list(names_in("This Is The Way In Which Long Headings Are Often Written")) == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("A b. abc été Évry là", ["Évry"]),  # where it begins counts, not where the run does
        ("Seen. The Van Hook burned", ["Van Hook"]),
        ("in the Of of", []),
        ("he met Al and Ada", ["Ada"]),  # a single word has three letters
        ("so Duke of the", ["Duke"]),
        ("a B C D E F G here", ["B C D E F G"]),
        ("a B C D E F G H here", []),
        ("Ada Lovelace of Kent came", ["Ada Lovelace of Kent", "Lovelace of Kent"]),
        ("Duke of Kent came", ["Duke of Kent"]),
        (f"see {'a1' * 40} or {'b2' * 41}", ["a1" * 40]),
        (f"so {'A' + 'b' * 79} and {'A' + 'b' * 80} came", ["A" + "b" * 79]),
    ],
)
def test_what_of_a_run_of_capitals_is_a_name(text, names):
    assert list(names_in(text)) == names


@pytest.mark.parametrize(
    "text",
    [
        "Aa" * 100_000,
        "A " * 100_000,
        "a_" * 100_000,
        "Aa of " * 50_000,
        "-" * 200_000,
        "1." * 100_000,
    ],
    ids=["humps", "capitals", "underscores", "of", "dashes", "versions"],
)
def test_odd_texts_take_no_time(text):
    started = time.process_time()
    list(names_in(text))

    assert time.process_time() - started < 5
