import re
from itertools import pairwise

import pytest

from tests.local_page import ATTACK, client_of, make_site


def test_every_box_is_a_link_and_every_edge_is_listed_too(client):
    page = client.get("/graph/start.md").text

    boxes = re.findall(r'<a href="([^"]*)" class="page-box hops-(\d)"', page)
    assert ("/doc/start.md", "0") in boxes
    assert ("/graph/a%3Fb%23c%25d.md", "1") in boxes
    drawn = len(re.findall(r'<path d="M[^"]*" class="edge', page))
    assert drawn == page.count("<tr>") - 1 >= 3


def test_edges_are_listed_by_the_names_that_the_boxes_to_tick_have(client):
    page = client.get("/graph/start.md").text
    ticked = set(re.findall(r'name="kind" value="(\w+)"', page))
    listed = set(re.findall(r"</a></td>\s*<td>([^<]*)</td>", page))

    assert listed
    assert listed <= ticked


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


def test_boxes_of_one_title_say_where_their_pages_are(tmp_path):
    far = "a-folder-with-a-long-name/and-another"
    site = make_site(
        tmp_path,
        {
            "docs/start.md": f"# Start\n\nSee [one](one/x.md) and [two]({far}/x.md).\n",
            "docs/one/x.md": "# Same\n\nIt turns.\n",
            f"docs/{far}/x.md": "# Same\n\nIt stands.\n",
        },
    )
    page = client_of(site).get("/graph/start.md").text
    ends = re.findall(r'<text [^>]*class="small">([^<]*)</text>', page)

    assert sorted(ends) == ["one/x.md", "…" + f"{far}/x.md"[-27:]]
    assert page.count(">Start</text>") == 1


def test_a_picture_with_many_columns_shrinks_to_its_place(tmp_path):
    names = "abcde"
    pairs = pairwise(names)
    files = {f"docs/{one}.md": f"# {one}\n\nSee [x]({other}.md).\n" for one, other in pairs}
    client = client_of(make_site(tmp_path, {**files, "docs/e.md": "# e\n\nThe end.\n"}))
    style = client.get("/static/page.css").text

    assert (
        '<svg xmlns="http://www.w3.org/2000/svg" class="shrinks"' in client.get("/graph/c.md").text
    )
    assert 'class="shrinks"' not in client.get("/graph/c.md?hops=1").text
    assert re.search(r"\.shrinks \{[^}]*max-width: 100%", style)
