"""Who gets through to a server on a port."""

import anyio
import pytest

from docsearch_cli.mcp_server.http_guard import HttpGuard

TOKEN = "a-token-of-many-characters"
GOOD = {"host": "127.0.0.1:8123", "authorization": f"Bearer {TOKEN}"}


def status_of(headers, kind="http"):
    sent = []

    async def app(scope, receive, send):
        sent.append({"status": 200})

    async def send(message):
        sent.append(message)

    guard = HttpGuard(app, TOKEN, 8123)
    raw = [(name.encode(), value.encode()) for name, value in headers]
    anyio.run(guard, {"type": kind, "headers": raw}, None, send)
    return sent[0].get("status", sent[0].get("code"))


def test_a_request_with_the_token_gets_through():
    assert status_of(GOOD.items()) == 200
    assert status_of({**GOOD, "host": "LOCALHOST:8123"}.items()) == 200
    assert status_of({**GOOD, "origin": "http://127.0.0.1:8123"}.items()) == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({**GOOD, "authorization": ""}, 401),
        ({**GOOD, "authorization": TOKEN}, 401),
        ({**GOOD, "authorization": f"bearer {TOKEN}"}, 401),
        ({**GOOD, "authorization": f"Bearer {TOKEN}x"}, 401),
        ({**GOOD, "authorization": "Bearer ünï"}, 401),
        ({"host": "127.0.0.1:8123"}, 401),
        ({**GOOD, "host": "evil.example:8123"}, 421),
        ({**GOOD, "host": "127.0.0.1"}, 421),
        ({**GOOD, "host": "127.0.0.1:8124"}, 421),
        ({**GOOD, "host": "127.0.0.1:8123.evil.example"}, 421),
        ({"authorization": GOOD["authorization"]}, 421),
        ({**GOOD, "origin": "http://evil.example"}, 403),
        ({**GOOD, "origin": "null"}, 403),
        ({**GOOD, "origin": "https://127.0.0.1:8123"}, 403),
    ],
)
def test_others_are_refused(headers, status):
    assert status_of(headers.items()) == status


def test_a_header_that_is_there_twice_is_no_help():
    for name, status in (("host", 421), ("authorization", 401)):
        assert status_of([*GOOD.items(), (name, GOOD[name])]) == status


def test_a_websocket_is_closed():
    assert status_of(GOOD.items(), kind="websocket") == 1008
