"""Sends one request to a language model, once, and says in three classes how it went.

pydantic-ai knows how each provider is asked. What it, or a provider's own client, would do on its
own account is off: no request is sent twice, none follows a redirect, none waits beyond its time,
and a reply that is larger than any honest one is not read to its end. What providers say of a
failure is shown without what lets one in.

A client lives as long as the event loop that it was first used in, so there is one for each loop.
"""

from __future__ import annotations

import asyncio
import json
import math
import warnings
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any

from docsearch_cli.installation import install_hint
from docsearch_cli.llm.access import ModelAccess
from docsearch_cli.llm.cleaning import cleaned, without_key
from docsearch_cli.llm.exchange import (
    InvalidReplyError,
    ModelBusyError,
    ModelRefusedError,
    ModelReply,
    ModelRequest,
    RefusedFor,
)

if TYPE_CHECKING:
    import httpx2
    from pydantic_ai.messages import ModelMessage, ModelResponse
    from pydantic_ai.models import Model

# A reply has a few hundred tokens; with all that providers say beside it, this is far more.
_MOST_REPLY_BYTES = 1_000_000
# Of a longer time, a connection or a place among the connections gets no more.
_MOST_CONNECT_S = 20.0
# A provider that asks for a longer wait is not waited for; the number stays a number.
_MOST_RETRY_AFTER_S = 86_400.0
# More than any model takes: what claims more says nothing.
_MOST_TOKENS = 1_000_000_000
_MOST_NAME_CHARS = 200
# A shorter key is a word, such as a server of one's own is given, and may stand in a reply.
_SECRET_CHARS = 16
_OPENAI = "https://api.openai.com/v1"
_ANTHROPIC = "https://api.anthropic.com"
# What the providers' clients tell of this machine, unasked.
_TELLING_HEADERS = ("x-stainless-", "openai-organization", "openai-project", "x-goog-api-client")
_KNOWN_WARNINGS = ("Failed to extract usage", "Sampling parameters")
_NO_KEY = "none"
_EXTRAS = {"openai": "llm", "anthropic": "llm-anthropic", "google": "llm-google"}


class _TooLargeError(Exception):
    """A reply is larger than any that is expected."""


class _RedirectError(Exception):
    """A server sends the request elsewhere."""


class ProviderClient:
    """A connection to one provider; see ``ModelClient``.

    Args:
        access: Which model, where it is, and the key.
    """

    def __init__(self, access: ModelAccess) -> None:
        self._access = access
        self._http: httpx2.AsyncClient | None = None
        self._model: Model[Any] | None = None

    async def send(self, request: ModelRequest, timeout_s: float) -> ModelReply:
        """Send one request over the wire, once.

        Args:
            request: What to ask; its model is this client's.
            timeout_s: Seconds that it may take in all.

        Returns:
            The reply, whatever it says.

        Raises:
            ModelBusyError: If it may work when tried again; ``InvalidReplyError`` is one.
            ModelRefusedError: If it will not.
        """
        if request.model != self._access.model:
            raise ValueError(f"this client asks {self._access.model}, not {request.model}")
        model = self._opened()
        from pydantic_ai.exceptions import ContentFilterError, UserError

        try:
            async with asyncio.timeout(timeout_s):
                return _read(await _ask(model, self._access, request, timeout_s), self._access.key)
        except TimeoutError:
            words = f"no reply within {timeout_s:g} s"
            failure: Exception = ModelBusyError(words, may_be_billed=True)
        except ContentFilterError:
            return ModelReply("", None, None, self._access.name, "content_filter")
        except UserError as error:
            failure = self._refused(error, "schema")
        except Exception as error:  # a server can make a client's reader raise anything
            failure = self._named(error)
        raise failure  # not from the error: its text may hold the key

    async def close(self) -> None:
        """Close the connections; safe to call twice."""
        http, self._http, self._model = self._http, None, None
        if http is not None:
            await http.aclose()

    def _opened(self) -> Model[Any]:
        if self._model is None:
            for words in _KNOWN_WARNINGS:  # what they warn of is looked after here
                warnings.filterwarnings("ignore", message=words)
            try:
                self._http = _http_client(self._access)
                self._model = _OPENERS[self._access.provider](self._access, self._http)
            except ImportError:
                raise missing_extra(self._access.provider) from None
        return self._model

    def _refused(self, error: Exception, reason: RefusedFor) -> ModelRefusedError:
        said = cleaned(_words_of(error), self._access.key)
        access = self._access
        where = access.base_url or access.provider
        message = {
            "key": f"{where} refuses the key ({access.key_origin}): {said}",
            "model": f"{where} has no model {access.name!r}: {said}",
            "quota": f"the account at {where} is used up: {said}",
            "schema": f"{access.model} does not reply by a JSON schema: {said}",
        }.get(reason, f"{where} refuses the request: {said}")
        hint = {
            "key": "check the key; docsearch doctor tries one small request",
            "model": "check the name: provider:name as the provider spells it",
            "quota": "see the account's limits at the provider",
            "schema": "name a model or a server that has JSON schema output",
            "address": "check the address; requests are not sent on to another one",
        }.get(reason)
        return ModelRefusedError(message, reason=reason, hint=hint)

    def _named(self, error: Exception) -> Exception:
        """Return a failure by its class."""
        from pydantic_ai import exceptions as they

        said = cleaned(_words_of(error), self._access.key)
        if any(isinstance(cause, _TooLargeError) for cause in _causes(error)):
            return InvalidReplyError(f"the reply is larger than {_MOST_REPLY_BYTES:,} bytes")
        if any(isinstance(cause, _RedirectError) for cause in _causes(error)):
            return self._refused(_RedirectError("it sends them elsewhere"), "address")
        if isinstance(error, they.ModelAuthenticationError):
            return self._refused(error, "key")
        if isinstance(error, they.ModelNotFoundError):
            return self._refused(error, "model")
        if isinstance(error, they.ModelQuotaExceededError):
            return self._refused(error, "quota")
        if isinstance(error, they.ModelRequestRejectedError):
            is_schema = any(word in said for word in ("response_format", "schema", "output_config"))
            return self._refused(error, "schema" if is_schema else "request")
        if isinstance(error, they.ModelRateLimitError | they.ModelUnavailableError):
            return ModelBusyError(said, retry_after_s=_wait_of(error))
        if isinstance(error, they.ModelServerError):
            return ModelBusyError(said, retry_after_s=_wait_of(error), may_be_billed=True)
        if isinstance(error, they.ModelConnectionError):
            is_unsent = error.phase in ("pool", "connect")
            where = self._access.base_url or self._access.provider
            words = f"{where} cannot be reached" if is_unsent else "the connection was lost"
            return ModelBusyError(words, may_be_billed=not is_unsent)
        if isinstance(error, they.ModelHTTPError):
            return self._refused(error, "request")
        return InvalidReplyError(f"the reply is not one of the protocol: {said}")


def missing_extra(provider: str) -> ModelRefusedError:
    """Return the error that says which part of the installation is missing."""
    extra = _EXTRAS[provider]
    return ModelRefusedError(
        f"asking {provider} needs a part that is not installed",
        reason="extra",
        hint=install_hint(extra),
    )


async def _ask(
    model: Model[Any], access: ModelAccess, request: ModelRequest, timeout_s: float
) -> ModelResponse:
    from pydantic_ai.direct import model_request
    from pydantic_ai.models import ModelRequestParameters
    from pydantic_ai.output import OutputObjectDefinition
    from pydantic_ai.settings import ModelSettings

    settings = ModelSettings(max_tokens=request.max_output_tokens, timeout=timeout_s)
    if access.provider == "openai" and not model.profile.get("openai_supports_reasoning"):
        settings["temperature"] = 0.0
    return await model_request(
        model,
        _messages(request),
        model_settings=settings,
        model_request_parameters=ModelRequestParameters(
            output_mode="native",
            output_object=OutputObjectDefinition(
                json_schema=dict(request.schema), name="reply", strict=True
            ),
        ),
        instrument=False,
    )


def _messages(request: ModelRequest) -> list[ModelMessage]:
    from pydantic_ai import messages as they

    turns: list[ModelMessage] = []
    asked: list[Any] = []
    for message in request.messages:
        if message.role == "assistant":
            turns.append(they.ModelRequest(parts=asked))
            turns.append(they.ModelResponse(parts=[they.TextPart(message.text)]))
            asked = []
        elif message.role == "system":
            asked.append(they.SystemPromptPart(message.text))
        else:
            asked.append(they.UserPromptPart(message.text))
    return [*turns, they.ModelRequest(parts=asked)]


def _read(response: ModelResponse, key: str) -> ModelReply:
    from pydantic_ai.messages import TextPart

    text = "".join(part.content for part in response.parts if isinstance(part, TextPart))
    usage = response.usage
    took, gave = _tokens(usage.input_tokens), _tokens(usage.output_tokens)
    is_silent = not took  # no request has no tokens: a server that counts none does not count
    return ModelReply(
        text=text if len(key) < _SECRET_CHARS else _hide_key(text, key),
        input_tokens=None if is_silent else took,
        output_tokens=None if is_silent else gave,
        model=cleaned(response.model_name or "", key)[:_MOST_NAME_CHARS],
        finish_reason=response.finish_reason or "stop",
    )


def _hide_key(text: str, key: str) -> str:
    """Return a reply in which the key is hidden, however JSON spells it."""
    text = without_key(text, key, _SECRET_CHARS)
    try:
        value = json.loads(text)
        spelled = json.dumps(value, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text  # nobody can read it either
    hidden = without_key(spelled, key, _SECRET_CHARS)
    return text if hidden == spelled else hidden


def _tokens(count: int) -> int | None:
    return count if 0 <= count <= _MOST_TOKENS else None


def _wait_of(error: Any) -> float | None:
    wait = error.retry_after
    if wait is None or not math.isfinite(wait) or wait < 0:
        return None
    return min(float(wait), _MOST_RETRY_AFTER_S)


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    at: BaseException | None = error
    while at is not None and at not in found:
        found.append(at)
        at = at.__cause__ or at.__context__
    return found


def _words_of(error: Exception) -> str:
    """Return what a provider says of a failure, without all that stands around it."""
    body, status = getattr(error, "body", None), getattr(error, "status_code", None)
    said: object = body
    for name in ("error", "message"):
        if isinstance(said, Mapping) and name in said:
            said = said[name]
    words = said if isinstance(said, str) else "" if body is not None else str(error)
    return " ".join(part for part in ("" if status is None else str(status), words) if part)


def _http_client(access: ModelAccess) -> httpx2.AsyncClient:
    """Return a client that follows nothing and reads no more than it should."""
    import httpx2

    class Bounded(httpx2.AsyncByteStream):  # type: ignore[misc] # it may not be installed
        """The body of a response, which ends with an error where it is too large."""

        def __init__(self, stream: Any) -> None:
            self._stream = stream

        async def __aiter__(self) -> AsyncIterator[bytes]:
            read = 0
            async for piece in self._stream:
                read += len(piece)
                if read > _MOST_REPLY_BYTES:
                    raise _TooLargeError
                yield piece

        async def aclose(self) -> None:
            await self._stream.aclose()

    async def trim(request: httpx2.Request) -> None:
        for name in list(request.headers):
            if name.lower().startswith(_TELLING_HEADERS):
                del request.headers[name]
        if not access.key:
            for name in ("authorization", "x-api-key", "x-goog-api-key"):
                if name in request.headers:
                    del request.headers[name]
        request.headers["accept-encoding"] = "identity"  # a packed reply has no honest size

    async def bound(response: httpx2.Response) -> None:
        if 300 <= response.status_code < 400:
            raise _RedirectError
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise _TooLargeError
        response.stream = Bounded(response.stream)

    return httpx2.AsyncClient(
        follow_redirects=False,
        trust_env=not access.is_on_this_machine,  # no proxy stands between a machine and itself
        timeout=httpx2.Timeout(600.0, connect=_MOST_CONNECT_S, pool=_MOST_CONNECT_S),
        event_hooks={"request": [trim], "response": [bound]},
    )


def _open_openai(access: ModelAccess, http: httpx2.AsyncClient) -> Model[Any]:
    from openai import AsyncOpenAI
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.profiles.openai import OpenAIModelProfile
    from pydantic_ai.providers.openai import OpenAIProvider
    from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

    client = AsyncOpenAI(
        api_key=access.key or _NO_KEY,
        base_url=access.base_url or _OPENAI,
        max_retries=0,
        http_client=http,
    )
    if access.base_url is None:
        return OpenAIChatModel(access.name, provider=OpenAIProvider(openai_client=client))
    provider = OpenAICompatibleProvider("openai-compatible", openai_client=client)
    # The older name of the cap is the one that every such server knows; OpenAI's reasoning models
    # behind a gateway know the newer one alone.
    profile = provider.model_profile(access.name) or {}
    newer = bool(profile.get("openai_supports_reasoning"))
    own = OpenAIModelProfile(openai_chat_supports_max_completion_tokens=newer)
    return OpenAIChatModel(access.name, provider=provider, profile=own)


def _open_anthropic(access: ModelAccess, http: httpx2.AsyncClient) -> Model[Any]:
    from anthropic import AsyncAnthropic
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    client = AsyncAnthropic(
        api_key=access.key or _NO_KEY,
        base_url=access.base_url or _ANTHROPIC,
        max_retries=0,
        http_client=http,
    )
    return AnthropicModel(access.name, provider=AnthropicProvider(anthropic_client=client))


def _open_google(access: ModelAccess, http: httpx2.AsyncClient) -> Model[Any]:
    from pydantic_ai.models.google import GoogleModel
    from pydantic_ai.providers.google import GoogleProvider

    provider = GoogleProvider(
        api_key=access.key or _NO_KEY, base_url=access.base_url, http_client=http
    )
    return GoogleModel(access.name, provider=provider)


_OPENERS = {"openai": _open_openai, "anthropic": _open_anthropic, "google": _open_google}
