"""A language model's server on loopback, for tests: it replies as a script says, and misbehaves so.

It speaks three protocols: OpenAI's (``/v1/chat/completions``), Anthropic's (``/v1/messages``) and
Google's (``/v1beta/models/NAME:generateContent``). It counts requests and tokens for itself, so
that a test compares what a client believes with what was sent.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal

Protocol = Literal["openai", "anthropic", "google"]
# Stands for a reply's usage that is counted truly.
TRUE_USAGE = (-1, -1)
# So many bytes are a token of this server.
TOKEN_BYTES = 4


def count_tokens(text: str) -> int:
    """Return how many tokens this server counts."""
    return -(-len(text.encode()) // TOKEN_BYTES)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came."""

    number: int
    """From 1, in the order of arrival."""
    protocol: Protocol
    path: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: dict[str, Any]
    raw: bytes

    @property
    def text(self) -> str:
        """All that the model is told."""
        if self.protocol == "google":
            parts = [self.body.get("systemInstruction", {}), *self.body.get("contents", [])]
            return "\n".join(part["text"] for item in parts for part in item.get("parts", []))
        system = self.body.get("system", "")
        pieces = [system if isinstance(system, str) else _joined(system)]
        pieces += [_joined(message["content"]) for message in self.body.get("messages", [])]
        return "\n".join(piece for piece in pieces if piece)

    @property
    def schema(self) -> dict[str, Any] | None:
        """The JSON schema that the reply is to keep to; None where none was sent."""
        if self.protocol == "google":
            found = self.body.get("generationConfig", {}).get("responseJsonSchema")
        elif self.protocol == "anthropic":
            found = self.body.get("output_config", {}).get("format", {}).get("schema")
        else:
            found = self.body.get("response_format", {}).get("json_schema", {}).get("schema")
        return found

    @property
    def most_output_tokens(self) -> int | None:
        """The cap that was sent with the request; None for none."""
        if self.protocol == "google":
            return self.body.get("generationConfig", {}).get("maxOutputTokens")
        return self.body.get("max_completion_tokens", self.body.get("max_tokens"))


def _joined(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(part.get("text", "") for part in content)


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server does with one request."""

    content: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    """Sent as it is, in place of a reply that keeps to the protocol."""
    usage: tuple[int, int] | None = TRUE_USAGE
    """Tokens in and out that the reply claims; None says nothing of them."""
    finish_reason: str = "stop"
    delay_s: float = 0.0
    fault: Literal["none", "reset", "truncated", "endless"] = "none"


def busy(retry_after: str | None = None) -> Reply:
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return Reply(status=429, headers=headers, body=_error("rate limit reached", "rate_limit"))


def failing(status: int, message: str = "the server failed", code: str = "failed") -> Reply:
    return Reply(status=status, body=_error(message, code))


def echoing_key(asked: Asked) -> Reply:
    """Return the refusal that repeats the whole key, as one provider's does."""
    sent = asked.headers.get("authorization") or asked.headers.get("x-api-key") or ""
    message = f"Incorrect API key provided: {sent.removeprefix('Bearer ')}. Header was {sent}"
    return Reply(status=401, body=_error(message, "invalid_api_key"))


def _error(message: str, code: str) -> bytes:
    return json.dumps({"error": {"message": message, "type": code, "code": code}}).encode()


Script = Callable[[Asked], Reply | str | dict[str, Any]]


class ModelServer:
    """The server; a context manager.

    Args:
        script: Says what to do with each request: a ``Reply``, or the content of one as text or as
            what is written as JSON.
        latency_s: How long each reply takes.
    """

    def __init__(self, script: Script, latency_s: float = 0.0) -> None:
        self._script = script
        self._latency_s = latency_s
        self._lock = threading.Lock()
        self._at_once = 0
        self.asked: list[Asked] = []
        self.input_tokens = 0
        self.output_tokens = 0
        self.most_at_once = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        """The base URL for OpenAI's protocol."""
        return f"{self.origin}/v1"

    @property
    def requests(self) -> int:
        return len(self.asked)

    def __enter__(self) -> ModelServer:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                with server._lock:
                    server._at_once += 1
                    server.most_at_once = max(server.most_at_once, server._at_once)
                    asked = server._note(self.path, dict(self.headers.items()), raw)
                try:
                    said = server._script(asked)
                    if isinstance(said, dict):
                        said = json.dumps(said)
                    reply = Reply(said) if isinstance(said, str) else said
                    time.sleep(server._latency_s + reply.delay_s)
                    self._send(asked, reply)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True  # the client has gone
                finally:
                    with server._lock:
                        server._at_once -= 1

            def _send(self, asked: Asked, reply: Reply) -> None:
                if reply.fault == "reset":
                    linger = struct.pack("ii", 1, 0)
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                    self.connection.close()
                    self.close_connection = True
                    return
                body = reply.body
                if body is None:
                    body = json.dumps(server._write(asked, reply)).encode()
                self.send_response(reply.status)
                for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                    self.send_header(name, value)
                if reply.fault == "endless":
                    self.end_headers()
                    self.close_connection = True
                    while True:
                        self.wfile.write(b" " * 65_536)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body[: len(body) // 2] if reply.fault == "truncated" else body)
                self.close_connection = self.close_connection or reply.fault == "truncated"

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler

    def _note(self, path: str, headers: dict[str, str], raw: bytes) -> Asked:
        protocol: Protocol = "openai"
        if path.startswith("/v1/messages"):
            protocol = "anthropic"
        elif ":generateContent" in path:
            protocol = "google"
        lower = {name.lower(): value for name, value in headers.items()}
        asked = Asked(len(self.asked) + 1, protocol, path, lower, json.loads(raw), raw)
        self.asked.append(asked)
        self.input_tokens += count_tokens(asked.text)
        return asked

    def _write(self, asked: Asked, reply: Reply) -> dict[str, Any]:
        """Return a reply as its protocol has it, cut at the cap that was sent."""
        content, reason = reply.content, reply.finish_reason
        most = asked.most_output_tokens
        if most is not None and count_tokens(content) > most:
            content, reason = (
                content.encode()[: most * TOKEN_BYTES].decode("utf-8", "ignore"),
                "length",
            )
        with self._lock:
            self.output_tokens += count_tokens(content)
        usage = reply.usage
        if usage == TRUE_USAGE:
            usage = count_tokens(asked.text), count_tokens(content)
        return _WRITERS[asked.protocol](asked, content, reason, usage)


Usage = tuple[int, int] | None


def _write_openai(asked: Asked, content: str, reason: str, usage: Usage) -> dict[str, Any]:
    message = {"role": "assistant", "content": content}
    written: dict[str, Any] = {
        "id": f"chatcmpl-{asked.number}",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": f"{asked.body.get('model')}-2026",
        "choices": [{"index": 0, "message": message, "finish_reason": reason}],
    }
    if usage is not None:
        took, gave = usage
        written["usage"] = {
            "prompt_tokens": took, "completion_tokens": gave, "total_tokens": took + gave,
        }  # fmt: skip
    return written


def _write_anthropic(asked: Asked, content: str, reason: str, usage: Usage) -> dict[str, Any]:
    took, gave = usage or (0, 0)
    return {
        "id": f"msg_{asked.number}",
        "type": "message",
        "role": "assistant",
        "model": f"{asked.body.get('model')}-2026",
        "content": [{"type": "text", "text": content}],
        "stop_reason": {"stop": "end_turn", "length": "max_tokens"}.get(reason, reason),
        "stop_sequence": None,
        "usage": {"input_tokens": took, "output_tokens": gave},
    }


def _write_google(asked: Asked, content: str, reason: str, usage: Usage) -> dict[str, Any]:
    candidate = {
        "content": {"role": "model", "parts": [{"text": content}]},
        "finishReason": {"stop": "STOP", "length": "MAX_TOKENS"}.get(reason, reason),
        "index": 0,
    }
    written: dict[str, Any] = {"candidates": [candidate], "modelVersion": "gemini-2026"}
    if usage is not None:
        took, gave = usage
        written["usageMetadata"] = {
            "promptTokenCount": took, "candidatesTokenCount": gave, "totalTokenCount": took + gave,
        }  # fmt: skip
    return written


_WRITERS: Mapping[Protocol, Callable[[Asked, str, str, Usage], dict[str, Any]]] = {
    "openai": _write_openai,
    "anthropic": _write_anthropic,
    "google": _write_google,
}
