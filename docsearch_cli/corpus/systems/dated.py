"""Posts: a file named by its date is served under it, ``2022-04-25-x.md`` as ``2022/04/25/x``.

Which parts of the date stand in the address, and what stands before them, a site's configuration
says. An address that has a part of a date must have the file's; one without is of a post only if
the site is known to have such addresses.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_FILE = re.compile(
    r"(?:^|.*/)(\d{4})[-/](\d{1,2})[-/](\d{1,2})[-/]([^/]+?)(?:/(?:index|readme))?$",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"(?:^|.*?/)(?:(\d{4})[/-](?:(\d{1,2})[/-](?:(\d{1,2})[/-])?)?)?([^/]+?)(?:/index)?/?$"
)


class Post(NamedTuple):
    """A date, as far as it is known, and the name of what was written then."""

    name: str
    year: int | None = None
    month: int | None = None
    day: int | None = None

    def is_dated(self) -> bool:
        """Tell whether any part of the date is known."""
        return self.year is not None

    def matches(self, file: Post) -> bool:
        """Tell whether every part of the date that is known is that of a file."""
        parts = zip(self[1:], file[1:], strict=True)
        return all(own is None or own == its for own, its in parts)


def post_of_file(stem: str) -> Post | None:
    """Return the post that a file holds, given its path without suffix; None if it has no date."""
    found = _FILE.match(stem)
    if found is None:
        return None
    year, month, day = map(int, found.groups()[:3])
    return Post(found[4], year, month, day)


def post_of_address(address: str) -> Post | None:
    """Return the post that an address without suffix may mean; None if it names none."""
    found = _ADDRESS.match(address)
    if found is None:
        return None
    year, month, day = (int(part) if part else None for part in found.groups()[:3])
    return Post(found[4], year, month, day)
