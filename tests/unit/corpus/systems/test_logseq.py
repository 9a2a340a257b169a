import pytest

from docsearch_cli.corpus.systems.logseq import name_in_address, page_name, page_names


@pytest.mark.parametrize(
    "stem", ["pages/Crew___Duty", "pages/Crew%2FDuty", "pages/Crew.Duty", "pages/crew___duty"]
)
def test_a_namespace_is_written_in_several_ways(stem: str) -> None:
    assert page_name("Crew/Duty") in page_names(stem)


@pytest.mark.parametrize(
    "name",
    ["Apr 2nd, 2022", "April 2nd, 2022", "2022-04-02", "02-04-2022", "2022/04/02", "20220402"],
)
def test_a_day_is_named_in_the_formats_of_the_journal(name: str) -> None:
    assert page_name(name) in page_names("journals/2022_04_02")


@pytest.mark.parametrize(("day", "name"), [("11", "11th"), ("23", "23rd"), ("31", "31st")])
def test_days_are_counted_as_in_english(day: str, name: str) -> None:
    assert page_name(f"Mar {name}, 2022") in page_names(f"journals/2022_03_{day}")


def test_what_is_no_date_is_no_day() -> None:
    assert list(page_names("journals/2022_13_02")) == ["2022_13_02"]


def test_an_address_may_name_a_page() -> None:
    assert name_in_address("[[Crew/Duty]]") == "Crew/Duty"
    assert name_in_address("duty.md") == "duty.md"
    assert name_in_address("../assets/duty.png") is None
