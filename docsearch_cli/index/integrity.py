"""Whether a generation is what was written: size and seal when opened, hashes on demand."""

from __future__ import annotations

import hashlib
import json
import stat
from pathlib import Path
from weakref import WeakValueDictionary

from docsearch_cli.arrays import damaged
from docsearch_cli.errors import IndexCorruptError
from docsearch_cli.files import hash_file, read_file
from docsearch_cli.index.reader import Hold, IndexReader

# Raise it when the files' meaning changes: an older index is then rebuilt, never misread.
SCHEMA_VERSION = 2
MANIFEST = "manifest.json"
# Holds the manifest's own hash; the manifest holds those of all other files.
SEAL = "manifest.sha256"


# Generations that this process reads, for telling a damaged one from a bug.
_opened: WeakValueDictionary[Path, IndexReader] = WeakValueDictionary()


def open_generation(folder: Path) -> IndexReader:
    """Open one generation and check that its files have the sizes it was written with.

    Args:
        folder: The generation's folder.

    Returns:
        The generation, ready to be searched.

    Raises:
        IndexCorruptError: If they do not, or its schema version is another one.
    """
    if folder.is_symlink():
        raise damaged(folder, "it is a link")
    hold = Hold(folder)  # before anything of it is read: it may be about to be removed
    path = folder / MANIFEST
    try:
        written = read_file(path)
        manifest = json.loads(written)
        _refuse_other_schema(manifest["schema"])
        reader = IndexReader(folder, manifest, hold)
        files = manifest["files"]
        expected = {str(name): int(facts["bytes"]) for name, facts in files.items()}
        hashes = [str(facts["sha256"]) for facts in files.values()]
        _ = (  # what is read of it later is there and of the right kind
            {str(root["name"]): str(root["path"]) for root in manifest["roots"]},
            {str(name): int(count) for name, count in manifest["counts"].items()},
            {str(reason): int(count) for reason, count in manifest["skipped"].items()},
            int(manifest["broken_links"]) + int(manifest["ambiguous_links"]),
            hashes,
            str(manifest["language"]) + str(manifest["language_is_set"]),
            reader.model,
        )
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        RecursionError,
    ) as error:
        raise damaged(path, error) from error
    _check_seal(path, written)
    for name, size in expected.items():
        if Path(name).name != name:
            raise damaged(path, f"it names a file outside: {name!r}")
        try:
            found = (folder / name).lstat()
        except OSError as error:
            raise damaged(folder / name, error.strerror) from error
        if not stat.S_ISREG(found.st_mode):
            raise damaged(folder / name, "it is no regular file")
        if found.st_size != size:
            raise damaged(folder / name, f"it has {found.st_size} bytes, {size} were written")
    _opened[folder] = reader
    return reader


def seal_of(manifest: bytes) -> str:
    """Return what seals a manifest."""
    return hashlib.sha256(manifest).hexdigest() + "\n"


def _refuse_other_schema(schema: object) -> None:
    """Refuse a manifest of another schema version before its fields, which may differ, are read."""
    if schema != SCHEMA_VERSION:
        raise IndexCorruptError(
            f"the index has schema version {schema}, this docsearch reads {SCHEMA_VERSION}",
            hint="rebuild it: docsearch index PATH --rebuild",
        )


def _check_seal(path: Path, manifest: bytes) -> None:
    seal = path.with_name(SEAL)
    try:
        known = read_file(seal).decode("ascii", "replace")
    except OSError as error:
        raise damaged(seal, error.strerror) from error
    if known != seal_of(manifest):
        raise damaged(path, f"its hash is not the one in {SEAL}")


def find_damage() -> IndexCorruptError | None:
    """Return what is wrong with an index that this process has opened, if anything is.

    Opening one checks the sizes of its files, not their content, which would take longer than a
    question. So what fails while one is read is only a bug if every checksum is right.
    """
    for reader in list(_opened.values()):
        try:
            verify_checksums(reader)
        except IndexCorruptError as error:
            return error
        except OSError:
            continue
    return None


def verify_checksums(reader: IndexReader) -> None:
    """Read every file of a generation and compare it with its recorded hash.

    Args:
        reader: The generation.

    Raises:
        IndexCorruptError: At the first file that differs.
    """
    for name, facts in reader.manifest["files"].items():
        if hash_file(reader.folder / name).hex() != facts["sha256"]:
            raise damaged(reader.folder / name, "its content is not what was written")
