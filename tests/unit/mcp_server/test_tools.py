"""The tools as a client sees them: bounded arguments, typed replies, errors to read."""

import json

import anyio
import jsonschema
import pytest

from docsearch_cli.service.caps import Caps
from docsearch_cli.steps import estimate_tokens
from tests.unit.search.conftest import FILES

QUESTION = "at how many bar does the valve of the pump open"
NAMES = ["search", "explore", "show", "related", "runs", "replay_step"]


@pytest.fixture
def tools(talk):
    async def listed(client):
        return {tool.name: tool for tool in (await client.list_tools()).tools}

    return talk(listed)


def test_these_tools_are_offered_and_say_what_they_may_change(tools):
    assert list(tools) == NAMES
    assert [name for name in NAMES if not tools[name].annotations.read_only_hint] == ["explore"]
    assert not tools["explore"].annotations.destructive_hint
    assert not any(tools[name].annotations.open_world_hint for name in NAMES)


def test_what_a_model_reads_of_all_tools_is_short_and_names_the_caps(tools):
    read = [(tool.name, tool.description, tool.input_schema) for tool in tools.values()]

    assert estimate_tokens(json.dumps(read)) < 1_600
    assert "At most 8 agents" in tools["explore"].description
    assert "at most 3 hits" in tools["search"].description


@pytest.mark.parametrize("name", NAMES)
def test_schemas_have_bounds_and_no_titles(tools, name):
    for schema in (tools[name].input_schema, tools[name].output_schema):
        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema["properties"]
    for argument in tools[name].input_schema["properties"].values():
        assert "title" not in argument
        kind = argument["type"]
        if kind == "string":
            assert {"maxLength", "pattern", "enum"} & set(argument)
        if kind == "integer":
            assert {"minimum", "maximum"} <= set(argument)
        if kind == "array":
            assert "maxItems" in argument


def replied(tools, name, result):
    """The reply of a tool, after it was checked against the tool's own schema."""
    assert not result.is_error, result.content
    jsonschema.validate(result.structured_content, tools[name].output_schema)
    assert json.loads(result.content[0].text) == result.structured_content
    return result.structured_content


def test_a_search_has_places_that_show_takes(tools, call):
    hit = replied(tools, "search", call("search", query="12 bar", limit=1))["hits"][0]
    shown = replied(tools, "show", call("show", path=hit["path"], lines=hit["lines"]))

    assert hit == {
        "path": "valve.md",
        "lines": "1-3",
        "title": "Valve",
        "score": 1.0,
        "text": "The valve opens at 12 bar. See mill and hub.",
    }
    assert shown["text"].startswith("# Valve")
    assert shown["next_line"] == 3


def test_a_line_that_is_too_long_for_a_reply_is_read_on(tools, call):
    first = replied(tools, "show", call("show", path="hub.md", lines="3-5"))
    text, reply = first["text"], first
    while reply.get("next_char"):
        assert (reply["next_line"], reply["next_char"]) == (3, len(text))
        reply = replied(
            tools,
            "show",
            call("show", path="hub.md", lines="3-5", from_char=reply["next_char"]),
        )
        text += reply["text"]

    assert len(first["text"]) == 60
    assert text.startswith(FILES["hub.md"].splitlines()[2])
    assert "next_char" not in replied(tools, "show", call("show", path="hub.md", lines="1"))


def test_several_places_are_shown_in_one_reply_as_far_as_they_fit(tools, call, service):
    service.caps = Caps(shown_chars=500)
    places = ["hub.md:1", "nowhere.md", "valve.md:1-3", "mill.md"]
    shown = replied(tools, "show", call("show", path="pump.md:1", more=places))

    assert (shown["path"], shown["lines"]) == ("pump.md", "1")
    assert [(place["path"], place["lines"]) for place in shown["more"]][:2] == [
        ("hub.md", "1"),
        ("valve.md", "1-3"),
    ]
    assert "'nowhere.md' is not in the index" in shown["notes"][0]
    assert "left" not in shown

    service.caps = Caps(shown_chars=250)
    shown = replied(tools, "show", call("show", path="mill.md", more=["hub.md", "valve.md:1-3"]))
    assert shown["left"] == ["hub.md", "valve.md:1-3"][len(shown.get("more", ())) :]
    assert shown["left"]


def test_an_exploration_says_where_to_read_on(tools, call):
    explored = replied(tools, "explore", call("explore", question=QUESTION))
    quoted = {quote["path"] for quote in explored["quotes"]}
    first, *rest = explored["also"]
    shown = replied(tools, "show", call("show", path=first, more=rest))

    places = [shown, *shown.get("more", ())]
    begins = [f"{place['path']}:{place['lines'].partition('-')[0]}" for place in places]
    assert begins == [place.partition("-")[0] for place in explored["also"]][: len(places)]
    assert quoted.isdisjoint(place["path"] for place in places)


def test_filters_narrow_a_search(tools, call):
    found = replied(tools, "search", call("search", query="valve", paths=["h*"]))

    assert [hit["path"] for hit in found["hits"]] == ["hub.md"]
    assert "path" in found["notes"][0]


def test_an_exploration_reports_each_agent_and_can_be_read_again(tools, talk):
    reports = []

    async def scenario(client):
        async def note(done, most, message):
            reports.append((done, most, message))

        explored = await client.call_tool(
            "explore", {"question": QUESTION, "max_agents": 999}, progress_callback=note
        )
        run = explored.structured_content["run"]
        return [
            ("explore", explored),
            ("runs", await client.call_tool("runs", {"run": run[:5]})),
            ("replay_step", await client.call_tool("replay_step", {"run": run, "step": "1"})),
            ("runs", await client.call_tool("runs", {})),
        ]

    explored, run, step, listed = (replied(tools, *result) for result in talk(scenario))

    assert [done for done, _, _ in reports] == list(range(1, explored["agents"] + 1))
    assert {most for _, most, _ in reports} == {8}
    assert any("12 bar" in quote["text"] for quote in explored["quotes"])
    assert "max_agents 999 is above" in explored["notes"][0]
    assert len(run["steps"]) == min(3, explored["agents"])
    assert reports[0][2].startswith(run["steps"][0]["path"])
    assert step["reproduced"]
    assert step["saw"]
    assert listed["runs"][0]["run"] == explored["run"]


def test_a_cancelled_exploration_ends_and_can_be_resumed(talk, service, docsearch_resume):
    async def scenario(client):
        async def stop_at_once(*_):
            scope.cancel()

        with anyio.CancelScope() as scope:
            await client.call_tool(
                "explore", {"question": QUESTION}, progress_callback=stop_at_once
            )
        with anyio.fail_after(20):
            while service.runs()[0][0]["status"] in ("running", "interrupted"):
                await anyio.sleep(0.05)
        return service.runs()[0][0]

    run = talk(scenario)

    assert (run["status"], run["stop_reason"]) == ("partial", "cancelled")
    assert docsearch_resume(run["run_id"]).complete


def test_edges_have_their_sentence(tools, call):
    found = replied(tools, "related", call("related", path="pump.md", direction="out"))

    assert found["edges"][0] == {
        "direction": "out",
        "kind": "link",
        "path": "valve.md",
        "title": "Valve",
        "line": 3,
        "text": "It needs a valve.",
    }


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("search", {"query": " "}, "nothing to look for"),
        ("search", {"query": "x", "since": "soon"}, "is no date (write 2025-07-14"),
        ("search", {"query": ""}, "wrong arguments: query"),
        ("search", {"query": "x", "limit": 0}, "wrong arguments: limit"),
        ("search", {"query": "x", "limit": 10**40}, "wrong arguments: limit"),
        ("search", {"query": "x", "limit": "many"}, "wrong arguments: limit"),
        ("search", {"query": "x" * 5_000}, "wrong arguments: query"),
        ("search", {"query": "x", "paths": ["a"] * 99}, "wrong arguments: paths"),
        ("search", {}, "wrong arguments: query Field required"),
        ("show", {"path": "/etc/passwd"}, "is not in the index"),
        ("show", {"path": "../../etc/passwd"}, "is not in the index"),
        ("show", {"path": "hub.md\0"}, "is not in the index"),
        ("show", {"path": "hub.md", "lines": "5-2"}, "ends before it begins"),
        ("show", {"path": "hub.md", "lines": "-1"}, "wrong arguments: lines"),
        ("show", {"path": "hub.md", "lines": "1", "from_char": 9999}, "hub.md:1 has 5 characters"),
        ("show", {"path": "hub.md", "from_char": -1}, "wrong arguments: from_char"),
        ("show", {"path": "hub.md", "more": ["x"] * 21}, "wrong arguments: more"),
        ("show", {"path": "hub.md", "lines": "999999999"}, "has no line"),
        ("related", {"path": "nowhere"}, "is not in the index"),
        ("related", {"path": "hub.md", "kinds": ["entity"]}, "wrong arguments: kinds"),
        ("runs", {"run": "../../x"}, "wrong arguments: run"),
        ("runs", {"run": "abc"}, "there is no run abc"),
        ("replay_step", {"run": "abc", "step": "1"}, "there is no run abc"),
        ("explore", {"question": "  "}, "the question is empty"),
        ("explore", {"question": "x", "max_depth": -1}, "wrong arguments: max_depth"),
        ("no_tool", {}, "Unknown tool"),
    ],
)
def test_what_cannot_be_done_is_an_error_that_a_model_can_read(call, name, arguments, said):
    result = call(name, **arguments)

    assert result.is_error
    assert said in result.content[0].text
    assert len(result.content[0].text) < 400


def test_calls_at_once_are_answered_each(talk):
    async def scenario(client):
        found = {}

        async def search(word):
            found[word] = (await client.call_tool("search", {"query": word})).structured_content

        async def explore():
            found["explored"] = (
                await client.call_tool("explore", {"question": QUESTION})
            ).structured_content

        async with anyio.create_task_group() as group:
            group.start_soon(explore)
            for word in ("pump", "valve", "mill", "hub"):
                group.start_soon(search, word)
        return found

    found = talk(scenario)

    assert found["explored"]["quotes"]
    assert found["mill"]["hits"][0]["path"] == "mill.md"
    assert all(found[word]["hits"] for word in ("pump", "valve", "hub"))


def test_half_a_surrogate_pair_is_answered(service):
    from docsearch_cli.mcp_server.tools import Tools

    found = anyio.run(Tools(service).search, "pump path:\ud800*", 1)

    assert "?" in found.content[0].text
    assert json.loads(found.content[0].text) == found.structured_content
