"""The manuals and vaults that ``bench_answers`` asks, and where their documents come from.

Only questions are committed (``answers/<name>.jsonl``). A manual is a Debian package of
documentation, fetched by apt and unpacked the first time into the folder of data of the benches; a
vault is a public one of ``../shared/eval`` or our own.
"""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.harness import (
    EVAL,
    OWN_CORPORA,
    BenchError,
    corpus_of,
    data_folder,
    note,
    run_process,
    unpacked,
)

QUESTIONS = Path(__file__).resolve().parent / "answers"


@dataclass(frozen=True, slots=True)
class Package:
    """A Debian package of documentation."""

    name: str
    version: str
    """The one that the answers were read in; another may say other things."""
    folder: str
    """Where the documents lie in it."""


MANUALS = {
    "varnish": Package("varnish-doc", "7.1.1-2+deb12u1", "usr/share/doc/varnish/html"),
    "postfix": Package("postfix-doc", "3.7.11-0+deb12u1", "usr/share/doc/postfix/html"),
    "docker": Package("docker-doc", "20.10.24+dfsg1-1+deb12u1", "usr/share/doc/docker-doc"),
}
VAULTS = ("obsidian-help", "vault")
HELD_OUT = {
    "borg": Package("borgbackup-doc", "1.2.4-1", "usr/share/doc/borgbackup/html"),
    "celery": Package("python-celery-doc", "5.2.6-5", "usr/share/doc/python-celery-doc/html"),
    "sqlite": Package("sqlite3-doc", "3.40.1-2+deb12u2", "usr/share/doc/sqlite3"),
    "pytest": Package("python-pytest-doc", "7.2.1-2", "usr/share/doc/python-pytest-doc/html"),
    "exim": Package("exim4-doc-html", "4.96-1", "usr/share/doc/exim4-doc-html"),
}
"""Manuals that nothing is tuned on: whether a change helps on others than those it was made for."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question with everything that a complete answer holds."""

    id: str
    question: str
    vague: str
    """The same, asked without the words of the manual."""
    kind: str
    gold: tuple[str, ...]
    """The pages that the answer stands on: as many as it takes together."""
    parts: tuple[tuple[str, ...], ...]
    """What must be read for the answer to be complete; any of a part's strings will do."""
    also: tuple[str, ...] = field(default=())
    """Other pages that hold the answer or a part of it."""

    @property
    def pages(self) -> frozenset[str]:
        """Pages on which a part of the answer may be read."""
        return frozenset((*self.gold, *self.also))


class NotHereError(Exception):
    """The documents of a set cannot be had; the message says why."""


def load_questions(name: str) -> list[Question]:
    """Return the questions of a set."""
    lines = (QUESTIONS / f"{name}.jsonl").read_text("utf-8").splitlines()
    return [
        Question(
            row["id"],
            row["question"],
            row["vague"],
            row["kind"],
            tuple(row["gold"]),
            tuple(tuple(part) for part in row["parts"]),
            tuple(row.get("also", ())),
        )
        for row in map(json.loads, lines)
    ]


def documents_of(name: str) -> Path:
    """Return the folder with the documents of a set, fetching them the first time.

    Raises:
        NotHereError: If they cannot be had.
    """
    if name in OWN_CORPORA:
        return corpus_of(name)[0]
    package = MANUALS.get(name) or HELD_OUT.get(name)
    if package is not None:
        return _fetched(name, package)
    if not (data_folder() / name / "docs").is_dir() and not (EVAL / "make_corpus.py").is_file():
        raise NotHereError("needs the public question sets in ../shared/eval")
    return unpacked(name) / "docs"


def _fetched(name: str, package: Package) -> Path:
    folder = data_folder() / "answers" / name
    documents = folder / "docs"
    if documents.is_dir():
        return documents
    for program in ("apt-get", "dpkg"):
        if shutil.which(program) is None:
            raise NotHereError(f"{package.name} is fetched with {program}, which is not here")
    note(f"{name}: fetching {package.name}")
    folder.mkdir(parents=True, exist_ok=True)
    # Apart first: an unpacking that is broken off must not look like a manual.
    with tempfile.TemporaryDirectory(dir=folder) as apart:
        try:
            run_process(["apt-get", "download", package.name], cwd=Path(apart))
        except BenchError as error:
            raise NotHereError(f"{package.name} cannot be fetched: {error}") from error
        (archive,) = Path(apart).glob("*.deb")
        version = _version_of(archive)
        if version != package.version:
            note(f"{name}: version {version}; the answers were read in {package.version}")
        run_process(["dpkg", "-x", str(archive), str(Path(apart) / "files")])
        found = Path(apart) / "files" / package.folder
        if not found.is_dir():
            raise NotHereError(f"{package.name} {version} has no folder {package.folder}")
        _decompress(found)
        found.rename(documents)
    return documents


def _version_of(archive: Path) -> str:
    command = ["dpkg-deb", "--field", str(archive), "Version"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _decompress(folder: Path) -> None:
    """Replace what Debian has compressed: no documentation system serves pages like that."""
    for path in sorted(folder.rglob("*.gz")):
        if path.is_file() and not path.is_symlink():
            path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
            path.unlink()
