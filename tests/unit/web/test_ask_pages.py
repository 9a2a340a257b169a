import re

import pytest

from tests.local_page import ATTACK, FROM_OUR_PAGE, form


def test_a_keyword_search_is_an_address_and_its_quotes_are_links(client):
    page = client.get("/", params={"q": "mill grinds", "mode": "simple"}).text

    assert re.search(r'href="/doc/start\.md\?lines=3(-\d)?#L3"', page)
    assert "mill grinds</textarea>" in page


@pytest.mark.parametrize("question", [ATTACK, '"><img src=x>', "{{7*7}}", "a\0b", "\u202e"])
def test_a_question_stays_text(client, question):
    answer = client.get("/", params={"q": f"mill {question}"})

    assert answer.status_code == 200
    assert ATTACK not in answer.text
    assert "<img" not in answer.text
    assert "49" not in re.sub(r"[0-9a-f]{6,}|\d{3,}", "", answer.text).split("<textarea")[1][:200]


def test_a_question_that_is_too_long_is_refused(client):
    answer = client.get("/", params={"q": "x" * 10_000})

    assert answer.status_code == 400


@pytest.mark.parametrize(
    "fields",
    [
        {"q": ""},
        {"q": "mill", "mode": "x"},
        {"q": "mill", "mode": "deep", "max_agents": "x"},
        {"q": "mill", "mode": "deep", "max_agents": "-1"},
        {"q": "mill", "mode": "deep", "since": "x"},
        {"q": "mill", "mode": "deep", "path": "*"},
    ],
)
def test_a_form_that_makes_no_sense_says_why(site, client, fields):
    answer = client.post("/ask", data=form(site, **fields), headers=FROM_OUR_PAGE)

    assert answer.status_code == 400
    assert 'role="alert"' in answer.text


def test_a_filter_is_applied(client):
    page = client.get("/", params={"q": "mill", "path": "long.md"}).text

    assert set(re.findall(r'href="/doc/([^?"]*)\?lines', page)) == {"long.md"}


def test_a_search_that_is_sent_by_keywords_leads_to_its_address(site, client):
    data = form(site, q="mill & wheel", mode="simple", tag="x", max_agents="3")
    answer = client.post("/ask", data=data, headers=FROM_OUR_PAGE)

    assert answer.headers["location"] == "/?q=mill+%26+wheel&mode=simple&tag=x&max_agents=3"


def test_nothing_found_says_so(client):
    assert "Not found" in client.get("/", params={"q": "zeppelin"}).text
