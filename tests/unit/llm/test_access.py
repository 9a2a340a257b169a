import pytest

from docsearch_cli.errors import ConfigError, UsageError
from docsearch_cli.llm.access import checked_address, find_access, is_loopback
from docsearch_cli.llm.exchange import ModelRefusedError

KEY = "sk-abcdefgh12345678"
MODEL = "openai:gpt-4o-mini"


def test_a_flag_comes_before_the_environment_and_that_before_the_users_settings():
    llm = {"model": "openai:three", "base_url": "https://three.example/v1"}
    variables = {"OPENAI_API_KEY": KEY}
    named = variables | {
        "DOCSEARCH_MODEL": "openai:two", "DOCSEARCH_BASE_URL": "https://two.example/v1",
        "OPENAI_BASE_URL": "https://other.example/v1",
    }  # fmt: skip

    one = find_access(llm, named, model="openai:one", base_url="https://one.example/v1/")
    two = find_access(llm, named)
    three = find_access(llm, variables, config="/home/me/config.toml")

    assert (one.model, one.base_url, one.origin) == (
        "openai:one", "https://one.example/v1", "--model",
    )  # fmt: skip
    assert (two.model, two.base_url, two.base_url_origin) == (
        "openai:two", "https://two.example/v1", "DOCSEARCH_BASE_URL",
    )  # fmt: skip
    assert (three.model, three.base_url, three.origin) == (
        "openai:three", "https://three.example/v1", "/home/me/config.toml",
    )  # fmt: skip


def test_a_providers_own_variable_names_its_address():
    found = find_access({}, {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": "https://a.example/v1"},
                        model=MODEL)  # fmt: skip

    assert (found.base_url, found.base_url_origin) == ("https://a.example/v1", "OPENAI_BASE_URL")


def test_one_providers_address_is_not_anothers():
    llm = {"model": MODEL, "base_url": "https://a.example/v1"}
    variables = {"ANTHROPIC_API_KEY": KEY, "OPENAI_BASE_URL": "https://b.example/v1"}

    assert find_access(llm, variables, model="anthropic:claude").base_url is None


def test_a_key_comes_from_the_providers_variable_and_is_never_shown():
    found = find_access({}, {"OPENAI_API_KEY": KEY, "ANTHROPIC_API_KEY": "other"}, model=MODEL)

    assert (found.key, found.key_origin) == (KEY, "OPENAI_API_KEY")
    assert KEY not in repr(found)
    assert KEY not in str(found)


def test_a_key_comes_from_a_file(tmp_path):
    (tmp_path / "key").write_text(f"{KEY}\n")
    by_setting = find_access({"model": MODEL, "key_file": str(tmp_path / "key")}, {})
    by_variable = find_access(
        {"model": MODEL}, {"DOCSEARCH_KEY_FILE": str(tmp_path / "key"), "OPENAI_API_KEY": "else"}
    )

    assert by_setting.key == by_variable.key == KEY
    assert "key_file in config.toml" in by_setting.key_origin
    assert "DOCSEARCH_KEY_FILE" in by_variable.key_origin


@pytest.mark.parametrize("text", ["", "\n", "two words", "line\nline", "x" * 9_000, "ключ"])
def test_what_is_no_key_is_an_error_that_does_not_repeat_it(tmp_path, text):
    (tmp_path / "key").write_text(text, "utf-8")
    with pytest.raises(ModelRefusedError) as caught:
        find_access({"model": MODEL}, {"DOCSEARCH_KEY_FILE": str(tmp_path / "key")})

    assert caught.value.reason == "key"
    assert not text.strip() or text.strip() not in caught.value.message


@pytest.mark.parametrize("key", ["a\r\nX-Header: b", "with space", "tab\tbed", "schlüssel"])
def test_a_key_that_would_break_a_header_is_refused(key):
    with pytest.raises(ModelRefusedError) as caught:
        find_access({}, {"OPENAI_API_KEY": key}, model=MODEL)

    assert key not in caught.value.message + str(caught.value.hint)


def test_without_a_key_the_providers_own_address_is_not_asked():
    with pytest.raises(ModelRefusedError) as caught:
        find_access({}, {}, model=MODEL)

    assert caught.value.reason == "key"
    assert "OPENAI_API_KEY" in str(caught.value.hint)


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1:8080", "[::1]:8080", "127.9.9.9"])
def test_this_machine_needs_no_key(host):
    found = find_access({}, {}, model=MODEL, base_url=f"http://{host}/v1")

    assert (found.key, found.is_on_this_machine) == ("", True)


@pytest.mark.parametrize(
    "host", ["127.0.0.1.example.com", "localhost.example.com", "10.0.0.2", "example.com", "[::2]"]
)
def test_a_key_crosses_no_network_in_clear(host):
    found = find_access({}, {"OPENAI_API_KEY": KEY}, model=MODEL, base_url=f"http://{host}/v1")

    assert not is_loopback(f"http://{host}/v1")
    assert found.key == ""
    assert "not encrypted" in found.key_origin


@pytest.mark.parametrize(
    "address",
    ["ftp://a/v1", "file:///etc/passwd", "a.example/v1", "http://", "http://a b/", "http://a/?q=1",
     "http://a/#x", "https://user:secret@a.example/v1", "http://a:port/", "http://[::1/",
     "http://a\n/v1", "javascript:alert(1)", ""],
)  # fmt: skip
def test_what_is_no_address_is_refused_without_its_login(address):
    with pytest.raises(ModelRefusedError) as caught:
        checked_address(address)

    assert caught.value.reason == "address"
    assert "secret" not in caught.value.message


@pytest.mark.parametrize(
    "model", ["gpt-4o-mini", "openai:", ":x", "mistral:x", "openai:a b", "x" * 300]
)
def test_what_is_no_model_is_a_usage_error(model):
    with pytest.raises(UsageError):
        find_access({}, {"OPENAI_API_KEY": KEY}, model=model)


def test_no_model_is_a_usage_error_that_says_how_to_name_one():
    with pytest.raises(UsageError) as caught:
        find_access({}, {}, model=None)

    assert "--model" in str(caught.value.hint)


def test_a_name_may_hold_a_colon():
    found = find_access({}, {}, model="openai:llama3.2:1b", base_url="http://localhost:11434/v1")

    assert (found.provider, found.name) == ("openai", "llama3.2:1b")


@pytest.mark.parametrize("llm", [{"key": KEY}, {"model": 3}, {"model": ["a"]}, {"api_key": KEY}])
def test_other_settings_are_an_error_that_repeats_no_value(llm):
    with pytest.raises(ConfigError) as caught:
        find_access(llm, {})

    assert KEY not in caught.value.message + str(caught.value.hint)


def test_a_scheme_in_capitals_is_no_way_around_what_is_not_encrypted():
    variables = {"OPENAI_API_KEY": "sk-secret-of-mine", "DOCSEARCH_MODEL": "openai:x"}
    found = find_access({}, variables, base_url="HTTP://192.0.2.2:8080/v1/")

    assert (found.base_url, found.key) == ("http://192.0.2.2:8080/v1", "")
