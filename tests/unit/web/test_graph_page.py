import re

import pytest

from tests.local_page import ATTACK


def test_every_box_is_a_link_and_every_edge_is_listed_too(client):
    page = client.get("/graph/start.md").text

    boxes = re.findall(r'<a href="([^"]*)" class="page-box hops-(\d)"', page)
    assert ("/doc/start.md", "0") in boxes
    assert ("/graph/a%3Fb%23c%25d.md", "1") in boxes
    drawn = len(re.findall(r'<path d="M[^"]*" class="edge', page))
    assert drawn == page.count("<tr>") - 1 >= 3


def test_titles_stay_text_in_a_picture(client):
    page = client.get("/graph/start.md").text

    assert ATTACK not in page
    assert "<img" not in page
    assert "&lt;img src=x" in page


def test_kinds_of_edges_that_are_not_ticked_are_left_out(client):
    page = client.get("/graph/start.md?kind=part").text

    assert "No edge of these kinds" in page


@pytest.mark.parametrize("query", ["hops=3", "hops=x", "most=100000", "kind=x", "part=x", "hops="])
def test_an_absurd_query_is_an_error_with_a_reason(client, query):
    answer = client.get(f"/graph/start.md?{query}")

    assert answer.status_code == (200 if query == "hops=" else 400)


def test_a_part_that_is_not_there_is_the_nearest_one(client):
    assert client.get("/graph/start.md?part=99").status_code == 200
    assert client.get("/graph/start.md?part=-1").status_code == 200


def test_what_is_not_in_the_index_has_no_graph(client):
    assert client.get("/graph/../../etc/passwd").status_code == 404
