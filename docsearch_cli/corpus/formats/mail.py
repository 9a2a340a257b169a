"""Mail (.eml, .mbox, .mhtml): what its parts say, decoded; its attachments are named.

Parts in quoted-printable or base64 are in no line of the file as a person reads them, so a place is
the number of a message: 1 for a file that holds one. Parsed by the standard library's ``email``.
"""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.policy import Compat32

from docsearch_cli.corpus.blocks import on_one_line
from docsearch_cli.corpus.encoding import decode
from docsearch_cli.corpus.formats.html_plain import plain_html
from docsearch_cli.corpus.naming import first_name, one_line
from docsearch_cli.corpus.reader_errors import ReaderError
from docsearch_cli.models import Document, Section

# A line of this kind begins a message of a mailbox, at the start or after a blank line.
_FROM_LINE = re.compile(
    rb"(?:\A|(?<=\n\n)|(?<=\r\n\r\n))From [^\r\n]{1,300}\d{4}[^\r\n]{0,40}\r?\n"
)
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)
_HEADER = re.compile(rb"[!-9;-~]{1,100}:")
_SHOWN_HEADERS = ("Subject", "From", "To", "Cc", "Date")
_MOST_PARTS = 1000
_MOST_HEADER_CHARS = 1000
# Before it is decoded. The standard library takes time quadratic in a header's length.
_MOST_RAW_CHARS = 16 * _MOST_HEADER_CHARS
_MOST_NAMED = 5


class _ShortHeaders(Compat32):
    """Reads headers as the standard library does by itself, but no more than fits one."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        """Return the name and the value of a header.

        Args:
            sourcelines: Its lines.

        Returns:
            Both; a long value is cut.
        """
        name, value = super().header_source_parse(sourcelines)
        return name, value[:_MOST_RAW_CHARS]


_SHORT_HEADERS = _ShortHeaders()


def read_mail(path: str, data: bytes, content_hash: str) -> Document:
    """Read one file of mail.

    Args:
        path: The document's path, for its title when no message has a subject.
        data: The file's bytes.
        content_hash: Hash of the file's bytes.

    Returns:
        The document, a section a message.

    Raises:
        ReaderError: If it is no mail.
    """
    sections: list[Section] = []
    attachments: list[str] = []
    for number, raw in enumerate(_messages(data), 1):
        message = email.message_from_bytes(raw, policy=_SHORT_HEADERS)
        subject = one_line(_header(message, "Subject"))
        headers = [(name, on_one_line(_header(message, name))) for name in _SHOWN_HEADERS]
        lines = "\n".join(f"{name}: {value}" for name, value in headers if value)
        texts = [lines, *_texts(message, attachments)]
        text = "\n\n".join(filter(None, texts))
        if text:
            sections.append(Section(subject, int(bool(subject)), number, number, text))
    return Document(
        path=path,
        title=first_name([section.heading for section in sections[:1]], path),
        markup="mail",
        content_hash=content_hash,
        sections=tuple(sections),
        unread=_unread(attachments),
    )


def _messages(data: bytes) -> Iterator[bytes]:
    """Yield the messages of a mailbox, or the one that a file is."""
    begins = list(_FROM_LINE.finditer(data))
    if not begins or begins[0].start():
        if data.strip() and not _HEADER.match(data.lstrip()):
            raise ReaderError("no mail: it begins with no header")
        yield from [data] if data.strip() else []
        return
    ends = [begin.start() for begin in begins[1:]] + [len(data)]
    for begin, end in zip(begins, ends, strict=True):
        yield _QUOTED_FROM.sub(rb"\1", data[begin.end() : end])


def _header(message: Message, name: str) -> str:
    raw = message.get(name, "")
    try:
        value = str(make_header(decode_header(raw)))
    except (ValueError, LookupError, MessageError):
        value = str(raw)
    return value[:_MOST_HEADER_CHARS].encode("utf-8", "replace").decode()


def _texts(message: Message, attachments: list[str]) -> Iterator[str]:
    """Yield what the parts say: of alternatives plain text, of other parts what is text."""
    parts = list(_leaves(message))
    is_plain = any(_is_body(part, "text/plain") for part in parts)
    for part in parts:
        kind = part.get_content_type()
        name = _name_of(part)
        if name or not kind.startswith("text/"):
            if not kind.startswith("multipart/"):
                attachments.append(name or kind)
        elif kind == "text/html":
            if not is_plain:
                lines = map(on_one_line, plain_html(_decoded(part)).split("\n"))
                yield "\n\n".join(filter(None, lines))
        else:
            yield _decoded(part).strip()


def _leaves(message: Message) -> Iterator[Message]:
    """Yield the parts that have none, those of an enclosed message included."""
    waiting = [message]
    for _ in range(_MOST_PARTS):
        if not waiting:
            return
        part = waiting.pop()
        inside = part.get_payload()
        if part.is_multipart() and isinstance(inside, list):
            waiting.extend(reversed([one for one in inside if isinstance(one, Message)]))
        else:
            yield part


def _is_body(part: Message, kind: str) -> bool:
    return part.get_content_type() == kind and not _name_of(part)


def _name_of(part: Message) -> str:
    try:
        name = part.get_filename() or ""
        is_attached = part.get_content_disposition() == "attachment"
    except (ValueError, TypeError, LookupError, AttributeError, MessageError):
        return ""
    return one_line(name) or ("an attachment" if is_attached else "")


def _decoded(part: Message) -> str:
    """Return a part's text, whatever its encoding says of it."""
    try:
        payload = part.get_payload(decode=True)
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""
    data = payload if isinstance(payload, bytes) else b""
    try:
        text = data.decode(part.get_content_charset() or "ascii")
    except (LookupError, ValueError):
        try:
            text = decode(data)[0]
        except ReaderError:
            text = data.decode("latin-1")
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    return text.encode("utf-8", "replace").decode()


def _unread(attachments: list[str]) -> tuple[str, ...]:
    if not attachments:
        return ()
    many = "s" if len(attachments) > 1 else ""
    named = ", ".join(dict.fromkeys(attachments[:_MOST_NAMED]))
    more = ", ..." if len(attachments) > _MOST_NAMED else ""
    return (f"{len(attachments):,} attachment{many} ({named}{more})",)
