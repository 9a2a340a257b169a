"""What changed in a file, as one hunk."""

from hypothesis import given
from hypothesis import strategies as st

from docsearch_cli.mcp_server.clients.file_diff import unified_diff

LINES = st.lists(st.sampled_from("abc"), max_size=12)


def test_one_hunk_with_three_lines_around():
    old = list("0123456789")
    new = [*old[:5], "x", "6", "y", *old[7:]]

    assert unified_diff(old, new, "a", "b") == [
        *("--- a", "+++ b", "@@ -3,8 +3,9 @@"),
        *(" 2", " 3", " 4", "-5", "+x", " 6", "+y", " 7", " 8", " 9"),
    ]
    assert unified_diff([], ["1"], "/dev/null", "b")[2:] == ["@@ -0,0 +1,1 @@", "+1"]
    assert unified_diff(old, old, "a", "b") == []


def test_many_lines_are_not_matched():
    old, new = ["a", "b"] * 100, ["b", "a"] * 100

    assert unified_diff(old, new, "a", "b")[3:] == [f"-{row}" for row in old] + [
        f"+{row}" for row in new
    ]


@given(old=LINES, new=LINES)
def test_the_diff_makes_one_file_of_the_other(old, new):
    rows = unified_diff(old, new, "a", "b")[2:]
    if old == new:
        assert rows == []
        return
    place, count = (int(part) for part in rows[0].split()[1].removeprefix("-").split(","))
    first = place - 1 if count else place
    taken = [row[1:] for row in rows[1:] if row[0] in " -"]
    given_back = [row[1:] for row in rows[1:] if row[0] in " +"]

    assert old[first : first + count] == taken
    assert [*old[:first], *given_back, *old[first + count :]] == new
