import asyncio
import io
import logging
import pickle
import threading
import traceback

import pytest

from docsearch_cli.installation import install_hint
from docsearch_cli.llm.access import ModelAccess
from docsearch_cli.llm.client import ProviderClient
from docsearch_cli.llm.exchange import (
    InvalidReplyError,
    Message,
    ModelBusyError,
    ModelRefusedError,
    ModelRequest,
)
from tests.model_server import ModelServer, Reply, busy, echoing_key, failing
from tests.support import needs

needs("pydantic_ai")

KEY = "sk-proj-abcdefghijklmnop1234"
SCHEMA = {
    "type": "object",
    "properties": {"a": {"type": "integer", "minimum": 0, "maximum": 3}},
    "required": ["a"],
    "additionalProperties": False,
}
NAMES = {
    "openai": "gpt-4o-mini",
    "anthropic": "claude-opus-4-8",
    "google": "gemini-2.5-flash",
}
TALK = (Message("system", "be brief"), Message("user", "hello"))


@pytest.fixture(params=list(NAMES))
def provider(request):
    if request.param != "openai":
        needs({"anthropic": "anthropic", "google": "google.genai"}[request.param])
    return request.param


def access_to(server, provider="openai", *, key=KEY, name=None):
    address = server.url if provider == "openai" else server.origin
    return ModelAccess(
        provider, name or NAMES[provider], "--model", address, "--base-url", key, "OPENAI_API_KEY"
    )


def ask(access, *, talk=TALK, timeout_s=5.0, most=50):
    async def send():
        client = ProviderClient(access)
        try:
            return await client.send(
                ModelRequest(access.model, talk, SCHEMA, most, "test@1"), timeout_s
            )
        finally:
            await client.close()

    return asyncio.run(send())


def failure(script, provider="openai", kind=Exception, **how):
    """What is raised where a server does this, and how often it was asked."""
    with ModelServer(script) as server, pytest.raises(kind) as caught:
        ask(access_to(server, provider), **how)
    return caught.value, server.requests


def test_a_reply_comes_with_what_the_server_counted(provider):
    with ModelServer(lambda asked: {"a": 1}) as server:
        reply = ask(access_to(server, provider))

    assert (reply.text, reply.finish_reason) == ('{"a": 1}', "stop")
    assert (reply.input_tokens, reply.output_tokens) == (server.input_tokens, server.output_tokens)
    assert server.requests == 1


def test_the_schema_and_the_cap_are_sent(provider):
    with ModelServer(lambda asked: {"a": 1}) as server:
        ask(access_to(server, provider), most=77)

    assert server.asked[0].schema["properties"].keys() == {"a"}
    assert server.asked[0].most_output_tokens == 77
    assert "be brief" in server.asked[0].text


def test_a_conversation_keeps_its_order():
    talk = (*TALK, Message("assistant", "said before"), Message("user", "again"))
    with ModelServer(lambda asked: {"a": 1}) as server:
        ask(access_to(server), talk=talk)

    said = [(item["role"], item["content"]) for item in server.asked[0].body["messages"]]
    assert said == [
        ("system", "be brief"), ("user", "hello"), ("assistant", "said before"), ("user", "again"),
    ]  # fmt: skip


def test_a_server_of_ones_own_is_sent_neither_key_nor_what_machine_this_is():
    with ModelServer(lambda asked: {"a": 1}) as server:
        ask(access_to(server, key=""))

    sent = server.asked[0].headers
    assert "authorization" not in sent
    assert not [name for name in sent if name.startswith(("x-stainless", "openai-"))]


@pytest.mark.parametrize(
    ("reply", "wait_s", "may_be_billed"),
    [
        (busy("2"), 2.0, False),
        (busy(), None, False),
        (busy("-3"), None, False),
        (busy("nan"), None, False),
        (busy("99999999999"), 86_400.0, False),
        (failing(503), None, False),
        (failing(500), None, True),
        (Reply(fault="reset"), None, True),
        (Reply("x" * 2_000, fault="truncated"), None, True),
    ],
    ids=["429", "429 alone", "429 negative", "429 nan", "429 huge", "503", "500", "reset", "cut"],
)  # fmt: skip
def test_what_may_work_again_is_sent_once_and_says_so(provider, reply, wait_s, may_be_billed):
    error, requests = failure(lambda asked: reply, provider, ModelBusyError)

    assert requests == 1
    assert (error.retry_after_s, error.may_be_billed) == (wait_s, may_be_billed)


def test_a_slow_server_is_left_in_time(provider):
    error, requests = failure(
        lambda asked: Reply("{}", delay_s=1.0), provider, ModelBusyError, timeout_s=0.2
    )

    assert requests == 1
    assert "within 0.2 s" in str(error)
    assert error.may_be_billed


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=b"{nope"),
        Reply(body=b"[" * 100_000),
        Reply(fault="endless"),
        Reply(body=b" " * 1_100_000),
        Reply(body=b"x", headers={"Content-Encoding": "gzip"}),
    ],
    ids=["no JSON", "nested", "endless", "huge", "packed"],
)
def test_what_is_no_reply_is_told_from_one(provider, reply):
    error, requests = failure(lambda asked: reply, provider, InvalidReplyError)

    assert requests == 1
    assert error.may_be_billed
    assert len(str(error)) < 500


@pytest.mark.parametrize("body", [b"3", b"null", b'{"choices": 3}', b'{"choices": []}', b"<html>"])
def test_json_of_another_shape_is_no_reply(body):
    assert failure(lambda asked: Reply(body=body), kind=InvalidReplyError)[1] == 1


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (failing(401, "no", "invalid_api_key"), "key"),
        (failing(403, "no", "forbidden"), "key"),
        (failing(404, "no such model", "model_not_found"), "model"),
        (failing(400, "response_format is not supported"), "schema"),
        (failing(400, "messages: too few"), "request"),
        (failing(429, "you exceeded your quota", "insufficient_quota"), "quota"),
        (Reply(status=302, headers={"Location": "http://127.0.0.1:1/"}, body=b""), "address"),
    ],
)
def test_what_will_not_work_says_why(reply, reason):
    error, requests = failure(lambda asked: reply, kind=ModelRefusedError)

    assert (error.reason, requests) == (reason, 1)


def test_a_redirect_is_not_followed():
    with ModelServer(lambda asked: {"a": 1}) as other:
        moved = Reply(status=307, headers={"Location": other.url + "/chat/completions"}, body=b"")
        failure(lambda asked: moved, kind=ModelRefusedError)

    assert other.requests == 0


def test_a_key_that_is_echoed_is_shown_nowhere(provider):
    logged = io.StringIO()
    handler = logging.StreamHandler(logged)
    logging.getLogger().addHandler(handler)
    try:
        error, requests = failure(echoing_key, provider, ModelRefusedError)
    finally:
        logging.getLogger().removeHandler(handler)
    shown = "".join(traceback.format_exception(error)) + repr(error.__dict__) + str(error.hint)

    assert requests == 1
    assert KEY[:8] not in shown + logged.getvalue() + repr(pickle.dumps(error))
    assert error.__context__ is None
    assert error.__cause__ is None


def test_a_key_that_a_reply_repeats_is_hidden_in_it():
    with ModelServer(lambda asked: {"a": f"the key is {KEY}!"}) as server:
        reply = ask(access_to(server))
        plain = ask(access_to(server, key="ollama"))

    assert reply.text == '{"a": "the key is [hidden]!"}'
    assert KEY in plain.text


@pytest.mark.parametrize("usage", [None, (0, 0), (-5, 3), (10**30, 3)])
def test_a_server_that_does_not_count_is_not_believed(usage):
    with ModelServer(lambda asked: Reply('{"a": 1}', usage=usage)) as server:
        reply = ask(access_to(server))

    assert (reply.input_tokens, reply.text) == (None, '{"a": 1}')


def test_a_reply_that_was_cut_says_so():
    with ModelServer(lambda asked: "x" * 1_000) as server:
        reply = ask(access_to(server), most=10)

    assert (reply.finish_reason, len(reply.text)) == ("length", 40)


def test_a_server_that_is_not_there_cannot_have_billed():
    with ModelServer(lambda asked: {}) as server:
        gone = access_to(server)
    with pytest.raises(ModelBusyError) as caught:
        ask(gone)

    assert not caught.value.may_be_billed
    assert "cannot be reached" in str(caught.value)


def test_a_proxy_does_not_stand_between_a_machine_and_itself(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    with ModelServer(lambda asked: {"a": 1}) as server:
        assert ask(access_to(server)).text == '{"a": 1}'


def test_one_client_has_many_requests_in_flight():
    arrived = threading.Barrier(8)

    def reply_to_all_at_once(asked):
        arrived.wait(timeout=10)
        return {"a": 1}

    with ModelServer(reply_to_all_at_once) as server:
        access = access_to(server)

        async def send_all():
            client = ProviderClient(access)
            request = ModelRequest(access.model, TALK, SCHEMA, 50, "test@1")
            await asyncio.gather(*(client.send(request, 20) for _ in range(8)))
            await client.close()
            await client.close()

        asyncio.run(send_all())

    assert (server.requests, server.most_at_once) == (8, 8)


def test_a_cancelled_request_is_cancelled():
    with ModelServer(lambda asked: {"a": 1}, latency_s=0.5) as server:
        access = access_to(server)

        async def cancel():
            client = ProviderClient(access)
            request = ModelRequest(access.model, TALK, SCHEMA, 50, "test@1")
            sending = asyncio.ensure_future(client.send(request, 5))
            await asyncio.sleep(0.1)
            sending.cancel()
            try:
                with pytest.raises(asyncio.CancelledError):
                    await sending
            finally:
                await client.close()

        asyncio.run(cancel())


def test_another_models_request_is_not_sent():
    with ModelServer(lambda asked: {"a": 1}) as server:
        client = ProviderClient(access_to(server))
        request = ModelRequest("openai:another", TALK, SCHEMA, 50, "test@1")
        with pytest.raises(ValueError, match="another"):
            asyncio.run(client.send(request, 5))

    assert server.requests == 0


def test_without_the_extra_it_says_which_one_is_missing(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "openai", None)
    monkeypatch.delitem(__import__("sys").modules, "pydantic_ai.models.openai", raising=False)
    with ModelServer(lambda asked: {"a": 1}) as server, pytest.raises(ModelRefusedError) as caught:
        ask(access_to(server))

    assert caught.value.reason == "extra"
    assert caught.value.hint == install_hint("llm")
