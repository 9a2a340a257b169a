"""One request to a language model, and its reply, as plain data.

An agent builds a request and reads a reply, both as pure functions. Who sends it, how often it is
tried again and what it may cost is the engine's business; what is on the wire is the client's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Role = Literal["system", "user", "assistant"]


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
        raise NotImplementedError


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


class Asker(Protocol):
    """Sends requests for one step: accounted for, recorded and bounded by its reservation."""

    async def ask(self, request: ModelRequest) -> ModelReply:
        """Send a request and return the reply.

        Raises:
            TransientStepError: If it may work when tried again (429, 5xx, reset, truncated).
            BudgetSpentError: If the step's reservation does not allow another request.
            ModelError: If the provider refuses it for good (key, model, request).
        """
        ...


class ModelClient(Protocol):
    """Talks to one provider; one client an event loop."""

    async def send(self, request: ModelRequest, timeout_s: float) -> ModelReply:
        """Send one request over the wire, once, without retries of its own."""
        ...

    async def close(self) -> None:
        """Close its connections."""
        ...
