"""Settings: what they are, their limits, and where a value came from.

Precedence: flag, ``DOCSEARCH_*`` variable, ``docsearch.toml`` beside the index, the user's
``config.toml``, default. The file beside the index holds numbers, languages, systems and starting
points, nothing that is run or read from elsewhere, and asks for no more processes than
``folder_workers``; the user's own may also hold ``personal_settings.py``. A value above a limit is
cut to it, and a line says so; one below it, or of the wrong type, is an error.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from docsearch_cli.config_file import StartingPoint, read_config, table_of
from docsearch_cli.document_settings import (
    LanguageSetting,
    LanguagesSetting,
    SystemsSetting,
    pick_language,
    pick_languages,
    pick_systems,
)
from docsearch_cli.errors import ConfigError, UsageError
from docsearch_cli.listed_synonyms import pick_synonyms
from docsearch_cli.personal_settings import (
    PERSONAL_NAMES,
    PersonalSettings,
    pick_personal,
    refuse_personal,
)
from docsearch_cli.run_limits import (
    LIMIT_OF,
    LIMITS,
    Limit,
    RunLimits,
    clamp_words,
    default_requests,
    default_window,
    folder_workers,
)
from docsearch_cli.whole_numbers import brief, is_in_range

CONFIG_NAME = "docsearch.toml"

# The agent that decides at each node unless another is named; see explore/agents/table.py.
DEFAULT_AGENT = "local"

# A model takes seconds where a local agent takes milliseconds.
_MODEL_STEP_TIMEOUT_S = 60


@dataclass(frozen=True, slots=True)
class Setting:
    """A value and its origin."""

    name: str
    value: int
    origin: str
    """``flag``, the variable's name, the file's path, or ``default``."""
    requested: int
    """The value before clamping."""


_NO_LOOK = Setting("look_agents", 0, "the question", 0)


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """What the user's own file says of language models; one that comes with a folder says nothing.

    Whoever sets an address is sent a key, and whoever sets a price says what a limit on cost means.
    """

    llm: Mapping[str, Any] = field(default_factory=dict)
    """``[llm]``: see ``llm/access.py``."""
    prices: Mapping[str, Any] = field(default_factory=dict)
    """``[prices]``: see ``llm/prices.py``."""
    origin: str = "config.toml"
    """The file."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Every limit in force, with its origin."""

    limits: Mapping[str, Setting]
    starting_points: tuple[StartingPoint, ...] = ()
    language: LanguageSetting = field(default_factory=LanguageSetting)
    systems: SystemsSetting = field(default_factory=SystemsSetting)
    languages: LanguagesSetting = field(default_factory=LanguagesSetting)
    models: ModelSettings = ModelSettings()
    personal: PersonalSettings = field(default_factory=PersonalSettings)
    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Other words that a word of a question is searched as, too."""
    lowered: Mapping[str, Setting] = field(default_factory=dict)
    """Limits that are less where a language model is asked: a folder's own file, which may have
    come with a clone, only lowers those."""

    def __getitem__(self, name: str) -> int:
        return self.limits[name].value

    def run_limits(self) -> RunLimits:
        """Return every limit's value."""
        return RunLimits(**{name: item.value for name, item in self.limits.items()})

    def without_look(self) -> Settings:
        """Return these settings for a search that is sure of its way."""
        return replace(self, limits={**self.limits, "look_agents": _NO_LOOK})

    def for_agent(self, *, asks_model: bool, steps_ask: bool = True) -> Settings:
        """Return these settings for an agent of a kind.

        Args:
            asks_model: Whether a language model is asked.
            steps_ask: Whether that is at each page, and not for the answer alone.

        Returns:
            The settings. Where no model is asked, there is nothing to limit of that; where one is,
            a step gets more time unless somebody said how much.
        """
        limits = dict(self.limits)
        if not asks_model:
            limits = {name: item for name, item in limits.items() if not _is_for_models(name)}
            return replace(self, limits=limits)
        for name, item in self.lowered.items():
            limits[name] = min(limits[name], item, key=lambda one: one.value)
        if steps_ask and (timeout := limits["step_timeout_s"]).origin == "default":
            limits[timeout.name] = Setting(
                timeout.name, _MODEL_STEP_TIMEOUT_S, "default", _MODEL_STEP_TIMEOUT_S
            )
        return replace(self, limits=limits)

    def clamps(self) -> list[str]:
        """Return one line for each value that was cut to its limit."""
        return [
            clamp_words(setting.name, setting.requested, setting.value)
            for setting in self.limits.values()
            if setting.requested != setting.value
        ]

    def starts_for(self, question: str) -> list[str]:
        """Return the nodes to begin a question at, in the order of the file."""
        return [point.node for point in self.starting_points if point.fits(question)]


def _is_for_models(name: str) -> bool:
    return LIMIT_OF[name].is_for_models


def load_settings(
    flags: Mapping[str, int | None],
    *,
    language: str | None = None,
    beside: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """Return the settings in force.

    Args:
        flags: Values given on the command line; None where a flag was left out.
        language: The language given there.
        beside: Folder that may hold a ``docsearch.toml``.
        environment: Variables; those of this process by default.

    Returns:
        The settings, each with its origin.

    Raises:
        UsageError: If a flag is below its limit.
        ConfigError: If a file or variable holds something that is not a setting.
    """
    variables = os.environ if environment is None else environment
    given: dict[str, Any] = {**flags, "language": language}
    layers = [({name: value for name, value in given.items() if value is not None}, "flag")]
    layers.append(_from_environment(variables))
    own = user_config(variables)
    files = [beside / CONFIG_NAME] if beside is not None else []
    points: tuple[StartingPoint, ...] = ()
    models = ModelSettings()
    for path in (*files, own):
        values, found = read_config(path, is_own=path == own)
        if path == own:
            models = ModelSettings(
                table_of(values.pop("llm", {}), "llm", own),
                table_of(values.pop("prices", {}), "prices", own),
                str(own),
            )
        else:
            refuse_personal(tuple(values), str(path), str(own))
        layers.append((values, str(path)))
        points = points or found
    folders = {str(path) for path in files}
    limits = {limit.name: _pick(limit, layers) for limit in LIMITS}
    if limits["workers"].origin in folders:
        limits["workers"] = _at_most(limits["workers"], folder_workers())
    own_layers = [layer for layer in layers if layer[1] not in folders]
    low = {
        name: min(item, _pick(LIMIT_OF[name], own_layers), key=lambda one: one.value)
        if item.origin in folders
        else item
        for name, item in limits.items()
    }
    limits |= {name: item for name, item in low.items() if _is_for_models(name)}
    limits, low = _with_dependent(limits), _with_dependent(low)
    lowered = {name: item for name, item in low.items() if item.value < limits[name].value}
    return Settings(
        limits,
        points,
        pick_language(layers),
        pick_systems(layers),
        pick_languages(layers),
        models,
        pick_personal(layers),
        pick_synonyms(layers),
        lowered,
    )


def _with_dependent(limits: dict[str, Setting]) -> dict[str, Setting]:
    """Return limits with those whose value, or its bound, depends on others."""
    limits = dict(limits)
    if limits["window"].origin == "default":
        window = default_window(limits["max_agents"].value)
        limits["window"] = Setting("window", window, "default", window)
    if limits["max_requests"].origin == "default":
        most = default_requests(limits["max_agents"].value)
        limits["max_requests"] = Setting("max_requests", most, "default", most)
    # One page may not take more than there is for all: else not one could be opened.
    limits["reading_tokens"] = _at_most(limits["reading_tokens"], limits["max_tokens"].value)
    return limits


def user_config(variables: Mapping[str, str]) -> Path:
    """Return the user's configuration file, which need not exist."""
    if "DOCSEARCH_CONFIG_DIR" in variables:
        return Path(variables["DOCSEARCH_CONFIG_DIR"]) / "config.toml"
    import platformdirs

    return Path(platformdirs.user_config_dir("docsearch")) / "config.toml"


def _pick(limit: Limit, layers: list[tuple[dict[str, Any], str]]) -> Setting:
    for values, source in layers:
        if limit.name not in values:
            continue
        value = values[limit.name]
        origin = f"DOCSEARCH_{limit.name.upper()}" if source == "environment" else source
        fault = UsageError if source == "flag" else ConfigError
        hint = f"use {limit.least} to {limit.most}"
        kind = "a whole number of at most 18 digits"
        if limit.is_money:
            hint = f"use {limit.words(limit.least)} to {limit.words(limit.most)}"
            kind = "an amount in dollars, to a millionth"
        if type(value) is not int or not is_in_range(value):
            raise fault(f"{limit.name} = {brief(value)} ({origin}) is not {kind}", hint=hint)
        if value < limit.least:
            raise fault(f"{limit.name} {value} ({origin}) is below {limit.least}", hint=hint)
        return Setting(limit.name, min(value, limit.most), origin, value)
    return Setting(limit.name, limit.default, "default", limit.default)


def _at_most(setting: Setting, most: int) -> Setting:
    return setting if setting.value <= most else replace(setting, value=most)


def _from_environment(variables: Mapping[str, str]) -> tuple[dict[str, Any], str]:
    values: dict[str, Any] = {}
    for limit in LIMITS:
        text = variables.get(f"DOCSEARCH_{limit.name.upper()}")
        if text:
            number = limit.read(text)
            values[limit.name] = text if number is None else number
    if variables.get("DOCSEARCH_LANGUAGE"):
        values["language"] = variables["DOCSEARCH_LANGUAGE"]
    for name in PERSONAL_NAMES:
        if variables.get(f"DOCSEARCH_{name.upper()}"):
            values[name] = variables[f"DOCSEARCH_{name.upper()}"]
    return values, "environment"
