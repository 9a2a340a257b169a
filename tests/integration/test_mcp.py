"""``docsearch mcp`` in a process of its own: the SDK's client on stdio and HTTP, and its end."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time

import anyio
import psutil
import pytest

from tests.support import command_line, is_gone, needs, run_command, wait_until

needs("mcp", reason="comes with the extra 'mcp'")
QUESTION = "Which HTTP status do senders see when a buffer is full?"
TOKEN = "only-for-this-test-0123456789"
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "0"},
    },
}
SEARCH = {
    "jsonrpc": "2.0",
    "id": 2,
    "method": "tools/call",
    "params": {"name": "search", "arguments": {"query": "buffer", "limit": 1}},
}


@pytest.fixture
def start(fenwick):
    """Starts the server; it is killed at the end of the test."""
    started = []

    def run(*words, **environment):
        process = subprocess.Popen(
            command_line("mcp", *words),
            cwd=fenwick,
            env={**os.environ, "DOCSEARCH_WORKERS": "1", **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            with contextlib.suppress(BrokenPipeError):
                pipe.close()


def send(process, *messages):
    for message in messages:
        process.stdin.write(json.dumps(message).encode() + b"\n")
    process.stdin.flush()


def reply(process):
    return json.loads(process.stdout.readline())


def test_a_client_on_stdio_searches_explores_and_cancels(fenwick):
    from mcp import Client
    from mcp.client.stdio import StdioServerParameters, stdio_client

    line = command_line("mcp", "--max-agents", "6")
    server = StdioServerParameters(command=line[0], args=line[1:], cwd=str(fenwick))
    reports = []

    async def note(done, most, _message):
        reports.append((done, most))

    async def main():
        async with Client(stdio_client(server)) as client:
            found = await client.call_tool("search", {"query": "buffer full"})
            explored = await client.call_tool(
                "explore", {"question": QUESTION, "max_agents": 50}, progress_callback=note
            )
            with anyio.move_on_after(0.05):
                await client.call_tool("explore", {"question": f"{QUESTION} And why?"})
            listed = await client.call_tool("runs", {})
            documents = await client.list_resources()
            text = await client.read_resource(documents.resources[0].uri)
            return found, explored, listed, text

    found, explored, listed, text = anyio.run(main)

    assert found.structured_content["hits"]
    assert explored.structured_content["agents"] <= 6
    assert any("507" in quote["text"] for quote in explored.structured_content["quotes"])
    assert reports == [(done, 6) for done in range(1, explored.structured_content["agents"] + 1)]
    assert explored.structured_content["run"] in {
        row["run"] for row in listed.structured_content["runs"]
    }
    assert text.contents[0].text


def test_a_client_over_http_needs_the_token(start):
    from httpx2 import AsyncClient
    from mcp import Client
    from mcp.client.streamable_http import streamable_http_client

    process = start("--http", DOCSEARCH_MCP_TOKEN=TOKEN)
    address = process.stderr.readline().decode().split()[-1]
    token_line = process.stderr.readline().decode()

    async def main():
        async with AsyncClient() as plain:
            refused = [
                (await plain.post(address, json=INITIALIZE, headers=headers)).status_code
                for headers in (
                    {},
                    {"Authorization": f"Bearer {TOKEN}", "Host": "evil.example"},
                    {"Authorization": f"Bearer {TOKEN}", "Origin": "http://evil.example"},
                )
            ]
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with AsyncClient(headers=headers) as http:
            transport = streamable_http_client(address, http_client=http)
            async with Client(transport) as client:
                found = await client.call_tool("search", {"query": "buffer full"})
                explored = await client.call_tool("explore", {"question": QUESTION})
        return refused, found, explored

    refused, found, explored = anyio.run(main)
    workers = psutil.Process(process.pid).children()
    process.send_signal(signal.SIGTERM)
    started = time.monotonic()
    code = process.wait(20)

    assert address.startswith("http://127.0.0.1:")
    assert TOKEN in token_line
    assert refused == [401, 421, 403]
    assert found.structured_content["hits"]
    assert explored.structured_content["quotes"]
    assert (code, time.monotonic() - started < 15) == (130, True)
    assert workers
    assert wait_until(lambda: all(is_gone(worker.pid) for worker in workers))


def test_nothing_but_the_protocol_is_on_stdout_and_the_end_of_stdin_is_the_end(start):
    process = start()
    send(process, INITIALIZE)
    first = reply(process)
    process.stdin.write(b"no json\n\n \t\r\n\xff\xfe\n[]\n{}\n" + b"x" * 100_000 + b"\n")
    send(process, SEARCH)
    rest = [reply(process) for _ in range(6)]
    process.stdin.close()
    left, said = process.stdout.read(), process.stderr.read()

    assert first["result"]["serverInfo"]["name"] == "docsearch"
    # A line that is no message is answered, as JSON-RPC asks.
    codes = [message["error"]["code"] for message in rest if message["id"] is None]
    assert codes == [-32700, -32700, -32600, -32600, -32700]
    assert json.loads(rest[-1]["result"]["content"][0]["text"])["hits"]
    assert process.wait(20) == 0
    assert left == b""
    assert b"Traceback" not in said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_its_workers_while_stdin_is_open(start, number):
    process = start()
    explore = {"name": "explore", "arguments": {"question": QUESTION}}
    send(process, INITIALIZE, {**SEARCH, "params": explore})
    answered = [reply(process), reply(process)]
    workers = psutil.Process(process.pid).children()
    process.send_signal(number)
    code = process.wait(20)

    assert answered[1]["id"] == 2
    assert code == 130
    assert workers
    assert wait_until(lambda: all(is_gone(worker.pid) for worker in workers))
    assert b"Traceback" not in process.stderr.read()


def test_a_client_that_is_gone_ends_it(start):
    process = start()
    send(process, INITIALIZE)
    reply(process)
    process.stdout.close()
    send(process, SEARCH)
    process.stdin.close()

    assert process.wait(20) == 0
    assert b"Traceback" not in process.stderr.read()


def test_without_an_index_it_does_not_start(docsearch):
    ended = docsearch("mcp")

    assert (ended.code, ended.stdout) == (3, "")
    assert "there is no index" in ended.stderr


def test_without_the_extra_the_error_says_how_to_install_it(fenwick):
    # An interpreter that finds no package called mcp.
    program = (
        "import sys; sys.modules['mcp'] = None; from docsearch_cli.cli.app import main; main()"
    )
    ended = run_command(line=[sys.executable, "-c", program, "mcp"], cwd=fenwick)

    assert ended.code == 3
    assert "needs the extra 'mcp'" in ended.stderr
    assert "[mcp]" in ended.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--port", "8080"], "--port is for --http"),
        (["--max-agents", "99999"], "max_agents"),
        (["--max-agents", "0"], "below 1"),
        (["--http", "--port", "99999"], "port"),
        (["nonsense"], "nonsense"),
    ],
)
def test_wrong_options_are_usage_errors(fenwick, inline, words, said):
    ended = inline("mcp", *words)

    assert ended.code == 2
    assert said in ended.stderr


def test_a_token_that_can_be_guessed_is_refused(fenwick, inline, monkeypatch):
    monkeypatch.setenv("DOCSEARCH_MCP_TOKEN", "1234")
    ended = inline("mcp", "--http")

    assert ended.code == 2
    assert "DOCSEARCH_MCP_TOKEN is no token" in ended.stderr
