"""Checks that a generation is what was written: sizes and seal when opened, hashes on demand."""

from __future__ import annotations

import hashlib
import json
import stat
from pathlib import Path
from weakref import WeakValueDictionary

from docsearch_cli.arrays import damaged
from docsearch_cli.errors import DocsearchError, IndexCorruptError
from docsearch_cli.files import hash_file, read_file
from docsearch_cli.index.manifest import SCHEMA_VERSION, Manifest, WrittenFile
from docsearch_cli.index.places import holder_of
from docsearch_cli.index.reader import Hold, IndexReader

MANIFEST = "manifest.json"
# Holds the manifest's own hash; the manifest holds those of all other files.
SEAL = "manifest.sha256"
# The content of files up to this size is checked whenever an index is opened: a small index has
# sixty of them, which takes two milliseconds, and a large one has few.
_HASHED_BYTES = 65_536


# Generations that this process reads: if something fails, they are checked for damage.
_opened: WeakValueDictionary[Path, IndexReader] = WeakValueDictionary()


def open_generation(folder: Path) -> IndexReader:
    """Open one generation and check that its files have the sizes it was written with.

    Args:
        folder: The generation's folder.

    Returns:
        The generation, ready to be searched.

    Raises:
        IndexCorruptError: If they do not, or its schema version differs.
    """
    if folder.is_symlink():
        raise damaged(folder, "it is a link")
    hold = Hold(folder)  # before anything of it is read: it may be about to be removed
    manifest = read_manifest(folder)
    _check_files(folder, manifest)
    reader = IndexReader(folder, manifest, hold)
    _opened[folder] = reader
    return reader


def read_manifest(folder: Path) -> Manifest:
    """Read a generation's manifest, and none of its other files but the seal.

    Args:
        folder: The generation's folder.

    Returns:
        The manifest.

    Raises:
        IndexCorruptError: If it is damaged, or of another schema version.
    """
    path = folder / MANIFEST
    try:
        written = read_file(path)
        data = json.loads(written)
        if data["schema"] != SCHEMA_VERSION:
            raise _other_schema(path, data["schema"])
        _check_seal(path, written)
        return Manifest.from_dict(data, holder_of(folder))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise damaged(path, error) from error


def _other_schema(path: Path, schema: object) -> DocsearchError:
    if not isinstance(schema, int) or isinstance(schema, bool):
        return damaged(path, f"its schema is {schema!r}")
    age = "an older" if schema < SCHEMA_VERSION else "a newer"
    return IndexCorruptError(
        f"the index has schema version {schema}, this docsearch reads {SCHEMA_VERSION}:"
        f" {age} version of docsearch made it",
        hint="index again: docsearch index PATH (it says if a language or a model that was set is"
        " not known any more)",
    )


def _check_files(folder: Path, manifest: Manifest) -> None:
    """Check that a generation's files are there, each of the size that it was written with.

    Of small ones the content is checked too; that of large ones is checked, as far as it can be
    done in a moment, where an array is opened.
    """
    for name, written in manifest.files.items():
        if Path(name).name != name:
            raise damaged(folder / MANIFEST, f"it names a file outside: {name!r}")
        try:
            found = (folder / name).lstat()
        except OSError as error:
            raise damaged(folder / name, error) from error
        if not stat.S_ISREG(found.st_mode):
            raise damaged(folder / name, "it is no regular file")
        if found.st_size != written.size_bytes:
            raise damaged(
                folder / name,
                f"it has {found.st_size} bytes, {written.size_bytes} were written",
            )
        if written.size_bytes <= _HASHED_BYTES:
            _check_hash(folder / name, written)


def seal_of(manifest: bytes) -> str:
    """Return what seals a manifest."""
    return hashlib.sha256(manifest).hexdigest() + "\n"


def _check_seal(path: Path, manifest: bytes) -> None:
    seal = path.with_name(SEAL)
    try:
        known = read_file(seal).decode("ascii", "replace")
    except OSError as error:
        raise damaged(seal, error) from error
    if known != seal_of(manifest):
        raise damaged(path, f"its hash is not the one in {SEAL}")


def find_damage() -> DocsearchError | None:
    """Return what is wrong with an index that this process has opened, if anything is.

    Opening an index does not check the content of large files, which would take longer than a
    question. So an error while it is read is only a bug if every checksum is right.
    """
    for reader in list(_opened.values()):
        try:
            verify_checksums(reader)
        except DocsearchError as error:
            return error
    return None


def _check_hash(path: Path, written: WrittenFile) -> None:
    try:
        found = hash_file(path).hex()
    except OSError as error:
        raise damaged(path, error) from error
    if found != written.sha256:
        raise damaged(path, "its content is not what was written")


def verify_checksums(reader: IndexReader) -> None:
    """Read every file of a generation and compare it with its recorded hash.

    Args:
        reader: The generation.

    Raises:
        IndexCorruptError: At the first file that differs.
    """
    for name, written in reader.manifest.files.items():
        _check_hash(reader.folder / name, written)
