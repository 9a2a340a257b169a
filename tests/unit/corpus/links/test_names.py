from docsearch_cli.corpus.links.names import (
    Target,
    name_key,
    names_in_table,
    names_of_others,
    names_of_target,
)
from docsearch_cli.corpus.systems.detection import detect_systems
from docsearch_cli.models import Document, Section
from tests.resolving import DocumentTarget

NO_SYSTEMS = detect_systems([])


def target(path: str) -> Target:
    section = Section("Set Up", 1, 1, 1, "# Set Up")
    document = Document(
        path, "The Title", "markdown", "", (section,), aliases=("Nick",), labels=("My  Label",)
    )
    return DocumentTarget(document)  # type: ignore[return-value]


def test_a_document_is_found_by_each_kind_of_name() -> None:
    names = set(names_of_target(target("02-Guide/01-Intro.md"), NO_SYSTEMS))

    assert names == {
        ("path", "02-Guide/01-Intro.md"),
        ("folded path", "02-guide/01-intro.md"),
        ("stem", "02-Guide/01-Intro"),
        ("folded stem", "02-guide/01-intro"),
        ("name", "01-intro.md"),
        ("name", "01-intro"),
        ("title", "the title"),
        ("title", "nick"),
        ("label", "my label"),
        ("route", "guide/intro"),
        ("folder", "02-Guide"),
        ("folder", ""),
        ("heading", "set-up"),
        ("page", ""),
        ("spelled name", "01-Intro.md"),
        ("spelled name", "01-Intro"),
        ("spelled title", "The Title"),
        ("spelled title", "Nick"),
        ("spelled label", "My Label"),
        ("spelled heading", "Set Up"),
    }


def test_the_page_of_a_folder_is_found_by_the_folder() -> None:
    page = target("01-guide/README.md")

    assert list(names_in_table("folder page", NO_SYSTEMS)(page)) == ["01-guide"]
    assert list(names_in_table("route", NO_SYSTEMS)(page)) == ["guide"]


def test_another_file_is_known_by_its_path_and_its_name() -> None:
    assert names_of_others(["Img/Plan.PNG"]) == {
        ("other", "img/plan.png"),
        ("other name", "plan.png"),
        ("other folder", "img"),
    }


def test_keys_differ_by_lookup_table_and_by_name() -> None:
    keys = {name_key(name) for name in (("title", "a"), ("label", "a"), ("title", "b"))}

    assert len(keys) == 3
