import pytest

from docsearch_cli.corpus.formats.recognised import ARMOUR
from docsearch_cli.corpus.formats.table import FORMATS, format_of_text

MARKDOWN = "# Kilns\n\n## Firing\n\nSee [the other](other.md).\n"
ASCIIDOC = "[[kilns]]\n= Kilns\n:toc:\n\n== Firing\n\nHot.\n"
ORG = "# made by hand\n#+TITLE: Kilns\n\n* Firing\nHot.\n"
RST = "Kilns\n=====\n\n.. note:: hot\n\nFiring\n------\n"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (MARKDOWN, "markdown"),
        (MARKDOWN.replace("\n", "\r\n"), "markdown"),
        ("Kilns\n=====\n\n## Firing\n\n**Hot** ware.\n", "markdown"),
        (ASCIIDOC, "asciidoc"),
        ("= Kilns\n\n[source]\n----\nfire()\n----\n", "asciidoc"),
        (ORG, "org"),
        (RST, "rst"),
        ("\n<!DOCTYPE html>\n<p>Hot</p>", "html"),
        ("<?xml version='1.0'?>\n<html lang='en'><body>Hot</body></html>", "html"),
    ],
)
def test_a_text_is_recognised_by_two_signs(text: str, name: str) -> None:
    assert format_of_text(text).name == name


@pytest.mark.parametrize(
    "text",
    [
        "# settings of the kiln\n\n## firing\nheat = 900\n",  # a configuration, commented
        "# Kilns\n\nSee [the other](other.md).\n",
        "== Firing ==\n\n=== Heat ===\n\nHot.\n",  # a wiki's own markup
        "= 4\n\nthe sum of two and two\n",
        "* Firing\n* Cooling\n",
        "The page begins with <html> and ends.\n",
        "Kilns\n=====\n\nHot.\n",
        "",
    ],
)
def test_what_has_one_sign_is_plain_text(text: str) -> None:
    assert format_of_text(text).name == "text"


@pytest.mark.parametrize("row", [row for row in FORMATS if row.recognise], ids=lambda row: row.name)
def test_recognising_takes_linear_time_on_hostile_text(row) -> None:
    for piece in ("\n", " ", "# a\n", "= a\n", ":a: b\n", "<!--", "[a](", "**a ", "#+", "=\n"):
        row.recognises(piece * (2_000_000 // len(piece)))


def test_a_signed_message_is_text_and_a_signature_is_armour() -> None:
    assert ARMOUR.match("-----BEGIN PGP SIGNATURE-----\n\niQEz\n")
    assert ARMOUR.match("-----BEGIN CERTIFICATE-----\nMIIB\n")
    assert not ARMOUR.match("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nHello\n")
    assert not ARMOUR.match("How keys look:\n-----BEGIN CERTIFICATE-----\n")
