from __future__ import annotations

import base64
import random
import time

import pytest

from docsearch_cli.corpus.formats.mail import read_mail
from docsearch_cli.corpus.reader_errors import ReaderError
from docsearch_cli.models import Document

PLAIN = b"""From: Jane <jane@example.org>\r
To: all@example.org\r
Subject: =?utf-8?q?The_k=C3=B6ln?=\r
Date: Mon, 4 May 2026 10:00:00 +0000\r
MIME-Version: 1.0\r
Content-Type: text/plain; charset=utf-8\r
Content-Transfer-Encoding: quoted-printable\r
\r
The glaze is gr=C3=BCn, and a soft line=\r
 break joins.\r
"""
PARTS = (
    b"Subject: Pots\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=B\n\n"
    b"--B\nContent-Type: multipart/alternative; boundary=C\n\n"
    b"--C\nContent-Type: text/plain; charset=latin-1\nContent-Transfer-Encoding: base64\n\n"
    + base64.encodebytes("Der Ton f\xfcr neun T\xf6pfe.".encode("latin-1"))
    + b"--C\nContent-Type: text/html\n\n<p>Twice the same</p>\n--C--\n"
    b"--B\nContent-Type: application/pdf; name=bill.pdf\n"
    b"Content-Disposition: attachment; filename=bill.pdf\n\nxyz\n--B--\n"
)
BOX = (
    b"From jane@example.org Mon May  4 10:00:00 2026\nSubject: One\n\nFirst text.\n"
    b">From the start.\n\nFrom joe@example.org Tue May  5 10:00:00 2026\nSubject: Two\n"
    b"Content-Type: text/html\n\n<p>Second</p><p>text.</p>\n"
)


def read(data: bytes) -> Document:
    return read_mail("x.eml", data, "")


def test_quoted_printable_is_decoded() -> None:
    document = read(PLAIN)
    (section,) = document.sections

    assert document.title == section.heading == "The k\u00f6ln"
    assert (section.line_start, section.line_end) == (1, 1)
    assert "The glaze is gr\u00fcn, and a soft line break joins." in section.text
    assert "From: Jane <jane@example.org>" in section.text


def test_base64_is_decoded_and_of_alternatives_one_is_read() -> None:
    document = read(PARTS)

    assert "Der Ton f\u00fcr neun T\u00f6pfe." in document.sections[0].text
    assert "Twice" not in document.sections[0].text
    assert document.unread == ("1 attachment (bill.pdf)",)


def test_a_mailbox_has_a_section_a_message() -> None:
    sections = read(BOX).sections

    assert [(s.line_start, s.heading) for s in sections] == [(1, "One"), (2, "Two")]
    assert sections[0].text == "Subject: One\n\nFirst text.\nFrom the start."
    assert sections[1].text == "Subject: Two\n\nSecond\n\ntext."


@pytest.mark.parametrize("data", [b"Hello there,\nno header.\n", b"\x00\x01binary"])
def test_what_is_no_mail_is_broken(data: bytes) -> None:
    with pytest.raises(ReaderError, match="no mail"):
        read(data)


def test_an_empty_file_has_no_message() -> None:
    assert read(b"").sections == ()


@pytest.mark.parametrize("data", [PLAIN, PARTS, BOX])
def test_damaged_mail_is_read_as_far_as_it_goes(data: bytes) -> None:
    draw = random.Random(2)
    for _ in range(150):
        damaged = bytearray(data)
        for _ in range(draw.randint(1, 12)):
            damaged[draw.randrange(len(damaged))] = draw.randrange(256)
        try:
            document = read(bytes(damaged[: draw.randrange(len(damaged)) + 1]))
        except ReaderError:
            continue
        for section in document.sections:
            section.text.encode("utf-8")


@pytest.mark.parametrize(
    "header",
    [
        b"Subject: " + b"=?utf-8?q?a?= " * 100_000,
        b"Content-Disposition: x" + b";" * 1_000_000,
        b"Content-Type: multipart/mixed" + b";" * 1_000_000,
    ],
)
def test_a_header_of_any_length_takes_linear_time(header: bytes) -> None:
    started = time.process_time()

    assert len(read(header + b"\n\nthe body").sections) <= 1

    assert time.process_time() - started < 5


def test_mail_of_very_many_messages_and_parts_takes_linear_time() -> None:
    assert len(read(b"From a Mon May 4 10:00:00 2026\nSubject: x\n\ny\n\n" * 3000).sections) == 3000
    deep = b"".join(
        b"Content-Type: multipart/mixed; boundary=B%d\n\n--B%d\n" % (n, n) for n in range(60)
    )
    assert read(b"Subject: deep\n" + deep).title == "deep"
