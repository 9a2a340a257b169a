"""mdBook: its configuration says in which folder the pages are."""

from __future__ import annotations

import re
from collections.abc import Mapping

_FOLDER = re.compile(r"^src[ \t]*=[ \t]*[\"']([\w./-]+)", re.MULTILINE)


def settings_in(_name: str, text: str) -> Mapping[str, str]:
    """Return the folder of the pages, where it is not the usual one."""
    found = _FOLDER.search(text)
    return {"content": found[1].strip("/")} if found is not None else {}
