import pytest

from docsearch_cli.retrieval.synonyms import ShortForm, Synonym, find_synonyms, synonyms_in_words

ROWS = ("rbac\tRole-Based Access Control", "us\tUnited Stoves")
GLOSSARY = tuple(map(ShortForm.read, ROWS))


def test_listed_words_come_first_and_are_found_whole():
    found = find_synonyms(
        "Where does K8s run, by RBAC?", {"k8s": ("kubernetes", "kube"), "run b": ("x",)}, GLOSSARY
    )

    assert found == (
        Synonym("k8s", "kubernetes", "settings"),
        Synonym("k8s", "kube", "settings"),
        Synonym("RBAC", "Role-Based Access Control", "documents"),
    )


def test_a_long_form_is_searched_as_the_short_one():
    assert find_synonyms("why role based access control", {}, GLOSSARY) == ()
    assert find_synonyms("why role-based access control", {}, GLOSSARY) == (
        Synonym("Role-Based Access Control", "RBAC", "documents"),
    )


@pytest.mark.parametrize(
    ("question", "is_short_form"),
    [("tell us more", False), ("in the US", True), ("what does rbac do", False), ("RBACs", False)],
)
def test_a_short_form_is_spelled_in_capitals(question, is_short_form):
    assert bool(find_synonyms(question, {}, GLOSSARY)) == is_short_form


def test_synonyms_are_bounded():
    others = tuple(map(str, range(100)))

    assert len(find_synonyms("a", {"a": others}, ())) == 8


def test_synonyms_of_one_word_are_said_together():
    said = synonyms_in_words(find_synonyms("a b", {"a": ("c", "d"), "b": ("e",)}, ()))

    assert said == "a also searched as: c, d; b also searched as: e"


def test_plain_data_of_no_synonym_is_refused():
    item = Synonym("a", "b", "settings")

    assert Synonym.from_dict(item.to_dict()) == item
    with pytest.raises(ValueError, match="'guess' is no origin"):
        Synonym.from_dict({**item.to_dict(), "origin": "guess"})
