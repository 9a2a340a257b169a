import pytest

from docsearch_cli.corpus.systems.detection import detect_systems
from docsearch_cli.corpus.systems.table import SYSTEMS, System


def names(paths: list[str], path: str) -> list[str]:
    return [system.name for system in detect_systems(paths).of(path)]


@pytest.mark.parametrize(
    ("system", "marker"),
    [(system, marker) for system in SYSTEMS for marker in system.markers],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_a_system_is_detected_in_the_folder_of_its_marker_and_below(
    system: System, marker: str
) -> None:
    paths = [f"site/{marker}", "site/deep/down/page.md", "other.md"]

    assert names(paths, "site/page.md") == [system.name]
    assert names(paths, "site/deep/down/page.md") == [system.name]
    assert names(paths, "site") == names(paths, "other/page.md") == []


def test_the_nearest_marker_decides() -> None:
    paths = ["hugo.toml", "manual/conf.py", "manual/.obsidian/", "manual/x/page.rst"]

    assert names(paths, "manual/x/page.rst") == ["sphinx", "obsidian"]
    assert names(paths, "page.md") == ["hugo"]


def test_a_file_of_another_name_is_no_marker() -> None:
    assert names(["site/myconf.py", "site/conf.py.md"], "site/page.md") == []


def test_a_page_is_served_as_its_own_systems_and_the_assumed_ones_do() -> None:
    systems = detect_systems([])

    assert systems.served_path("02-a b/01-c d.md", "02-a b/01-c d") == "a-b/c-d"
    assert systems.served_path("plain.md", "plain") == "plain"
