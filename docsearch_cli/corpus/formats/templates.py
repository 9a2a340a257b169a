"""Templates in the addresses of links: ``[x]({{ site.baseurl }}/y)``.

A site's tool fills them in before it reads the markup, so they may hold what ends an address:
spaces, quotation marks, parentheses. These are replaced by characters of private use while the
markup is read, one by one, so that every place stays where it is.
"""

from __future__ import annotations

import re

_ENDS_ADDRESS = " \"'()<>"
_HIDE = {ord(mark): 0xE010 + place for place, mark in enumerate(_ENDS_ADDRESS)}
_SHOW = {hidden: chr(mark) for mark, hidden in _HIDE.items()}
_HIDDEN = re.compile("[\ue010-\ue016]")
_TEMPLATE = (
    r"(?:\{\{(?:[^{}\r\n]|\}(?!\})){0,500}+\}\}|\{%(?:[^%\r\n]|%(?!\})){0,500}+%\}"
    r"|<%[^%\r\n]{0,500}+%>|\$\{[^{}\r\n]{0,500}+\})"
)
# What an address may begin with, up to a template, and the template; and what a text must hold for
# there to be one. A pattern that begins with what is rare is searched for in C.
_ADDRESSES = [
    (sign, re.compile(rf"{begin}(?:[^\s()<>\"'{{$]{{0,500}}+{_TEMPLATE})++", re.MULTILINE))
    for sign, begin in (
        ("](", r"\]\(<?"),
        ("]:", r"^ {0,3}\[[^\[\]\r\n]{1,300}\]:[ \t]*<?"),
        ("href=", r"href=[\"']?"),
        ("src=", r"src=[\"']?"),
    )
]
_IN_ADDRESS = re.compile(_TEMPLATE)
_BRACES = re.compile(r"\{(?:[{%]|(?<=\$\{))")


def join_templates(text: str) -> str:
    """Replace what would end an address inside the templates in it; the length stays.

    Args:
        text: Markup.

    Returns:
        The text to read; what is read of it goes through ``show_templates``.
    """
    if not (_BRACES.search(text) or ("<" in text and "<%" in text)):
        return text
    for sign, address in _ADDRESSES:
        if sign in text:
            text = address.sub(_join, text)
    return text


def _join(found: re.Match[str]) -> str:
    return _IN_ADDRESS.sub(lambda template: template[0].translate(_HIDE), found[0])


def show_templates(target: str) -> str:
    """Return an address as it stands in the file."""
    if target.isascii() or not _HIDDEN.search(target):
        return target
    return target.translate(_SHOW)
