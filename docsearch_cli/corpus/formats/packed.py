"""Packed documents (office files, books): ZIP archives of XML, opened within limits.

Nothing is unpacked to disk, and a name in an archive is only ever compared with others, so that no
path leads anywhere. What is read at all is bounded, whatever sizes the archive claims; a document
type with entities of its own, from which a few bytes grow to gigabytes, is refused, as is XML that
is nested deeper than any program writes it. The parser is expat of the standard library, which
resolves nothing from outside.
"""

from __future__ import annotations

import io
import lzma
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import Protocol
from urllib.parse import unquote
from xml.parsers import expat

from docsearch_cli.corpus.reader_errors import ReaderError

MOST_BYTES = 64_000_000
"""Of all that is read of one archive: three times the largest file that is indexed."""
_MOST_NAMES = 20_000
_MOST_DEPTH = 200
_IS_ENCRYPTED = 1
# What zipfile and the codecs raise at a damaged archive.
_DAMAGES = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
    EOFError,
)


class XmlEvents(Protocol):
    """Takes the events of one XML file; names come without their namespace.

    Of two attributes of one name, the one that has a namespace is given.
    """

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Take the beginning of an element."""

    def end(self, name: str) -> None:
        """Take the end of an element."""

    def text(self, data: str) -> None:
        """Take text, in pieces of any length."""


class Archive:
    """A ZIP archive in memory.

    Args:
        data: Its bytes.
    """

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            entries = self._zip.infolist()
        except _DAMAGES as error:
            raise ReaderError(f"no sound archive: {error}") from error
        if len(entries) > _MOST_NAMES:
            raise ReaderError(f"its archive has {len(entries):,} files, more than {_MOST_NAMES:,}")
        self._entries = {entry.filename: entry for entry in entries}
        self._left = MOST_BYTES

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def names(self) -> Iterator[str]:
        """Yield the names of the files in it, in their order."""
        yield from self._entries

    def read(self, name: str) -> bytes:
        """Return the content of a file in it.

        Args:
            name: One that ``names`` gives.

        Returns:
            The bytes.

        Raises:
            ReaderError: If there is no such file, it is damaged, or too much would be read.
        """
        entry = self._entries.get(name)
        if entry is None:
            raise ReaderError(f"its archive has no {name}")
        if entry.flag_bits & _IS_ENCRYPTED:
            raise ReaderError("it needs a password", reason="encrypted")
        try:
            with self._zip.open(entry) as stream:
                data = stream.read(self._left + 1)
        except _DAMAGES as error:
            raise ReaderError(f"{name} in its archive is damaged: {error}") from error
        self._left -= len(data)
        if self._left < 0:
            raise ReaderError(f"its archive unpacks to more than {MOST_BYTES:,} bytes")
        return data

    def parse(self, name: str, events: XmlEvents) -> None:
        """Parse a file in it as XML; see ``parse_xml``."""
        parse_xml(self.read(name), events, name)


def parse_xml(data: bytes, events: XmlEvents, name: str) -> None:
    """Parse XML.

    Args:
        data: The file.
        events: Takes what is found.
        name: What to call the file in an error.

    Raises:
        ReaderError: If it is not well-formed, declares entities, or is nested too deeply.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    depth = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _MOST_DEPTH:
            raise ReaderError(f"{name} is nested too deeply")
        local = {key: value for key, value in attributes.items() if " " not in key}
        local |= {key.rpartition(" ")[2]: attributes[key] for key in attributes if " " in key}
        events.start(tag.rpartition(" ")[2], local)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        events.end(tag.rpartition(" ")[2])

    def refuse_entity(*_: object) -> None:
        raise ReaderError(f"{name} declares entities")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = events.text
    parser.EntityDeclHandler = refuse_entity
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError, ValueError) as error:  # an encoding that Python lacks
        raise ReaderError(f"{name} is no sound XML: {error}") from error


class _Relations:
    """Gathers where the relations of an office file lead."""

    def __init__(self) -> None:
        self.targets: dict[str, tuple[str, str, bool]] = {}

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Take a relation."""
        if name == "Relationship":
            kind = attributes.get("Type", "").rpartition("/")[2]
            is_outside = attributes.get("TargetMode") == "External"
            target = attributes.get("Target", "")
            self.targets[attributes.get("Id", "")] = (kind, target, is_outside)

    def end(self, name: str) -> None:
        """Do nothing."""

    def text(self, data: str) -> None:
        """Do nothing."""


def relations_of(archive: Archive, part: str) -> dict[str, tuple[str, str, bool]]:
    """Return the relations of a part of an office file.

    Args:
        archive: The file.
        part: The part's name.

    Returns:
        For each id: its kind, where it leads (a name in the archive, or an address), and whether
        that is outside of the archive.
    """
    folder, _, name = part.rpartition("/")
    place = f"{folder}/_rels/{name}.rels".lstrip("/")
    if place not in archive:
        return {}
    relations = _Relations()
    archive.parse(place, relations)
    return {
        key: (kind, target if is_outside else name_in(archive, folder, target), is_outside)
        for key, (kind, target, is_outside) in relations.targets.items()
    }


class _Titles:
    """Gathers the texts of the elements called ``title``."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._pieces: list[str] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Begin an element."""
        del name, attributes
        self._pieces = []

    def end(self, name: str) -> None:
        """Take its text."""
        value = "".join(self._pieces).strip()
        if value and name == "title":
            self.found.append(value)
        self._pieces = []

    def text(self, data: str) -> None:
        """Take a piece of text."""
        self._pieces.append(data)


def titles_in(archive: Archive, part: str) -> list[str]:
    """Return the titles in an office file's properties; none if it has no such part."""
    titles = _Titles()
    if part in archive:
        archive.parse(part, titles)
    return titles.found


def name_in(archive: Archive, folder: str, target: str) -> str:
    """Return the name in an archive that an address in a folder of it means; empty for none."""
    path = target if target.startswith("/") else f"{folder}/{target}"
    for spelled in (path, unquote(path)):
        name = posixpath.normpath(spelled).lstrip("/")
        if name in archive:
            return name
    return ""
