"""Logseq: pages lie in one folder; a file's name has ``___`` or ``%2F`` where the page has ``/``.

A page of the journal is named by its date. A page that no file holds is there all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from urllib.parse import unquote

from docsearch_cli.corpus.naming import fold

_DATE = re.compile(r"(\d{4})[-_](\d{2})[-_](\d{2})")
_DOT = re.compile(r"\.(?=\S)")
_ORDINALS = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}


def page_name(name: str) -> str:
    """Return the spelling of a page's name that differs from no other one of the same page."""
    return fold(name.strip().strip("/"))


def page_names(stem: str) -> Iterator[str]:
    """Yield the names of a page, given its file's path without suffix."""
    base = unquote(stem.rpartition("/")[2])
    yield page_name(base.replace("___", "/"))
    if "." in base:  # the older way to write a namespace
        yield page_name(_DOT.sub("/", base))
    found = _DATE.fullmatch(base)
    if found is not None:
        yield from map(page_name, _names_of_day(*map(int, found.groups())))


def name_in_address(address: str) -> str | None:
    """Return the page that an address names: ``[[x]]``, or a file."""
    if address.startswith("[[") and address.endswith("]]"):
        return address[2:-2]
    return address if "/" not in address and "." in address else None


def _names_of_day(year: int, month: int, day: int) -> Iterator[str]:
    """Yield a day in the formats that Logseq offers for the titles of its journal."""
    try:
        at = date(year, month, day)
    except ValueError:
        return
    ordinal = f"{day}{_ORDINALS.get(day, 'th')}"
    short, long = _MONTHS[month - 1][:3], _MONTHS[month - 1]
    weekday = _WEEKDAYS[at.weekday()]
    yield f"{short} {ordinal}, {year}"
    yield f"{long} {ordinal}, {year}"
    yield f"{weekday[:3]}, {year}-{month:02}-{day:02}"
    yield f"{weekday}, {year}-{month:02}-{day:02}"
    for sign in "-/._":
        yield sign.join((f"{year}", f"{month:02}", f"{day:02}"))
        yield sign.join((f"{day:02}", f"{month:02}", f"{year}"))
        yield sign.join((f"{month:02}", f"{day:02}", f"{year}"))
    yield f"{year}{month:02}{day:02}"
    yield f"{year}年{month:02}月{day:02}日"


_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
