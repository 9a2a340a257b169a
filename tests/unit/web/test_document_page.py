import html
import re

import pytest

from docsearch_cli.web.addresses import document_url, graph_url
from docsearch_cli.web.document_page import MOST_LINES
from tests.local_page import ATTACK, client_of, make_site


def numbers(page):
    return [int(number) for number in re.findall(r'<div id="L(\d+)"', page)]


def marked(page):
    return [int(number) for number in re.findall(r'<div id="L(\d+)" class="row marked', page)]


def test_lines_have_their_numbers_and_those_of_a_quote_are_marked(client):
    page = client.get("/doc/start.md?lines=3-4").text

    assert numbers(page) == [1, 2, 3, 4]
    assert marked(page) == [3, 4]
    assert "<mark>The mill grinds: " in page


@pytest.mark.parametrize(
    "path", ["start.md", "a?b#c%d.md", 'it\'s "x".md', "javascript:alert(1).md", "bad\\xff.md"]
)
def test_a_document_is_found_by_any_name(client, path):
    answer = client.get(document_url(path))

    assert answer.status_code == 200
    assert "mill" in answer.text
    assert html.escape(path, quote=False).split("'")[0].split('"')[0] in answer.text


def test_a_documents_markup_stays_text(client):
    for path in ("start.md", "a?b#c%d.md", "javascript:alert(1).md"):
        page = client.get(document_url(path)).text

        assert ATTACK not in page
        assert "<img" not in page
        assert not re.search(r'href="javascript:', page)
    assert "{{ 7 * 7 }}" in page
    assert "{% raw %}" in page


def test_what_hides_or_turns_text_around_is_seen(client):
    page = client.get(document_url('it\'s "x".md')).text

    assert not set(page) & set("\u202e\u2066\x07")
    assert "202" in page


def test_a_long_document_is_shown_in_portions(client):
    first = client.get("/doc/long.md").text
    later = client.get("/doc/long.md?from=1501").text
    quoted = client.get("/doc/long.md?lines=3000").text

    assert numbers(first) == list(range(1, MOST_LINES + 1))
    assert numbers(later)[0] == 1501
    assert 3000 in numbers(quoted)
    assert marked(quoted) == [3000]
    assert 'href="/doc/long.md?from=1501#L1501"' in first


@pytest.mark.parametrize("part", ["1", "2", "99", "-1"])
def test_a_part_that_is_not_there_is_the_whole_document(client, part):
    assert numbers(client.get(f"/doc/start.md?part={part}").text)[0] == 1


def test_the_outline_leads_to_headings(client):
    page = client.get("/doc/long.md").text

    assert re.search(r'<li class="depth-0"><a href="#L1">Long</a>', page)


def test_beside_the_text_stands_what_it_leads_to_and_what_leads_to_it(client):
    page = client.get("/doc/start.md").text

    assert "Leads to" in page
    assert 'href="/doc/a%3Fb%23c%25d.md"' in page
    assert "Leads here" in page
    assert 'href="/doc/javascript%3Aalert%281%29.md?lines=3#L3">line 3</a>' in page


@pytest.mark.parametrize(
    "path",
    [
        "/doc/",
        "/doc/nope.md",
        "/doc/../../etc/passwd",
        "/doc/%2e%2e/%2e%2e/etc/passwd",
        "/doc/..%2f..%2fetc%2fpasswd",
        "/doc//etc/passwd",
        "/doc/%00",
        "/doc/~root/x",
        "/doc/start.md/",
        "/doc/start.md?lines=99",
    ],
)
def test_what_is_no_document_of_the_index_is_not_found(client, path):
    answer = client.get(path)

    assert answer.status_code == 404
    assert "root:" not in answer.text


@pytest.mark.parametrize(
    "query", ["lines=x", "lines=0", "lines=9-1", "from=-3", "lines=1111111111111"]
)
def test_lines_that_are_none_are_an_error_with_a_reason(client, query):
    answer = client.get(f"/doc/start.md?{query}")

    assert answer.status_code == 400
    assert 'role="alert"' in answer.text


def test_a_name_that_is_near_is_offered(client):
    assert "did you mean: start.md" in client.get("/doc/strat.md").text.replace("&#39;", "")


@pytest.mark.parametrize("name", ["line\nfeed.md", "last\n", "\nfirst.md"])
def test_a_name_may_hold_a_line_feed(tmp_path, name):
    site = make_site(tmp_path, {f"docs/{name}": "# A mill\n\nIt turns.\n", "docs/b.md": "# B\n"})
    client = client_of(site)
    (path,) = [path for path in site.reader().paths if path != "b.md"]

    assert "It turns." in client.get(document_url(path)).text
    assert client.get(graph_url(path)).status_code == 200


def test_a_path_as_results_show_it_leads_to_its_document(client):
    read = client.get("/doc/docs/start.md?lines=3")
    drawn = client.get("/graph/docs/start.md")

    assert (read.status_code, read.headers["location"]) == (303, "/doc/start.md?lines=3")
    assert (drawn.status_code, drawn.headers["location"]) == (303, "/graph/start.md")
    assert client.get("/doc/docs/no.md").status_code == 404
