"""The page of the Python interface leaves out nothing that a program gets hold of."""

import ast
import subprocess
import sys

import pytest

import docsearch_cli
from tests import python_reference as made
from tests.support import REPOSITORY


def test_every_public_name_and_what_it_leads_to_is_described():
    found = made.definitions()
    page = made.body(found)

    assert set(docsearch_cli.__all__) - {"__version__"} <= found.keys()
    # Of the quotes of an answer, the events of an exploration, and the options of both.
    assert {"Quote", "Event", "StepSummary", "Hit", "PassageLine", "SearchOptions"} <= found.keys()
    for name in found:
        assert f"### {name}\n" in page
    assert "#### Index.explore" in page
    assert "| `max_agents` | `int` | Most nodes to open" in page
    assert "- `UsageError`: If the question is empty" in page
    assert "_reader" not in page
    assert "Shapes:" not in page


@pytest.mark.parametrize(
    "code",
    [
        "class New:\n    x: int",
        'class New:\n    """It is new."""\n    def f(self) -> int: ...',
        "def New() -> int: ...",
    ],
)
def test_what_says_nothing_of_itself_is_an_error(code):
    module = made.Module("new", ast.parse(code))

    with pytest.raises(made.UndocumentedError, match="new"):
        made.describe("New", *module.find("New"))


def test_a_new_member_is_in_the_page():
    module = made.Module(
        "new",
        ast.parse(
            'class New:\n    """It is new.\n\n    Args:\n        x: Odd.\n    """\n'
            '    size: int | None\n    """In bytes."""\n'
            "    def f(self, a: int=1) -> int:\n"
            '        """Do it.\n\n        Args:\n            a: How often.\n        """\n'
        ),
    )
    said = made.describe("New", *module.find("New"))

    assert "It is new.\n" in said
    assert "Odd" not in said
    assert "| `size` | `int \\| None` | In bytes. |" in said
    assert "```text\nf(a: int=1) -> int\n```\n\nDo it.\n\nTakes\n\n- `a`: How often.\n" in said


def test_making_the_page_imports_nothing_of_the_product_but_the_package():
    code = (
        "import sys; from tests import python_reference as r; r.body();"
        "print(sorted(n for n in sys.modules if n.split('.')[0] in"
        " ('docsearch_cli', 'numpy', 'typer')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
