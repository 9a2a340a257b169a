from urllib.parse import unquote, urlsplit

import pytest

from docsearch_cli.web.addresses import document_url, graph_url, node_url, run_url

NAMES = ["a.md", "a b/c.md", "a?b#c%d.md", "javascript:alert(1).md", 'it\'s "x".md', "b\\xff.md"]


@pytest.mark.parametrize("name", NAMES)
def test_an_address_is_one_of_this_server_and_leads_back_to_the_name(name):
    address = urlsplit(document_url(name, 3, 5))

    assert address.scheme == address.netloc == ""
    assert unquote(address.path) == f"/doc/{name}"
    assert (address.query, address.fragment) == ("lines=3-5", "L3")


def test_a_part_of_a_document_is_found_again():
    assert graph_url("a b.md//3", hops=1) == "/graph/a%20b.md?part=3&hops=1"
    assert graph_url("a.md") == "/graph/a.md"
    assert node_url("a b.md//3") == "/doc/a%20b.md?part=3"
    assert node_url("a b.md") == "/doc/a%20b.md"


def test_an_id_of_a_step_has_no_way_out():
    assert run_url("ab", "steps", "../x?y") == "/runs/ab/steps/..%2Fx%3Fy"
