"""What is wrong with this installation, part by part, and what to do about it.

Each check stands alone: one that fails keeps none of the others from being made. A language model
is checked by one small request, which is the only thing here that may cost anything.
"""

from __future__ import annotations

import asyncio
import os
import platform
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from docsearch_cli import __version__
from docsearch_cli.config import Settings, load_settings, user_config
from docsearch_cli.errors import DocsearchError, IndexMissingError
from docsearch_cli.run_limits import dollars

Status = Literal["ok", "note", "fault"]
# A model that thinks before it replies needs some room for that.
_PROBE_OUTPUT_TOKENS = 200
_PROBE_TIMEOUT_S = 30.0
_PROBE_SCHEMA = {
    "type": "object",
    "properties": {"ok": {"type": "boolean"}},
    "required": ["ok"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Check:
    """One part of the installation, and how it is."""

    part: str
    status: Status
    """``note``: works, or is not there and need not be."""
    words: str
    hint: str = ""
    """What to do about it."""

    def to_dict(self) -> dict[str, Any]:
        """Return the check as plain data."""
        return asdict(self)


def check_all(
    find_home: Callable[[], Path],
    variables: Mapping[str, str],
    *,
    model: str | None,
    base_url: str | None,
    may_ask: bool,
) -> list[Check]:
    """Return every check of an installation.

    Args:
        find_home: Returns the folder of the index, or raises.
        variables: The environment.
        model: The language model to try, as a flag gives it.
        base_url: Where it is, as a flag gives it.
        may_ask: Whether it is sent a request.

    Returns:
        The checks, in an order that is always the same.
    """
    found = [Check("program", "ok", f"docsearch {__version__}, Python {platform.python_version()}")]
    beside: Path | None = Path.cwd()
    try:
        home = find_home()
    except IndexMissingError as error:
        found.append(Check("index", "note", error.message, error.hint or ""))
    except DocsearchError as error:
        found.append(_fault("index", error))
    else:
        beside = home.parent
        found += [*_index_checks(home), _cache_check(home)]
    try:
        settings = load_settings({}, beside=beside, environment=variables)
    except DocsearchError as error:
        return [*found, _fault("settings", error)]
    own = user_config(variables)
    said = f"your own: {own}" if os.path.exists(own) else f"none of your own (they go to {own})"  # noqa: PTH110
    found.append(Check("settings", "ok", said))
    return [*found, *_model_checks(settings, variables, model, base_url, may_ask=may_ask)]


def _fault(part: str, error: DocsearchError) -> Check:
    return Check(part, "fault", error.message, error.hint or "")


def _index_checks(home: Path) -> list[Check]:
    """Return how the index is, and the embedding model that it was made with."""
    from docsearch_cli.index.integrity import verify_checksums
    from docsearch_cli.index.question_encoder import question_encoder
    from docsearch_cli.index.staleness import is_of_other_code, is_stale
    from docsearch_cli.index.store import open_index

    try:
        reader = open_index(home)
        verify_checksums(reader)
    except IndexMissingError as error:
        return [Check("index", "note", error.message, error.hint or "")]
    except DocsearchError as error:
        return [_fault("index", error)]
    words = f"{reader.counts['documents']:,} documents in {home}"
    if is_stale(reader):
        why = (
            "of another version" if is_of_other_code(reader) else "and the documents changed since"
        )
        found = [Check("index", "note", f"{words}, {why}", "docsearch index PATH")]
    else:
        found = [Check("index", "ok", words)]
    if reader.model is None:
        none = "none: questions are searched by their words"
        return [*found, Check("embeddings", "note", none, "docsearch index PATH --model NAME")]
    encode = question_encoder(reader)
    assert encode is not None  # it has a model
    try:
        encode("a question")
    except DocsearchError as error:
        return [*found, _fault("embeddings", error)]
    return [*found, Check("embeddings", "ok", reader.model.name)]


def _cache_check(home: Path) -> Check:
    from docsearch_cli.engine.step_cache import open_step_cache

    warned: list[str] = []
    cache = open_step_cache(home, warned.append)
    figures = cache.stats()
    cache.close()
    if warned:
        return Check("cache", "fault", warned[0], "docsearch cache clear")
    return Check("cache", "ok", f"{figures['entries']:,} results, {figures['bytes']:,} bytes")


def _model_checks(
    settings: Settings,
    variables: Mapping[str, str],
    model: str | None,
    base_url: str | None,
    *,
    may_ask: bool,
) -> list[Check]:
    """Return how the language model is, as far as one is named."""
    from docsearch_cli.llm.access import find_access, named_model
    from docsearch_cli.llm.prices import own_prices, price_of

    models = settings.models
    part = "model"
    if not named_model(models.llm, variables, model)[0]:
        none = "no language model is named; docsearch works without one"
        return [Check(part, "note", none, "--model openai:gpt-4o-mini tries one")]
    try:
        access = find_access(
            models.llm, variables, model=model, base_url=base_url, config=models.origin
        )
        price = price_of(access.model, own_prices(models.prices, models.origin))
    except DocsearchError as error:
        return [_fault(part, error)]
    where = access.base_url or f"{access.provider}'s own address"
    found = [
        Check(part, "ok", f"{access.model} ({access.origin}) at {where}; key: {access.key_origin}")
    ]
    if price is None:
        hint = f'"{access.model}" = {{ input = 0.15, output = 0.6 }} under [prices], in dollars'
        found.append(Check("price", "note", "not known: --max-cost cannot be used", hint))
    else:
        into, out = map(dollars, price)
        found.append(Check("price", "ok", f"{into} in, {out} out, for a million tokens"))
    if may_ask:
        found.append(_try_model(access))
    return found


def _try_model(access: Any) -> Check:
    """Send a model one small request, and say how that went."""
    from docsearch_cli.llm.client import ProviderClient
    from docsearch_cli.llm.exchange import Message, ModelBusyError, ModelReply, ModelRequest
    from docsearch_cli.llm.replies import Problem, read_object

    talk = (Message("system", "You reply in JSON."), Message("user", 'Reply with {"ok": true}.'))
    request = ModelRequest(access.model, talk, _PROBE_SCHEMA, _PROBE_OUTPUT_TOKENS, "probe@1")

    async def send() -> ModelReply:
        client = ProviderClient(access)
        try:
            return await client.send(request, _PROBE_TIMEOUT_S)
        finally:
            await client.close()

    try:
        reply = asyncio.run(send())
    except DocsearchError as error:
        return _fault("request", error)
    except ModelBusyError as error:
        return Check("request", "fault", str(error), "check the address, or try again later")
    said = read_object(reply, ("ok",))
    if reply.finish_reason == "length":
        words = f"its reply was cut at {_PROBE_OUTPUT_TOKENS} tokens: it thinks before it replies"
        return Check("request", "note", words, "its decisions are cut as well; name another model")
    if isinstance(said, Problem) or type(said["ok"]) is not bool:
        words = "it replies, and not by the JSON schema"
        return Check("request", "fault", words, "name a model or a server that keeps to a schema")
    took, gave = reply.input_tokens, reply.output_tokens
    counted = f"{took} tokens in, {gave} out" if took is not None else "it does not count tokens"
    status: Status = "ok" if took is not None else "note"
    hint = "" if took is not None else "each request counts as the most that it could be"
    return Check("request", status, f"answered by {reply.model or access.name}: {counted}", hint)
