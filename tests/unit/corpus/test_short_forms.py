import pytest

from docsearch_cli.corpus.short_forms import find_short_forms


@pytest.mark.parametrize(
    ("text", "short", "long"),
    [
        ("By Role-Based Access Control (RBAC), all", "RBAC", "Role-Based Access Control"),
        ("the Department of Defense (DoD)", "DoD", "Department of Defense"),
        ("many Service Level Agreements (SLAs)", "SLA", "Service Level Agreements"),
        ("the maximum transmission unit (MTU)", "MTU", "maximum transmission unit"),
        ("Women's National League (WNL)", "WNL", "Women's National League"),
    ],
)
def test_a_short_form_is_known_by_its_initials(text, short, long):
    assert find_short_forms([text]) == ((short, long),)


@pytest.mark.parametrize(
    "text",
    [
        "Role Access Control (RBAC)",
        "see the table (TBL) below",
        "Foo (F)",
        "Foo Bar (foo bar)",
        "Foo\nBar (FB)",
        "in two thousand (2024)",
        "(AB)",
        "",
    ],
)
def test_what_does_not_fit_explains_nothing(text):
    assert find_short_forms([text]) == ()


def test_a_pair_is_named_once_and_there_are_bounds():
    assert len(find_short_forms(["Foo Bar (FB) and Foo Bar (FB)", "Foo Bar (FB)"])) == 1
    letters = "ABCDEFGHIJ"
    many = [
        f"{a.lower()}x {b.lower()}x {c.lower()}x ({a}{b}{c})"
        for a in letters
        for b in letters
        for c in letters
    ]
    assert len(find_short_forms(many)) == 64


def test_time_is_linear():
    find_short_forms(["(A" * 200_000, "a " * 200_000 + "(AA)" * 50_000])
