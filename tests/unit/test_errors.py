import pickle

import pytest

from docsearch_cli import errors
from docsearch_cli.errors import (
    ClusterError,
    DocsearchError,
    IndexMissingError,
    InterruptedByUserError,
    RunFailedError,
    UsageError,
    bounded,
)


def family(kind: type[DocsearchError]) -> list[type[DocsearchError]]:
    return [kind, *(one for child in kind.__subclasses__() for one in family(child))]


FAMILY = [kind for kind in family(DocsearchError) if kind.__module__ == errors.__name__]


@pytest.mark.parametrize("kind", FAMILY)
def test_errors_keep_their_attributes_through_pickle(kind):
    error = kind("a thing is wrong", hint="do this")
    error.path = "a.md"

    copy = pickle.loads(pickle.dumps(error))

    assert type(copy) is kind
    assert copy.__dict__ == error.__dict__
    assert str(copy) == "a thing is wrong"


class TwoFactsError(DocsearchError):
    def __init__(self, path: str, line: int) -> None:
        super().__init__(f"{path}:{line}", hint="look")
        self.path = path
        self.line = line


def test_errors_with_their_own_arguments_survive_pickle():
    copy = pickle.loads(pickle.dumps(TwoFactsError("a.md", 3)))

    assert (copy.path, copy.line, copy.hint, str(copy)) == ("a.md", 3, "look", "a.md:3")


def test_every_error_has_a_code_of_its_own():
    codes = [kind.code for kind in FAMILY]

    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("kind", FAMILY)
def test_exit_codes_are_the_documented_ones(kind):
    others = {UsageError: 2, RunFailedError: 4, ClusterError: 4, InterruptedByUserError: 130}
    expected = others.get(kind, 3)

    assert kind.exit_code == expected


def test_a_hint_is_optional():
    assert IndexMissingError("none here").hint is None


def test_what_somebody_typed_is_not_said_whole():
    error = UsageError(f"there is no {'x' * 5_000} in the index", hint="y" * 5_000)

    assert len(error.message) == len(error.hint) == 1_000
    assert error.message.startswith("there is no xxx")
    assert error.message.endswith("xxx in the index")
    assert bounded("x" * 1_000) == "x" * 1_000
