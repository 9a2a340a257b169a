"""Where a language model is, and how one is let in: its name, its address, its key.

A folder of documents may come from strangers, its ``docsearch.toml`` with it. Whoever sets an
address is sent the key, so none of this is taken from there: only from a flag, the environment and
the user's own configuration. A key stands in none of these but the environment, or in a file of its
own. Nothing here prints, records or compares by a key.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

from docsearch_cli.errors import ConfigError, DocsearchError, UsageError
from docsearch_cli.llm.exchange import ModelRefusedError

Provider = Literal["openai", "anthropic", "google"]
PROVIDERS: tuple[Provider, ...] = get_args(Provider)
# The variables that each provider's own tools read, in their order.
_KEY_VARIABLES: Mapping[Provider, tuple[str, ...]] = {
    "openai": ("OPENAI_API_KEY",),
    "anthropic": ("ANTHROPIC_API_KEY",),
    "google": ("GOOGLE_API_KEY", "GEMINI_API_KEY"),
}
_ADDRESS_VARIABLES: Mapping[Provider, tuple[str, ...]] = {
    "openai": ("OPENAI_BASE_URL",),
    "anthropic": ("ANTHROPIC_BASE_URL",),
    "google": ("GOOGLE_GEMINI_BASE_URL",),
}
LLM_SETTINGS = ("model", "base_url", "key_file")
# Keys have some hundred characters.
_MOST_KEY_BYTES = 8_192
_MOST_NAME_CHARS = 200


@dataclass(frozen=True, slots=True)
class ModelAccess:
    """A language model as it is asked."""

    provider: Provider
    name: str
    """As the provider calls it."""
    origin: str
    """Where the model's name came from, as for any setting."""
    base_url: str | None = None
    """Where requests go; None for the provider's own address."""
    base_url_origin: str = "default"
    key: str = field(default="", repr=False, compare=False)
    """Empty where none is sent."""
    key_origin: str = "none"
    """Where the key came from, or why none is sent; never a part of it."""

    @property
    def model(self) -> str:
        """Provider and name."""
        return f"{self.provider}:{self.name}"

    @property
    def is_on_this_machine(self) -> bool:
        """Whether requests stay on this machine."""
        return self.base_url is not None and is_loopback(self.base_url)


def find_access(
    llm: Mapping[str, Any],
    variables: Mapping[str, str],
    *,
    model: str | None = None,
    base_url: str | None = None,
    config: str = "config.toml",
) -> ModelAccess:
    """Return the model to ask, where it is, and the key to it.

    Args:
        llm: The table ``[llm]`` of the user's own configuration, never of a folder's.
        variables: The environment.
        model: As a flag gives it.
        base_url: As a flag gives it.
        config: Where the table is from.

    Returns:
        The access; nothing has been sent yet.

    Raises:
        UsageError: If no model is named, or not as ``provider:name``.
        ModelRefusedError: If there is no key where one is needed, or the address is none.
        ConfigError: If the table holds something else.
    """
    table = _checked(llm, config)
    named, origin = named_model(table, variables, model, config)
    if not named:
        raise UsageError(
            "no language model is named",
            hint=f'name one: --model openai:gpt-4o-mini, or model = "..." under [llm] in {config}',
        )
    provider, name = _split(named)
    address, address_origin = _first(
        (base_url, "--base-url"),
        (variables.get("DOCSEARCH_BASE_URL"), "DOCSEARCH_BASE_URL"),
        *((variables.get(item), item) for item in _ADDRESS_VARIABLES[provider]),
        (table.get("base_url") if provider == "openai" else None, config),
    )
    checked = checked_address(address) if address else None
    key, key_origin = _find_key(provider, variables, table, config)
    if not key and checked is None:
        raise ModelRefusedError(
            f"there is no key for {provider}",
            reason="key",
            hint=f"set {_KEY_VARIABLES[provider][0]}, or key_file under [llm] in {config};"
            " a server of your own (--base-url) needs none",
        )
    if key and checked is not None and checked.startswith("http:") and not is_loopback(checked):
        key, key_origin = "", f"none sent ({key_origin} stays here: {checked} is not encrypted)"
    return ModelAccess(
        provider, name, origin, checked, address_origin if checked else "default", key, key_origin
    )


def named_model(
    llm: Mapping[str, Any],
    variables: Mapping[str, str],
    model: str | None = None,
    config: str = "config.toml",
) -> tuple[str, str]:
    """Return the model that is named, as it is, and where; empty for none."""
    own = llm.get("model")
    return _first(
        (model, "--model"),
        (variables.get("DOCSEARCH_MODEL"), "DOCSEARCH_MODEL"),
        (own if isinstance(own, str) else None, config),
    )


def describe_access(
    llm: Mapping[str, Any], variables: Mapping[str, str], config: str
) -> list[tuple[str, str, str]]:
    """Return which language model is asked where no flag says so, for a person.

    Args:
        llm: The table ``[llm]`` of the user's own configuration.
        variables: The environment.
        config: Where the table is from.

    Returns:
        For the model, its address and its key: what of it is shown, and where it came from. Of a
        key that is whether there is one.
    """
    model, origin = named_model(llm, variables, config=config)
    rows = [("model", model or "none", origin if model else "default")]
    try:
        found = find_access(llm, variables, model=model or f"{PROVIDERS[0]}:none", config=config)
    except DocsearchError as error:
        problem = error.message if model else "default"  # without a model none is looked for
        return [*rows, ("base_url", "none", "default"), ("key", "none", problem)]
    rows.append(("base_url", found.base_url or "none", found.base_url_origin))
    rows.append(("key", "set" if found.key else "none", found.key_origin))
    return rows


def _checked(llm: Mapping[str, Any], config: str) -> dict[str, str]:
    for name, value in llm.items():
        if name not in LLM_SETTINGS or not isinstance(value, str):
            what = "not a text" if name in LLM_SETTINGS else "unknown"
            raise ConfigError(
                f"{name} under [llm] in {config} is {what}",
                hint=f"there are {', '.join(LLM_SETTINGS)}, each a text in quotes; a key itself"
                " belongs in the environment or in a file that key_file names",
            )
    return dict(llm)


def _first(*places: tuple[str | None, str]) -> tuple[str, str]:
    """Return the first value that is there, and its origin."""
    for value, origin in places:
        if value is not None and value.strip():
            return value.strip(), origin
    return "", "none"


def _split(named: str) -> tuple[Provider, str]:
    provider, colon, name = named.partition(":")
    is_name = bool(name) and len(name) <= _MOST_NAME_CHARS and name.isprintable()
    if not (colon and is_name and " " not in name):
        raise UsageError(
            f"{named[:_MOST_NAME_CHARS]!r} is not a provider and a model",
            hint="write provider:name, such as openai:gpt-4o-mini; a server of your own speaks"
            " OpenAI's protocol: --model openai:NAME --base-url http://localhost:8080/v1",
        )
    for known in PROVIDERS:
        if provider == known:
            return known, name
    raise UsageError(
        f"there is no provider {provider[:40]!r}",
        hint=f"one of {', '.join(PROVIDERS)}; any other server that speaks OpenAI's protocol:"
        " --model openai:NAME --base-url URL",
    )


def checked_address(address: str) -> str:
    """Return a base URL without its last slash.

    Args:
        address: As a person gives it.

    Returns:
        It, with a scheme, a host and perhaps a path.

    Raises:
        ModelRefusedError: If it is something else, or holds a name and a password: an address is
            shown and recorded.
    """
    try:
        parts = urlsplit(address)
        host, has_login = parts.hostname, parts.username is not None
        _ = parts.port  # raises where it is no number
    except ValueError:
        host, has_login, parts = None, False, urlsplit("")
    is_plain = not (parts.query or parts.fragment) and address.isascii() and address.isprintable()
    if parts.scheme not in ("http", "https") or not host or " " in address or not is_plain:
        raise ModelRefusedError(
            "the model's address is no http:// or https:// address",
            reason="address",
            hint="such as http://localhost:8080/v1, with nothing behind it",
        )
    if has_login:
        raise ModelRefusedError(
            "the model's address holds a user name or a password",
            reason="address",
            hint="leave it out: the key comes from the environment or a key file",
        )
    return f"{parts.scheme}{address[len(parts.scheme) :]}".rstrip(
        "/"
    )  # the scheme in small letters


def is_loopback(address: str) -> bool:
    """Tell whether a checked address is on this machine."""
    host = urlsplit(address).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False  # a name, though it may begin as a number does


def _find_key(
    provider: Provider, variables: Mapping[str, str], table: Mapping[str, str], config: str
) -> tuple[str, str]:
    """Return the key and where it came from; empty for none."""
    file, file_origin = _first((variables.get("DOCSEARCH_KEY_FILE"), "DOCSEARCH_KEY_FILE"))
    key, origin = _first(*((variables.get(item), item) for item in _KEY_VARIABLES[provider]))
    if not file and not key:
        file, file_origin = _first((table.get("key_file"), f"key_file in {config}"))
    if file:
        key, origin = _read_key(Path(file).expanduser()), f"{file} ({file_origin})"
    if key and not (key.isascii() and key.isprintable() and " " not in key):
        raise ModelRefusedError(
            f"what {origin} holds is no key",
            reason="key",
            hint="a key is one word of letters, digits and dashes",
        )
    return key, origin


def _read_key(path: Path) -> str:
    """Return the one line of a key file."""
    from docsearch_cli.environment import refusal
    from docsearch_cli.files import opened_file

    try:
        with opened_file(path, follow=True) as handle:
            text = handle.read(_MOST_KEY_BYTES + 1).decode("ascii")
    except (OSError, ValueError) as error:
        refused = refusal(error, str(path)) if isinstance(error, OSError) else None
        if refused is not None:
            raise refused from None
        text = ""
    if not text.strip() or len(text) > _MOST_KEY_BYTES:
        raise ModelRefusedError(
            f"{path} holds no key", reason="key", hint="write the key into it, on one line"
        )
    return text.strip()
