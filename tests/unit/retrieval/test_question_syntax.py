import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from docsearch_cli.retrieval.conditions import MOST_CONDITIONS, Condition
from docsearch_cli.retrieval.question_syntax import parse_question, phrase_words

PIECES = st.lists(
    st.one_of(
        st.sampled_from(
            (
                *('"', "“", "”", "-", "--", "`", "(", ")", "?", ":", "path:", "tag:", "title:"),
                *("after:", "before:", "2025", "2025-13", "C++", "std::vector", "word", "a b"),
                *("\n", " ", "-x"),
            )
        ),
        st.text(max_size=4),
    ),
    max_size=24,
).map("".join)


def of(question, **options):
    return parse_question(question, **options).conditions


@pytest.mark.parametrize(
    "question",
    [
        "how does std::vector grow",
        "a - b",
        "what does --max-agents do",
        "what does -v do, and -xz",
        "is http://x:80 open",
        r"open C:\x and C++",
        'an "unbalanced quote',
        '15" and 20" screens',
        "key: value",
        "title: what is it",
        'print("hello world")',
        "before:noon and after:lunch",
        "after:2025-13-01 what",
        "the non-word a-b -",
        "-zeromq",
        "-zeromq -kafka?",
        "-path",
        "path:/ or tag: or title:?",
        '"" and " "',
        'what does `-name "x y"` do',
        "",
    ],
)
def test_what_is_no_condition_is_left_as_it_is(question):
    found = parse_question(question)

    assert (found.words, found.conditions, found.options) == (question, (), ())


def test_each_condition_is_taken_out_of_the_words():
    found = parse_question(
        'how do "dead letter" queues -zeromq work path:guides/* tag:ops title:"set up" '
        "after:2024 before:2025-07?"
    )

    assert found.words == "how do dead letter queues work"
    assert found.conditions == (
        Condition("phrase", "dead letter"),
        Condition("word", "zeromq", excludes=True),
        Condition("path", "guides/*"),
        Condition("tag", "ops"),
        Condition("title", "set up"),
        Condition("since", "2024-01-01"),
        Condition("until", "2025-06-30"),
    )


def test_a_hyphen_excludes_phrases_and_fields_too():
    assert of('x -"dead letter" -path:old -tag:draft -title:News') == (
        Condition("phrase", "dead letter", excludes=True),
        Condition("path", "old", excludes=True),
        Condition("tag", "draft", excludes=True),
        Condition("title", "News", excludes=True),
    )


def test_an_excluded_phrase_is_no_word_of_the_question():
    assert parse_question('queues -"dead letter"').words == "queues"


def test_a_word_that_a_document_writes_as_an_option_is_searched_for():
    found = parse_question("find by -name or -type", is_option=lambda word: word == "name")

    assert found.words == "find by -name or"
    assert found.options == ("-name",)
    assert found.conditions == (Condition("word", "type", excludes=True),)


@pytest.mark.parametrize("field", ["before:yesterday", "since:2025-13-45", 'until:"last week"'])
def test_a_field_without_its_date_stays_words_and_is_named(field):
    found = parse_question(f"what changed {field}, and why")

    assert found.conditions == ()
    assert found.not_dates == (field,)


@pytest.mark.parametrize("field", ["before:2025", "-before:2025", "name:yesterday", "before: it"])
def test_what_has_a_date_or_wants_none_is_not_named(field):
    assert parse_question(f"what changed {field}").not_dates == ()


@pytest.mark.parametrize("quoted", ['("dead letter")', "“dead letter”", '"dead\n letter",'])
def test_a_phrase_may_stand_in_brackets_and_over_lines(quoted):
    assert of(f"what is {quoted} for") == (Condition("phrase", "dead letter"),)


def test_a_condition_that_is_said_twice_counts_once():
    assert of("x tag:a tag:b tag:a") == (Condition("tag", "a"), Condition("tag", "b"))


def test_what_is_beyond_the_most_conditions_stays_words():
    found = parse_question("x " + " ".join(f"tag:t{n}" for n in range(MOST_CONDITIONS + 1)))

    assert len(found.conditions) == MOST_CONDITIONS
    assert found.words == f"x tag:t{MOST_CONDITIONS}"


def test_words_of_phrases_are_meant_as_they_are():
    assert phrase_words(of('x "dead-letter queue" -y')) == {"dead-letter", "queue"}


@given(PIECES)
@example('-"' * 40)
@example("(" * 40 + '"a" -abc')
def test_a_question_is_never_wrong_by_its_spelling(question):
    found = parse_question(question)

    if not found.conditions:
        assert found.words == question
    assert all(Condition.from_dict(item.to_dict()) == item for item in found.conditions)
    assert all(item.value and item.in_words() for item in found.conditions)


@given(st.text(alphabet=st.characters(exclude_characters='"“”-:`'), max_size=60))
def test_a_question_without_signs_is_unchanged(question):
    assert parse_question(question).words == question


@pytest.mark.parametrize("piece", ['"', '-"', '("', "`", "path:", '"a ', "-abc:"])
def test_time_is_linear_in_the_question(piece):
    parse_question(piece * 40_000)


def test_very_many_stops_behind_a_field_take_no_time():
    assert parse_question("port title:" + ")" * 400_000 + "x").conditions[0].kind == "title"
    assert parse_question("port path:)?! then").conditions == ()
