import os
import re

import pytest

from docsearch_cli.config import CONFIG_NAME, load_settings
from docsearch_cli.document_settings import LanguageSetting
from docsearch_cli.errors import ConfigError, UsageError
from docsearch_cli.run_limits import LIMIT_OF, LIMITS, default_window, dollars, read_dollars
from tests.support import PACKAGE, REPOSITORY

NO_CONFIG = {"DOCSEARCH_CONFIG_DIR": "/"}


def settings(flags=None, *, beside=None, **environment):
    return load_settings(flags or {}, beside=beside, environment=environment)


@pytest.fixture
def user_folder(tmp_path):
    folder = tmp_path / "user"
    folder.mkdir()
    return folder


def test_defaults_are_the_designed_ones():
    found = settings()

    assert (found["max_agents"], found["max_depth"], found["fan_out"], found["seeds"]) == (
        20,
        3,
        3,
        5,
    )
    assert {setting.origin for setting in found.limits.values()} == {"default"}


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.name)
def test_every_default_lies_within_its_limits(limit):
    assert limit.least <= limit.default <= limit.most


def test_a_flag_wins_over_everything(tmp_path, user_folder):
    (tmp_path / "docsearch.toml").write_text("[limits]\nmax_agents = 7\n")
    found = settings({"max_agents": 9}, beside=tmp_path, DOCSEARCH_MAX_AGENTS="8")

    assert (found["max_agents"], found.limits["max_agents"].origin) == (9, "flag")


def test_the_environment_wins_over_files(tmp_path):
    (tmp_path / "docsearch.toml").write_text("[limits]\nmax_agents = 7\n")
    found = settings(beside=tmp_path, DOCSEARCH_MAX_AGENTS="8")

    assert found["max_agents"] == 8
    assert found.limits["max_agents"].origin == "DOCSEARCH_MAX_AGENTS"


def test_the_file_beside_the_index_wins_over_the_users(tmp_path, user_folder):
    (tmp_path / "docsearch.toml").write_text("[limits]\nmax_agents = 7\n")
    (user_folder / "config.toml").write_text("[limits]\nmax_agents = 6\nseeds = 4\n")
    found = settings(beside=tmp_path, DOCSEARCH_CONFIG_DIR=str(user_folder))

    assert (found["max_agents"], found["seeds"]) == (7, 4)
    assert found.limits["seeds"].origin == str(user_folder / "config.toml")


def test_the_users_file_is_found_where_xdg_says(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "docsearch").mkdir()
    (tmp_path / "docsearch" / "config.toml").write_text("[limits]\nseeds = 3\n")

    assert settings()["seeds"] == 3


def test_a_value_above_its_limit_is_clamped_and_said():
    found = settings({"max_agents": 1_000_000})

    assert found["max_agents"] == 2_000
    assert found.clamps() == ["max_agents 1,000,000 is above the limit; 2,000 is used"]


@pytest.mark.parametrize(
    ("asked", "cores", "used"), [(64, 2, 4), (4, 2, 4), (3, 1, 2), (64, 64, 64), (64, None, 2)]
)
def test_a_folder_asks_for_two_processes_a_core_at_the_most(
    tmp_path, user_folder, monkeypatch, asked, cores, used
):
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    (tmp_path / "docsearch.toml").write_text(f"[limits]\nworkers = {asked}\n")
    found = settings(beside=tmp_path)

    assert found["workers"] == used
    assert len(found.clamps()) == (asked != used)
    assert all(f"{used} is used (--workers goes further)" in line for line in found.clamps())


def test_a_person_may_ask_for_more_processes_than_a_folder(tmp_path, user_folder, monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    (tmp_path / "docsearch.toml").write_text("[limits]\nworkers = 64\n")
    (user_folder / "config.toml").write_text("[limits]\nworkers = 40\n")
    own = {"DOCSEARCH_CONFIG_DIR": str(user_folder)}

    assert settings({"workers": 50}, beside=tmp_path)["workers"] == 50
    assert settings(beside=tmp_path, DOCSEARCH_WORKERS="50")["workers"] == 50
    assert settings(**own)["workers"] == 40


def test_one_page_never_takes_more_than_there_is_for_all():
    found = settings({"max_tokens": 119})

    assert (found["reading_tokens"], found["max_tokens"]) == (119, 119)
    assert found.clamps() == ["reading_tokens 1,200 is above max_tokens; 119 is used"]


def test_what_is_cut_twice_is_said_once():
    found = settings({"max_tokens": 119, "reading_tokens": 99_999})

    assert found.clamps() == ["reading_tokens 99,999 is above max_tokens; 119 is used"]


def test_nothing_is_said_without_clamps():
    assert settings({"max_agents": 2_000}).clamps() == []


@pytest.mark.parametrize("name", ["max_agents", "max_depth", "fan_out"])
def test_zero_is_a_budget(name):
    assert settings({name: 0})[name] == 0


@pytest.mark.parametrize(("name", "value"), [("max_agents", -1), ("seeds", 0), ("workers", 0)])
def test_a_flag_below_its_limit_is_a_usage_error(name, value):
    with pytest.raises(UsageError, match=rf"{name} {value}"):
        settings({name: value})


def test_a_variable_below_its_limit_names_the_variable():
    with pytest.raises(ConfigError, match="DOCSEARCH_SEEDS"):
        settings(DOCSEARCH_SEEDS="0")


@pytest.mark.parametrize("text", ["many", "1e3", "2.5", "0x10", "9" * 30])
def test_a_variable_that_is_no_whole_number_is_an_error(text):
    with pytest.raises(ConfigError, match="whole number"):
        settings(DOCSEARCH_MAX_AGENTS=text)


def test_an_empty_variable_counts_as_unset():
    assert settings(DOCSEARCH_MAX_AGENTS="")["max_agents"] == 20


@pytest.mark.parametrize(
    "content",
    [
        "limits = 3",
        "[limits]\nmax_agnets = 3",
        "[limits]\nmax_agents = true",
        "[limits]\nmax_agents = '3'",
        "[limits]\nmax_agents = -3",
        "run = 'rm -rf'",
        "not toml at all",
        "starting_points = 3",
        "starting_points = [3]",
        "[[starting_points]]\npattern = 'a'",
        "[[starting_points]]\npattern = 'a'\nnode = 3",
    ],
)
def test_a_file_that_holds_no_settings_is_an_error(tmp_path, content):
    (tmp_path / "docsearch.toml").write_text(content)

    with pytest.raises(ConfigError):
        settings(beside=tmp_path)


@pytest.mark.parametrize("kind", ["pipe", "device", "huge"])
def test_what_is_no_file_of_settings_is_neither_waited_for_nor_read_to_its_end(tmp_path, kind):
    path = tmp_path / CONFIG_NAME
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    else:
        path.touch()
        os.truncate(path, 10**12)

    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings({}, beside=tmp_path)


def test_a_file_in_place_of_the_folder_holds_no_settings(tmp_path):
    (tmp_path / "file").touch()

    assert load_settings({}, beside=tmp_path / "file") == load_settings({}, beside=tmp_path)


def test_a_file_in_another_encoding_is_an_error(tmp_path):
    (tmp_path / "docsearch.toml").write_bytes(b"\xff\xfe[\x00")

    with pytest.raises(ConfigError, match=r"docsearch\.toml"):
        settings(beside=tmp_path)


def test_a_pattern_takes_asterisks_and_alternatives_and_is_no_regular_expression(tmp_path):
    (tmp_path / "docsearch.toml").write_text(
        "[[starting_points]]\npattern = 'FW-* | (a+)+$'\nnode = 'errors.md'\n"
        "[[starting_points]]\npattern = 'copy*region'\nnode = 'copy.md'\n"
    )
    found = settings(beside=tmp_path)

    assert found.starts_for("what is fw-2104?") == ["errors.md"]
    assert found.starts_for("copy it to another region") == ["copy.md"]
    assert found.starts_for("region, copy") == []
    assert found.starts_for("a" * 5_000) == []


def test_starting_points_fit_by_pattern_without_case(tmp_path):
    (tmp_path / "docsearch.toml").write_text(
        "[[starting_points]]\npattern = 'encrypt'\nnode = 'keys.md'\n"
        "[[starting_points]]\npattern = 'price'\nnode = 'pricing.md'\n"
    )
    found = settings(beside=tmp_path)

    assert found.starts_for("How do I ENCRYPT it?") == ["keys.md"]
    assert found.starts_for("hello") == []


def test_the_language_comes_from_the_first_layer_that_names_one(tmp_path):
    (tmp_path / "docsearch.toml").write_text('language = "French"\n')
    environment = {"DOCSEARCH_LANGUAGE": "spanish"}

    assert settings().language == LanguageSetting(None, "default")
    assert settings(beside=tmp_path).language.value == "french"
    assert load_settings({}, beside=tmp_path, environment=environment).language == LanguageSetting(
        "spanish", "DOCSEARCH_LANGUAGE"
    )
    assert load_settings({}, language="danish", environment=environment).language == (
        LanguageSetting("danish", "flag")
    )


def test_a_language_that_is_no_name_is_refused(tmp_path):
    (tmp_path / "docsearch.toml").write_text("language = 3\n")

    with pytest.raises(ConfigError, match="language = 3"):
        settings(beside=tmp_path)


def test_the_help_of_a_limit_says_what_the_table_says():
    agents, workers = LIMIT_OF["max_agents"], LIMIT_OF["workers"]

    assert "(default 20; at most 2,000)" in agents.help
    assert workers.default_words in workers.help
    assert str(workers.default) not in workers.help.replace("up to 4", "")


def test_every_setting_and_variable_is_documented():
    pages = [REPOSITORY / "README.md", *(REPOSITORY / "docs").glob("*.md")]
    text = "\n".join(path.read_text("utf-8") for path in pages)
    code = "\n".join(path.read_text("utf-8") for path in PACKAGE.rglob("*.py"))
    variables = set(re.findall(r"\bDOCSEARCH_[A-Z]+(?:_[A-Z]+)*\b", code))

    assert {"DOCSEARCH_INDEX", "DOCSEARCH_MODEL", "DOCSEARCH_LANGUAGE"} <= variables
    assert [name for name in sorted(variables) if name not in text] == []
    for key in ("[limits]", "[[starting_points]]", "language ="):
        assert key in text


@pytest.mark.parametrize(
    ("agents", "window"), [(0, 1), (1, 1), (4, 1), (5, 2), (10, 3), (20, 5), (32, 8), (2_000, 8)]
)
def test_a_quarter_of_the_budget_is_in_flight_at_once(agents, window):
    settings = load_settings({"max_agents": agents}, environment={"DOCSEARCH_CONFIG_DIR": "/"})

    assert settings["window"] == window == default_window(agents)
    assert settings.limits["window"].origin == "default"


def test_a_window_that_a_person_sets_holds_whatever_the_budget_is():
    settings = load_settings(
        {"max_agents": 5}, environment={"DOCSEARCH_CONFIG_DIR": "/", "DOCSEARCH_WINDOW": "8"}
    )

    assert settings["window"] == 8


@pytest.mark.parametrize(
    ("text", "micro"),
    [("0.05", 50_000), ("$1", 1_000_000), ("2.", None), (".5", 500_000), ("1.000001", 1_000_001),
     ("0.0000001", None), ("", None), ("-1", None), ("1e3", None), ("x", None), ("$", None)],
)  # fmt: skip
def test_dollars_are_read_to_a_millionth(text, micro):
    assert read_dollars(text) == micro


@pytest.mark.parametrize(
    ("micro", "text"), [(50_000, "$0.05"), (0, "$0.00"), (1_234_567_891, "$1,234.567891")]
)
def test_dollars_are_written_with_two_digits_or_as_many_as_count(micro, text):
    assert dollars(micro) == text
    assert read_dollars(text.replace(",", "")) == micro


def test_a_model_is_asked_four_times_an_agent_unless_somebody_says_so():
    assert load_settings({"max_agents": 7}, environment=NO_CONFIG)["max_requests"] == 28
    assert load_settings({"max_requests": 3}, environment=NO_CONFIG)["max_requests"] == 3


def test_an_agent_that_asks_no_model_has_no_limits_of_that():
    settings = load_settings({"max_cost": 5}, environment=NO_CONFIG)
    local = settings.for_agent(asks_model=False)

    assert "max_cost" not in local.limits
    assert not {"max_requests", "max_cost"} & set(local.run_limits().to_dict())
    assert local["step_timeout_s"] == 10
    assert settings.for_agent(asks_model=True)["step_timeout_s"] == 60
    slow = load_settings({"step_timeout_s": 7}, environment=NO_CONFIG)
    assert slow.for_agent(asks_model=True)["step_timeout_s"] == 7


@pytest.mark.parametrize(("own", "folder", "used"), [("0.05", "9", 50_000), ("9", "0.05", 50_000)])
def test_a_folder_may_lower_what_a_model_costs_and_not_raise_it(tmp_path, own, folder, used):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "config.toml").write_text(f"[limits]\nmax_cost = {own}\n")
    (tmp_path / CONFIG_NAME).write_text(f"[limits]\nmax_cost = {folder}\n")
    environment = {"DOCSEARCH_CONFIG_DIR": str(tmp_path / "own")}

    assert load_settings({}, beside=tmp_path, environment=environment)["max_cost"] == used
    flags = {"max_cost": 8_000_000}
    assert load_settings(flags, beside=tmp_path, environment=environment)["max_cost"] == 8_000_000


def test_a_folder_alone_may_limit_the_cost(tmp_path):
    (tmp_path / CONFIG_NAME).write_text("[limits]\nmax_cost = 0.5\n")

    assert load_settings({}, beside=tmp_path, environment=NO_CONFIG)["max_cost"] == 500_000


@pytest.mark.parametrize("table", ["[llm]\nmodel = 'x'\n", "[prices]\n"])
def test_a_folder_says_nothing_of_models_and_prices(tmp_path, table):
    (tmp_path / CONFIG_NAME).write_text(table)

    with pytest.raises(ConfigError, match="come with no folder"):
        load_settings({}, beside=tmp_path, environment=NO_CONFIG)


@pytest.mark.parametrize("line", ["llm = 3\n", "prices = []\n"])
def test_what_ones_own_file_says_of_models_is_a_table(tmp_path, line):
    (tmp_path / "config.toml").write_text(line)

    with pytest.raises(ConfigError, match="is not a table"):
        load_settings({}, environment={"DOCSEARCH_CONFIG_DIR": str(tmp_path)})


def test_an_amount_that_is_none_is_refused_with_what_it_may_be():
    environment = {"DOCSEARCH_MAX_COST": "cheap", **NO_CONFIG}

    with pytest.raises(ConfigError, match="not an amount in dollars") as raised:
        load_settings({}, environment=environment)
    assert "$0.00 to $1,000,000.00" in raised.value.hint


def test_a_folder_only_lowers_whatever_bounds_a_model(tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "config.toml").write_text("[limits]\nmax_agents = 5\nmax_tokens = 50000\n")
    folder = "[limits]\nmax_agents = 2000\nmax_tokens = 40000000\nmax_depth = 8\nfan_out = 1\n"
    (tmp_path / CONFIG_NAME).write_text(folder)
    environment = {"DOCSEARCH_CONFIG_DIR": str(tmp_path / "own")}
    settings = load_settings({}, beside=tmp_path, environment=environment)
    asking = settings.for_agent(asks_model=True)

    names = ("max_agents", "max_tokens", "max_depth", "fan_out")
    assert [settings[name] for name in names] == [2000, 40_000_000, 8, 1]
    assert [asking[name] for name in names] == [5, 50_000, 3, 1]
    assert asking["max_requests"] == 20
    assert settings.without_look().for_agent(asks_model=True)["look_agents"] == 0
