"""Documents and runs as resources."""

import json

import pytest

from docsearch_cli.index.build import build_index
from tests.support import write_files

QUESTION = "at how many bar does the valve of the pump open"


async def all_pages(client):
    found, cursor, pages = [], None, 0
    while pages == 0 or cursor is not None:
        listed = await client.list_resources(cursor=cursor)
        found += listed.resources
        cursor, pages = listed.next_cursor, pages + 1
    return found, pages


def test_documents_are_listed_in_pages_each_once(talk, monkeypatch):
    monkeypatch.setattr("docsearch_cli.mcp_server.resources.PAGE_ROWS", 2)
    found, pages = talk(all_pages)

    assert [item.name for item in found] == ["far.md", "hub.md", "mill.md", "pump.md", "valve.md"]
    assert pages == 3


def test_a_document_is_read_by_its_address_whatever_its_name(talk, home, corpus_folder):
    name = "a b/100% ünï?#&.md"
    write_files(corpus_folder, {name: "# Odd\n"})
    build_index(home, [corpus_folder])

    async def scenario(client):
        found, _ = await all_pages(client)
        odd = next(item for item in found if item.name == name)
        return (await client.read_resource(odd.uri)).contents[0].text

    assert talk(scenario) == "# Odd"


def test_a_document_that_is_too_long_says_where_it_was_cut(talk):
    async def scenario(client):
        return (await client.read_resource("docsearch://document/hub.md")).contents[0].text

    assert talk(scenario).endswith("[cut here: the tool show goes on from line 3]")


def test_a_document_of_one_line_that_is_too_long_says_so(talk, home, corpus_folder):
    write_files(corpus_folder, {"long.txt": "mill " * 30})
    build_index(home, [corpus_folder])

    async def scenario(client):
        return (await client.read_resource("docsearch://document/long.txt")).contents[0].text

    assert talk(scenario).endswith("the tool show goes on from line 1, character 60]")


def test_a_run_is_read_as_json(talk, service):
    run_id = service.explore(QUESTION).reply().answer.run_id

    async def scenario(client):
        return (await client.read_resource(f"docsearch://run/{run_id}")).contents[0].text

    assert json.loads(talk(scenario))["runs"][0]["question"] == QUESTION


@pytest.mark.parametrize(
    "address",
    [
        *("docsearch://document/nowhere.md", "docsearch://document/../../etc/passwd"),
        *(
            "docsearch://document//etc/passwd",
            "docsearch://document/%2e%2e/x",
            "file:///etc/passwd",
        ),
        *("docsearch://document/hub.md%00", "docsearch://run/..%2fx", "docsearch://run/zz", "x"),
    ],
)
def test_an_unknown_resource_is_refused(talk, address):
    from mcp import MCPError

    with pytest.raises(MCPError) as raised:
        talk(lambda client: client.read_resource(address))

    assert raised.value.code == -32602


@pytest.mark.parametrize("cursor", ["-1", "abc", "9" * 400, ""])
def test_a_cursor_of_somebody_else_is_refused(talk, cursor):
    from mcp import MCPError

    with pytest.raises(MCPError) as raised:
        talk(lambda client: client.list_resources(cursor=cursor))

    assert raised.value.code == -32602


def test_a_cursor_beyond_the_end_has_nothing(talk):
    assert talk(lambda client: client.list_resources(cursor="99")).resources == []


def test_the_templates_are_listed(talk):
    found = talk(lambda client: client.list_resource_templates())

    assert [item.uri_template for item in found.resource_templates] == [
        "docsearch://document/{+path}",
        "docsearch://run/{run}",
    ]
