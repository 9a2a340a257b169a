import pytest

from docsearch_cli.index.build import build_index
from docsearch_cli.index.store import open_index
from docsearch_cli.retrieval.respelling import replace_words, respell
from tests.support import write_files

PAGES = {
    "a.md": "# Buffer\n\nThe default configuration of the buffer: max_agents, fs.path.\n",
    "b.md": "# Kiln\n\nA kiln cools; kilns have storage heaters. The system is heated.\n",
    "d.md": "# People\n\nHarrelson met Madeleine at v10.11 and v1.11.0 of host-2.\n",
    "e.md": "# Room\n\nIt is done automatically in this environment, with permissions: received.\n",
    "f.md": "# Part\n\nA component is common; the enviable sum of set_received, a receipt.\n",
    "c.md": "# Setting\n\nA setting, more settings; sitting there, and a Margravate long ago.\n",
}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    folder = tmp_path_factory.mktemp("respelling")
    write_files(folder / "docs", PAGES)
    build_index(folder / ".docsearch", [folder / "docs"])
    index = open_index(folder / ".docsearch")

    def respelled(question):
        return respell(question, [index.language], index.keyword, index.texts.__getitem__)

    return respelled


def test_a_word_of_another_meaning_is_not_named_for_its_stem(found):
    assert found("the cooping") == []  # a letter from "cool", whose "cools" is far from "cooping"
    assert [item.meant for item in found("the coops")] == [("cools",)]


def searched(found, question):
    return replace_words(question, found(question))


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("the confguration", "the configuration"),  # one letter less
        ("the confiiguration", "the configuration"),  # more
        ("the confiburation", "the configuration"),  # another
        ("the defalut", "the default"),  # two swapped
        ("the bufer and the sotrage", "the buffer and the storage"),
        ("what is maxagents", "what is max_agents"),
        ("what is fspath", "what is fs.path"),
        ("what is max_agnets", "what is max_agents"),
        ("what is mxa_agents", "what is max_agents"),
        ("Confguration of it", "configuration of it"),
    ],
)
def test_what_is_clearly_meant_is_searched_for(found, asked, meant):
    assert searched(found, asked) == meant


@pytest.mark.parametrize(
    "asked",
    [
        "the configuration",  # it is there
        "how do the kilns cool",  # in another form
        "systemd",  # a name that begins as a word does
        "a kyln",  # too short
        "the satting",  # two words are as near
        "the buffer of Margraviate",  # a name
        "Harrelsen met whom",  # a name at the start, where every word has a capital
        "whom did harrelsen meet",  # and one in small letters
        "did madelaine or mdaeleine meet",
        "what came with v101.1",  # the same digits, another number
        "v11.1.0",
        "wombat",  # nothing is near
        "buffer2 and 12345",
        "what is max_buffer",  # both parts are known, and nothing is near to the whole
        "what is max_agent2",
        "",
    ],
)
def test_what_may_be_meant_is_not_searched_for(found, asked):
    assert searched(found, asked) == asked


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("is it automaticaly done", "is it automatically done"),  # an error in the ending
        ("an enviroment", "an environment"),  # what is left has another ending
        ("the permisions", "the permissions"),
        ("it was recieved", "it was received"),  # as it is near to, not as part of a longer name
    ],
)
def test_an_error_in_or_before_an_ending_is_one_of_the_word(found, asked, meant):
    assert searched(found, asked) == meant


@pytest.mark.parametrize("asked", ["the commonent", "all environmental", "an automatical"])
def test_a_word_that_no_document_spells_so_is_not_meant(found, asked):
    assert searched(found, asked) == asked


def test_the_nearest_words_are_named_the_most_frequent_first(found):
    (respelling,) = found("the satting of a wombat")

    assert respelling.asked == "satting"
    assert set(respelling.meant) == {"setting", "sitting"}
    assert not respelling.is_clear


def test_a_name_is_said_to_be_near_to_another(found):
    (respelling,) = found("the buffer of Margraviate")

    assert (respelling.meant, respelling.is_clear) == (("Margravate",), False)


def test_no_more_than_eight_words_are_looked_for(found):
    words = [f"confgur{letter}tion" for letter in "bcdefghijklm"]

    assert len(found(" ".join(words))) <= 8
