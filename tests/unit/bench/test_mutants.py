"""Which places of a module are broken, which are not, and which are drawn."""

from __future__ import annotations

import ast
from itertools import groupby

import pytest

from tests.bench.mutants import draw, find_mutants


def changed(source: str) -> set[str]:
    """Every form that a module of one statement takes."""
    whole = source.encode()
    found = {mutant.source(whole).decode() for mutant in find_mutants("m.py", whole)}
    return {ast.unparse(ast.parse(form)) for form in found}


@pytest.mark.parametrize(
    ("source", "forms"),
    [
        ("LIMIT = 3", {"LIMIT = 4"}),
        ("LIMIT = 256", {"LIMIT = 512"}),
        ("WEIGHT = 0.5", {"WEIGHT = 0.75"}),
        ("ON = True", {"ON = False"}),
        ("a < b", {"a >= b", "a <= b"}),
        ("a == b", {"a != b"}),
        ("x = a and b", {"x = a or b"}),
        ("x = not a", {"x = a"}),
        ("x = a + b", {"x = a - b", "x = a", "x = b"}),
        ("x = a * b", {"x = a / b"}),
        ("x = 'a' + b", {"x = 'a'", "x = b"}),
        ("n += size", {"n -= size"}),
        ("sorted(x, key=lambda hit: -hit.score)", {"pass", "sorted(x, key=lambda hit: hit.score)"}),
        ("x = min(a, b)", {"x = max(a, b)"}),
        ("x = np.minimum(a, b)", {"x = np.maximum(a, b)"}),
        ("check(record)", {"pass"}),
        ("x = rows[:n]", {"x = rows[:]"}),
        ("x = [a for a in b if a]", {"x = [a for a in b if True]"}),
        ("if a:\n    b = c", {"if False:\n    b = c"}),
        ("x = a if b else c", {"x = a if False else c", "x = a if True else c"}),
        ("def f() -> bool:\n    return a", {"def f() -> bool:\n    return not a"}),
        ("def f() -> str:\n    return a", {"def f() -> str:\n    return ''"}),
        (
            "def f() -> tuple[int, ...]:\n    return a",
            {"def f() -> tuple[int, ...]:\n    return ()"},
        ),
        ("def f() -> int | None:\n    return a", {"def f() -> int | None:\n    return None"}),
    ],
)
def test_a_place_becomes_what_it_should(source: str, forms: set[str]) -> None:
    assert changed(source) == {ast.unparse(ast.parse(form)) for form in forms}


@pytest.mark.parametrize(
    "source",
    [
        '"""A docstring of 3 lines."""',
        "x: Literal[3]",
        "def f(x: Literal[3]) -> Literal[4]: ...",
        "@dataclass(frozen=True)\nclass A: ...",
        "raise ValueError('at most', 3)",
        "assert a < b",
        "if TYPE_CHECKING:\n    from a import b",
        "logger.info('%d', 3)",
        "warnings.warn('3', stacklevel=2)",
        "x = f'{a + 1}'",
        "Number = int | float",
        "__all__ = ['a'] + ['b']",
        "x = isinstance(a, int | float)",
    ],
)
def test_what_no_test_should_pin_is_passed_over(source: str) -> None:
    assert changed(source) == set()


def test_a_change_keeps_the_rest_of_the_module_as_it_is_written() -> None:
    source = "é = 1  # naïve\nx = (  # why\n    'ü' , a<b\n)\n".encode()
    mutants = find_mutants("m.py", source)

    assert [(mutant.line, mutant.before, mutant.after) for mutant in mutants] == [
        (1, "é = 1  # naïve", "é = 2  # naïve"),
        (3, "'ü' , a<b", "'ü' , (a <= b)"),
        (3, "'ü' , a<b", "'ü' , (a >= b)"),
    ]
    assert (
        mutants[1].source(source).decode()
        == "é = 1  # naïve\nx = (  # why\n    'ü' , (a <= b)\n)\n"
    )


def numbers(count: int) -> bytes:
    return "".join(f"N{number} = {number}\n" for number in range(count)).encode()


SOURCES = {"a.py": numbers(50), "b.py": numbers(50), "c.py": numbers(2), "d.py": b"x = y\n"}


def test_a_sample_is_even_over_the_modules() -> None:
    drawn = draw(SOURCES, 12, seed=1)

    counts = {module: len(list(of)) for module, of in groupby(drawn, lambda found: found.module)}
    assert counts == {"a.py": 5, "b.py": 5, "c.py": 2}


def test_the_seed_tells_what_is_drawn() -> None:
    assert draw(SOURCES, 12, seed=1) == draw(dict(reversed(SOURCES.items())), 12, seed=1)
    assert draw(SOURCES, 12, seed=1) != draw(SOURCES, 12, seed=2)


def test_two_changes_that_come_to_the_same_are_drawn_once() -> None:
    # The comparison turned round, and what is returned negated.
    source = b"def f() -> bool:\n    return not a\n"

    assert len(find_mutants("m.py", source)) == 2
    assert len(draw({"m.py": source}, 10, seed=1)) == 2
    assert len(draw({"m.py": b"x = a + a\n"}, 10, seed=1)) == 2
