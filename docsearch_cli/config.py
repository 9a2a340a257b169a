"""Settings: what they are, their limits, and where a value came from.

Precedence: flag, ``DOCSEARCH_*`` variable, ``docsearch.toml`` beside the index, the user's
``config.toml``, default. The file beside the index holds numbers, languages, systems and starting
points, nothing that is run or read from elsewhere; the user's own may also hold
``personal_settings.py``. A value above a limit is cut to it, and a line says so; one below it, or
of the wrong type, is an error.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from docsearch_cli.errors import ConfigError, UsageError
from docsearch_cli.listed_synonyms import pick_synonyms
from docsearch_cli.personal_settings import (
    PERSONAL_NAMES,
    PersonalSettings,
    pick_personal,
    refuse_personal,
)
from docsearch_cli.whole_numbers import brief, is_in_range, read_number

CONFIG_NAME = "docsearch.toml"
# No configuration file is larger: one that is, is not read to its end.
_MOST_BYTES = 1_000_000
# The agent that decides at each node unless another is named; see explore/agents/table.py.
DEFAULT_AGENT = "local"
# Stands for the language that is detected from the documents; undoes one that was set before.
AUTO_LANGUAGE = "auto"
# What a configuration file holds beside numbers and starting points.
_TABLES = ("language", "languages", "systems", "synonyms")
# Stands for a folder that is no site of any documentation system.
NO_SYSTEM = "none"
# What only the user's own file may hold.
_OWN_TABLES = ("llm", "prices")


@dataclass(frozen=True, slots=True)
class Limit:
    """One number that bounds a run."""

    name: str
    default: int
    least: int
    most: int
    meaning: str
    """A few words for a person."""
    default_words: str = ""
    """Where the default depends on something else: what it is by."""
    is_money: bool = False
    """True for an amount in dollars, kept in millionths."""
    is_for_models: bool = False
    """True for a limit that only an agent has which asks a language model."""

    @property
    def help(self) -> str:
        """The help text of the limit's option."""
        default = self.default_words or self.words(self.default)
        meaning = self.meaning[0].upper() + self.meaning[1:]
        return f"{meaning} (default {default}; at most {self.words(self.most)})."

    def words(self, value: int) -> str:
        """Return a value as a person reads and gives it."""
        return dollars(value) if self.is_money else f"{value:,}"

    def read(self, text: str) -> int | None:
        """Return the value that is typed so; None if that is none."""
        return read_dollars(text) if self.is_money else read_number(text)


# Budgets are design inputs: each has a default that fits a laptop and a cap that nothing passes.
LIMITS = (
    Limit("max_agents", 20, 0, 2_000, "most nodes to open, over all branches; 0 opens none"),
    Limit("max_depth", 3, 0, 8, "most hops from a seed; 0 opens seeds only"),
    Limit("fan_out", 3, 0, 20, "most edges to follow from one node"),
    Limit("seeds", 5, 1, 50, "nodes that a search begins with"),
    Limit("frontier", 500, 1, 5_000, "most nodes found and not yet opened"),
    Limit("proposals", 64, 1, 256, "most edges that an agent is shown and may propose"),
    Limit(
        "window",
        8,
        1,
        64,
        "steps in flight at once; part of the run, not of the machine",
        "a quarter of max_agents, up to 8",
    ),
    Limit("attempts", 3, 1, 6, "most attempts of one step, the first included"),
    Limit("step_timeout_s", 10, 1, 300, "seconds that one attempt of a step may take"),
    Limit("deadline_s", 120, 1, 3_600, "seconds that a run may take"),
    Limit("reading_tokens", 1_200, 50, 20_000, "most tokens of text that one agent reads"),
    Limit("max_tokens", 2_400_000, 50, 40_000_000, "most tokens of text to read, over all agents"),
    Limit("answer_tokens", 400, 50, 8_000, "most tokens of evidence to hand back"),
    Limit(
        "look_agents",
        5,
        0,
        2_000,
        "nodes that are opened first where the question does not decide; 0 searches by keywords",
    ),
    Limit(
        "workers",
        min(os.cpu_count() or 1, 4),
        1,
        64,
        "worker processes; never changes the result",
        "one for each core, up to 4",
    ),
    Limit(
        "max_requests",
        80,
        0,
        100_000,
        "most requests to a language model, over all agents",
        "four for each of max_agents",
        is_for_models=True,
    ),
    Limit(
        "max_cost",
        1_000_000_000_000,
        0,
        1_000_000_000_000,
        "most dollars that a language model may cost",
        "no limit",
        is_money=True,
        is_for_models=True,
    ),
)
LIMIT_OF = {limit.name: limit for limit in LIMITS}
# A budget that is sent out at once goes to the keyword ranking alone: what the first pages lead to
# competes only for agents that are still there.
_WINDOW_SHARE = 4
# A step asks once or twice; the rest is for retries and for reading on.
_REQUESTS_AN_AGENT = 4
# A model takes seconds where a local agent takes milliseconds.
_MODEL_STEP_TIMEOUT_S = 60


def default_requests(max_agents: int) -> int:
    """Return how many requests a budget of agents may send where nobody says."""
    return min(_REQUESTS_AN_AGENT * max_agents, LIMIT_OF["max_requests"].most)


def default_window(max_agents: int) -> int:
    """Return how many steps of a budget are in flight at once where nobody says."""
    return min(LIMIT_OF["window"].default, max(1, -(-max_agents // _WINDOW_SHARE)))


def dollars(micro_usd: int) -> str:
    """Return millionths of a dollar as a person reads them: ``$0.05``."""
    whole, rest = divmod(micro_usd, 1_000_000)
    cents = f"{rest:06d}".rstrip("0").ljust(2, "0")
    return f"${whole:,}.{cents}"


def read_dollars(text: str) -> int | None:
    """Return an amount in dollars in millionths.

    Args:
        text: Digits, perhaps with a point and a dollar sign before them.

    Returns:
        The amount; None if it is none, or is finer than a millionth.
    """
    whole, point, part = text.strip().removeprefix("$").partition(".")
    if not (whole or part) or (point and not part) or len(part) > 6:
        return None
    number = read_number((whole or "0") + part.ljust(6, "0"))
    return number if number is not None and number >= 0 else None


@dataclass(frozen=True, slots=True)
class RunLimits:
    """The value of every limit in one run; ``LIMITS`` says what each bounds."""

    max_agents: int
    max_depth: int
    fan_out: int
    seeds: int
    frontier: int
    proposals: int
    window: int
    attempts: int
    step_timeout_s: int
    deadline_s: int
    reading_tokens: int
    max_tokens: int
    answer_tokens: int
    look_agents: int
    workers: int
    max_requests: int = 0
    """Of a run whose agent asks no model: none."""
    max_cost: int = 0
    """In millionths of a dollar."""

    @classmethod
    def from_dict(cls, data: Mapping[str, int]) -> RunLimits:
        """Return what a record says; an older one knows no look, and has none.

        Args:
            data: A value for each limit.

        Returns:
            The limits, whatever their values.

        Raises:
            TypeError: If a limit is missing, is not known, or is no whole number.
        """
        if not all(type(value) is int for value in data.values()):
            raise TypeError("a limit is no whole number")
        return cls(**{"look_agents": 0, **data})

    def to_dict(self) -> dict[str, int]:
        """Return the values by name, as a record holds them: of an agent that asks a model, all."""
        values = asdict(self)
        return {
            name: value
            for name, value in values.items()
            if value or not LIMIT_OF[name].is_for_models
        }


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
class LanguageSetting:
    """The language to index documents in, and its origin."""

    value: str | None
    """As it was given, in lower case, ``auto`` included; None where nothing sets it."""
    origin: str


@dataclass(frozen=True, slots=True)
class LanguagesSetting:
    """The languages that a person sets for parts of the documents, and their origin."""

    value: Mapping[str, str]
    """Names or codes of languages, in lower case, by path."""
    origin: str


@dataclass(frozen=True, slots=True)
class SystemsSetting:
    """The documentation systems that a person names for folders, and its origin."""

    value: Mapping[str, tuple[str, ...]]
    """Names of systems by folder, empty for the indexed folder itself; no names for none."""
    origin: str


@dataclass(frozen=True, slots=True)
class StartingPoint:
    """Where a person who knows the corpus says to begin."""

    pattern: str
    """Words looked for in the question, whatever their case: ``*`` stands for anything, ``|``
    between alternatives. No regular expression: the file may come with a folder of strangers."""
    node: str
    """Path of the document to begin at."""


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
    language: LanguageSetting = LanguageSetting(None, "default")
    systems: SystemsSetting = SystemsSetting({}, "default")
    languages: LanguagesSetting = LanguagesSetting({}, "default")
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
        text = question.casefold()
        return [
            point.node
            for point in self.starting_points
            if any(
                _matches(text, part.strip().casefold())
                for part in point.pattern.split("|")
                if part.strip()
            )
        ]


def clamp_words(name: str, requested: int, value: int) -> str:
    """Return the line that says that a value was cut, and to what."""
    limit = LIMIT_OF[name]
    above = "the limit" if value == limit.most else "max_tokens"
    return f"{name} {limit.words(requested)} is above {above}; {limit.words(value)} is used"


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
        values, found = _from_file(path, is_own=path == own)
        if path == own:
            models = ModelSettings(
                _table(values.pop("llm", {}), "llm", own),
                _table(values.pop("prices", {}), "prices", own),
                str(own),
            )
        else:
            refuse_personal(tuple(values), str(path), str(own))
        layers.append((values, str(path)))
        points = points or found
    limits = {limit.name: _pick(limit, layers) for limit in LIMITS}
    folders = {str(path) for path in files}
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
        _pick_language(layers),
        _pick_systems(layers),
        _pick_languages(layers),
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
    limits["reading_tokens"] = _within(limits["reading_tokens"], limits["max_tokens"])
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


def _within(setting: Setting, whole: Setting) -> Setting:
    """Cut what one page may take to what there is for all: else not one page could be opened."""
    if setting.value <= whole.value:
        return setting
    return replace(setting, value=whole.value)


def _pick_language(layers: list[tuple[dict[str, Any], str]]) -> LanguageSetting:
    for values, source in layers:
        if "language" in values:
            value = values["language"]
            origin = "DOCSEARCH_LANGUAGE" if source == "environment" else source
            if not isinstance(value, str):
                raise ConfigError(
                    f"language = {brief(value)} ({origin}) is not the name of a language",
                    hint='write a name in quotes, such as language = "german"',
                )
            return LanguageSetting(value.strip().lower(), origin)
    return LanguageSetting(None, "default")


def _first_table(layers: list[tuple[dict[str, Any], str]], name: str) -> tuple[dict[str, Any], str]:
    """Return a table of the first layer that has it, and that layer's origin; else an empty one."""
    for values, origin in layers:
        if name in values:
            table = values[name]
            if not isinstance(table, dict):
                raise ConfigError(
                    f"{name} = {table!r} ({origin}) is not a table", hint=f"write [{name}]"
                )
            return table, origin
    return {}, "default"


def _pick_languages(layers: list[tuple[dict[str, Any], str]]) -> LanguagesSetting:
    table, origin = _first_table(layers, "languages")
    for pattern, name in table.items():
        if not isinstance(name, str):
            raise ConfigError(
                f"the language of {pattern!r} ({origin}) is no name: {brief(name)}",
                hint='write a name in quotes, such as "docs/de" = "german"',
            )
    languages = {_folder(key): name.strip().lower() for key, name in table.items()}
    return LanguagesSetting(languages, origin)


def _pick_systems(layers: list[tuple[dict[str, Any], str]]) -> SystemsSetting:
    table, origin = _first_table(layers, "systems")
    systems = {_folder(name): _names(name, table[name], origin) for name in table}
    return SystemsSetting(systems, origin)


def _folder(name: str) -> str:
    parts = (part for part in name.replace("\\", "/").split("/") if part not in ("", "."))
    return "/".join(parts)


def _names(folder: str, value: Any, origin: str) -> tuple[str, ...]:
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ConfigError(
            f"the system of {folder!r} ({origin}) is no name: {value!r}",
            hint='write a name in quotes, such as manual = "sphinx"; "none" for no system',
        )
    return tuple(name.strip().lower() for name in names if name.strip().lower() != NO_SYSTEM)


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


def _table(value: Any, name: str, path: Path) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ConfigError(f"{path}: {name} is not a table", hint=f"write [{name}]")
    return value


def _from_file(path: Path, *, is_own: bool) -> tuple[dict[str, Any], tuple[StartingPoint, ...]]:
    from docsearch_cli.environment import refusal
    from docsearch_cli.files import opened_file
    from docsearch_cli.toml_text import read_toml

    try:
        with opened_file(path, follow=True) as handle:
            text = handle.read(_MOST_BYTES + 1)
        if len(text) > _MOST_BYTES:
            raise ValueError(f"it is larger than {_MOST_BYTES:,} bytes")
        data = read_toml(text.decode("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}, ()
    except (OSError, ValueError, RecursionError) as error:
        refused = refusal(error, str(path))
        if refused is not None:
            raise refused from error
        is_long = "integer string conversion" in str(error)  # as Python refuses thousands of digits
        reason = "a number in it has thousands of digits" if is_long else error
        raise ConfigError(
            f"{path} cannot be read: {reason}", hint="correct the file or remove it"
        ) from error
    points = data.pop("starting_points", [])
    limits = data.pop("limits", {})
    names = (*_TABLES, *PERSONAL_NAMES, *(_OWN_TABLES if is_own else ()))
    others = {name: data.pop(name) for name in names if name in data}
    if strange := sorted(set(_OWN_TABLES) & set(data)):
        raise ConfigError(
            f"{path} holds {', '.join(strange)}, which come with no folder",
            hint="they belong in your own config.toml; docsearch config show names it",
        )
    unknown = sorted({*data, *(set(limits) - set(LIMIT_OF) if isinstance(limits, dict) else ())})
    if unknown or not isinstance(limits, dict):
        raise ConfigError(
            f"{path} holds unknown settings: {', '.join(unknown) or 'limits'}",
            hint="numbers belong under [limits]: " + ", ".join(LIMIT_OF),
        )
    if not isinstance(points, list):
        message = f"{path}: starting_points is not a list"
        raise ConfigError(message, hint="write [[starting_points]]")
    for name, value in limits.items():
        if LIMIT_OF[name].is_money and type(value) in (int, float):
            number = LIMIT_OF[name].read(str(value))
            limits[name] = value if number is None else number
    return {**limits, **others}, tuple(_starting_point(path, point) for point in points)


def _starting_point(path: Path, point: Any) -> StartingPoint:
    is_table = isinstance(point, dict) and {type(value) for value in point.values()} == {str}
    if not is_table or set(point) != {"pattern", "node"}:
        raise ConfigError(
            f"{path}: a starting point is not a pattern and a node",
            hint='write pattern = "words of a question" and node = "path of a document"',
        )
    return StartingPoint(point["pattern"], point["node"])


def _matches(text: str, pattern: str) -> bool:
    """Tell whether a text contains the pieces between the asterisks, in order; linear."""
    position = 0
    for piece in pattern.split("*"):
        position = text.find(piece, position)
        if position < 0:
            return False
        position += len(piece)
    return True
