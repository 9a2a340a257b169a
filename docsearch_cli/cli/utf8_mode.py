"""UTF-8 mode: file names, words and records are UTF-8, whatever the locale.

In another locale Python takes the bytes of a file name for other characters, so that one folder
would have other paths, links, questions and digests in each. Python's UTF-8 mode ends that, but an
interpreter is in it from its start or never: the command starts itself once more, which takes as
long as an empty Python program. What is printed for a person stays in the locale's encoding.
"""

from __future__ import annotations

import codecs
import contextlib
import os
import sys


def restart_in_utf8_mode() -> None:
    """Start the command again in UTF-8 mode, unless it is in it or was told not to be.

    Returns only if this interpreter goes on: a frozen program has no other one, and ``-X utf8=0``
    on the command line is the user's word.
    """
    is_utf8 = codecs.lookup(sys.getfilesystemencoding()).name == "utf-8"
    if is_utf8 or "utf8" in sys._xoptions or getattr(sys, "frozen", False) or not sys.executable:
        return
    environment = dict(os.environ, PYTHONUTF8="1")
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    # The C locale says nothing about the terminal; Python, too, takes it for UTF-8 by default.
    if codecs.lookup(encoding).name != "ascii":
        environment.setdefault("PYTHONIOENCODING", encoding)
    arguments = [sys.executable, "-X", "utf8", *sys.orig_argv[1:]]
    with contextlib.suppress(OSError):
        os.execve(sys.executable, arguments, environment)  # noqa: S606  itself, without a shell


def typed_text(text: str) -> str:
    """Return words of the command line as they were typed.

    Args:
        text: As Python has them in UTF-8 mode.

    Returns:
        The same if they are UTF-8, else as the locale's encoding has them.
    """
    if not any("\udc80" <= character <= "\udcff" for character in text):
        return text
    import locale

    try:
        return text.encode("utf-8", "surrogateescape").decode(locale.getencoding())
    except (UnicodeError, LookupError):
        return text
