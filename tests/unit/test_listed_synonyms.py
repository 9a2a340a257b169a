import pytest

from docsearch_cli.config import CONFIG_NAME, load_settings
from docsearch_cli.errors import ConfigError


def read(folder, text):
    (folder / CONFIG_NAME).write_text(text, "utf-8")
    return load_settings({}, beside=folder, environment={"DOCSEARCH_CONFIG_DIR": str(folder / "u")})


def test_synonyms_are_read_in_their_order(tmp_path):
    found = read(tmp_path, '[synonyms]\nk8s = ["kubernetes", "kube"]\n"access list" = "acl"\n')

    assert found.synonyms == {"k8s": ("kubernetes", "kube"), "access list": ("acl",)}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("synonyms = 3", "is not a table"),
        ("[synonyms]\nk8s = 3", "'k8s' .* are no words: 3"),
        ("[synonyms]\nk8s = [3]", "are no words"),
        ('[synonyms]\nk8s = ["-"]', "are no words"),
        ('[synonyms]\n"" = ["a"]', "are no words"),
        (f'[synonyms]\na = ["{"b" * 200}"]', "are no words"),
        (f"[synonyms]\na = {[str(n) for n in range(20)]}", "more than 16 synonyms"),
        ("[synonyms]\n" + "\n".join(f"w{n} = ['x']" for n in range(1001)), "more than 1,000"),
    ],
)
def test_what_are_no_synonyms_is_refused_by_name(tmp_path, text, fault):
    with pytest.raises(ConfigError, match=fault):
        read(tmp_path, text)
