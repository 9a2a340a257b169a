"""Options that several commands share."""

from pathlib import Path

import pytest
import typer

from docsearch_cli.cli.options import a_new_file


def test_a_file_to_write_has_a_name():
    assert a_new_file("out.html") == Path("out.html")
    for text in ("-", ""):
        with pytest.raises(typer.BadParameter):
            a_new_file(text)
