"""One request to a language model, and its reply, as plain data.

An agent builds a request and reads a reply, both as pure functions. Who sends it, how often it is
tried again and what it may cost is the engine's business; what is on the wire is the client's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from docsearch_cli.errors import ModelError
from docsearch_cli.steps import TransientStepError, canonical_json

Role = Literal["system", "user", "assistant"]
RefusedFor = Literal["key", "model", "schema", "request", "quota", "address", "extra"]
# A token is at least a byte of what is sent. Around a message and its role, and around a request,
# providers add some of their own.
_MESSAGE_TOKENS = 16
_REQUEST_TOKENS = 64
# What may begin a chat template's own token: a client that breaks it up adds so many bytes.
_BROKEN_CHARS = "<[]"
_BREAK_BYTES = 3


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """What is asked of a model: all of it, so that equal requests may share a reply."""

    model: str
    """Provider and name: ``openai:gpt-4o-mini``."""
    messages: tuple[Message, ...]
    schema: Mapping[str, Any]
    """JSON schema of the reply."""
    max_output_tokens: int
    prompt: str
    """Name and version of the prompt: ``decide@1``."""

    @property
    def most_input_tokens(self) -> int:
        """The most tokens that the request can be counted as: its UTF-8 bytes bound them."""
        texts = [message.text for message in self.messages]
        broken = sum(text.count(char) for text in texts for char in _BROKEN_CHARS)
        return (
            sum(len(text.encode("utf-8", "replace")) for text in texts)
            + len(canonical_json(self.schema))
            + _BREAK_BYTES * broken
            + _MESSAGE_TOKENS * len(texts)
            + _REQUEST_TOKENS
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the request as plain data, all that decides its reply."""
        return {
            "model": self.model,
            "messages": [{"role": item.role, "text": item.text} for item in self.messages],
            "schema": self.schema,
            "max_output_tokens": self.max_output_tokens,
            "prompt": self.prompt,
        }


@dataclass(frozen=True, slots=True)
class ModelReply:
    """What a model replied."""

    text: str
    """As it came: JSON where the model kept to the schema."""
    input_tokens: int | None
    """As the provider counts them; None where it does not say."""
    output_tokens: int | None
    model: str
    """The model that replied, as the provider names it."""
    finish_reason: str
    """``stop``, ``length`` where the reply was cut at its cap, or another word of the provider."""


class ModelBusyError(TransientStepError):
    """A request came to nothing and may work when it is sent again."""

    def __init__(
        self, message: str, *, retry_after_s: float | None = None, may_be_billed: bool = False
    ) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
        """How long the provider asks to wait; None where it does not say."""
        self.may_be_billed = may_be_billed
        """Whether the model may have replied, and its tokens cost something, though none came."""


class InvalidReplyError(ModelBusyError):
    """A server replied with something that is no reply of its protocol, or with too much."""

    def __init__(self, message: str) -> None:
        super().__init__(message, may_be_billed=True)


class ModelRefusedError(ModelError):
    """A language model cannot be asked like this, however often: a key, a name, an address."""

    def __init__(self, message: str, *, reason: RefusedFor, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.reason: RefusedFor = reason


class Asker(Protocol):
    """Sends requests for one step: accounted for, recorded and bounded by its reservation."""

    async def ask(self, request: ModelRequest) -> ModelReply:
        """Send a request and return the reply.

        Args:
            request: What to ask.

        Returns:
            The reply, whatever it says.

        Raises:
            TransientStepError: If it may work when tried again (429, 5xx, reset, truncated).
            BudgetSpentError: If the step's reservation does not allow another request.
            ModelError: If the provider refuses it for good (key, model, request).
        """
        ...


class ModelClient(Protocol):
    """Talks to one provider; one client an event loop."""

    async def send(self, request: ModelRequest, timeout_s: float) -> ModelReply:
        """Send one request over the wire, once, without retries of its own.

        Args:
            request: What to ask.
            timeout_s: Seconds that it may take in all.

        Returns:
            The reply, whatever it says.

        Raises:
            ModelBusyError: If it may work when tried again.
            ModelRefusedError: If it will not.
        """
        ...

    async def close(self) -> None:
        """Close its connections."""
        ...
