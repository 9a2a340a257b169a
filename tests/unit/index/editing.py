"""Random edits of a small corpus: whatever may happen to files and folders."""

from __future__ import annotations

import os
import random
import shutil
import unicodedata
from pathlib import Path

from tests.unit.index.writing import FOLDERS, NAMES, SUFFIXES, Writer

_RESPELLINGS = (
    str.upper,
    str.lower,
    lambda name: unicodedata.normalize("NFD", name),
    lambda name: unicodedata.normalize("NFC", name),
)
_PATTERNS = ("ref/", "alpha.*", "*.txt", "", "!alpha.*", "deep", "*.md\n!beta.md", "*")
# Names that are shown alike, since what is not UTF-8 is spelled out.
_BAD_NAMES = (b"bad\xff\xfe.md", rb"bad\xff\xfe.md", b"bad\xff" + rb"\xfe.md", rb"bad\xff\xfe~2.md")


def _permit(path: Path) -> None:
    """Let a file that is there be read and written by others than root too."""
    if path.exists() and not path.stat().st_mode & 0o600:
        path.chmod(0o644)


class Editor:
    """Makes a folder and changes it, the same way for the same seed."""

    def __init__(self, root: Path, seed: int) -> None:
        self._root = root
        self._random = random.Random(seed)
        self._writer = Writer(self._random)

    def fill(self, files: int = 12) -> None:
        """Write the first files."""
        self._root.mkdir(parents=True)
        for _ in range(files):
            self._write(self._new_path())

    def edit(self, edits: int) -> None:
        """Change some files."""
        for _ in range(edits):
            self._random.choice(
                (
                    *(self._rewrite, self._rewrite, self._append, self._append, self._add),
                    *(self._add, self._delete, self._move, self._swap, self._respell, self._copy),
                    *(self._add_other, self._ignore, self._open_vault, self._touch, self._link),
                    *(self._unlink, self._delete_folder, self._move_folder, self._change_kind),
                    *(self._change_a_byte, self._cut, self._prepend, self._forbid, self._allow),
                    *(self._speak_german, self._add_bad_name),
                )
            )()

    def _files(self) -> list[Path]:
        found = (path for path in self._root.rglob("*") if not path.is_symlink())
        return sorted(path for path in found if path.is_file())

    def _pick(self) -> Path:
        """Return a file that may be read and written; one is made if there is none."""
        files = self._files() or [self._root / "alpha.md"]
        path = self._random.choice(files)
        if path.exists():
            _permit(path)
        else:
            self._write(path)
        return path

    def _new_path(self) -> Path:
        pick = self._random.choice
        return self._root / pick(FOLDERS) / (pick(NAMES) + pick(SUFFIXES))

    def _folder(self) -> Path:
        return self._root / self._random.choice(FOLDERS[2:])

    def _is_free(self, path: Path) -> bool:
        """Tell whether a file can be made there; its folder is made."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            return False
        return not os.path.lexists(path)

    def _write(self, path: Path) -> None:
        self._put(path, self._writer.page(path.suffix))

    def _put(self, path: Path, content: bytes) -> None:
        """Write a file, unless there is something else."""
        if self._is_free(path) or (path.is_file() and not path.is_symlink()):
            _permit(path)
            path.write_bytes(content)

    def _rewrite(self) -> None:
        self._write(self._pick())

    def _append(self) -> None:
        with self._pick().open("a", encoding="utf-8") as handle:
            handle.write(f"\n\n{self._writer.sentence()}\n")

    def _prepend(self) -> None:
        path = self._pick()
        path.write_bytes(self._writer.front_matter().encode() + path.read_bytes())

    def _add(self) -> None:
        self._write(self._new_path())

    def _delete(self) -> None:
        path = self._pick()
        if len(self._files()) > 2:
            path.unlink()

    def _move(self) -> None:
        path, target = self._pick(), self._new_path()
        if self._is_free(target):
            path.rename(target)

    def _swap(self) -> None:
        path, other, between = self._pick(), self._pick(), self._root / "between"
        if path != other:
            path.rename(between)
            other.rename(path)
            between.rename(other)

    def _respell(self) -> None:
        path = self._pick()
        target = path.with_stem(self._random.choice(_RESPELLINGS)(path.stem))
        if self._is_free(target):
            path.rename(target)

    def _copy(self) -> None:
        path, target = self._pick(), self._new_path()
        if self._is_free(target):
            self._random.choice((shutil.copy, os.link))(path, target)

    def _add_other(self) -> None:
        path = self._new_path().with_suffix(self._random.choice((".png", ".zip", ".md")))
        self._put(path, b"\x00\x01binary")

    def _ignore(self) -> None:
        folder = self._root / self._random.choice(FOLDERS)
        path = folder / self._random.choice((".gitignore", ".docsearchignore"))
        self._put(path, self._random.choice(_PATTERNS).encode())

    def _open_vault(self) -> None:
        folder = self._root / ".obsidian"
        if folder.exists():
            shutil.rmtree(folder)
        else:
            folder.mkdir()

    def _delete_folder(self) -> None:
        folder = self._folder()
        if len(self._files()) > 8 and folder.is_dir() and not folder.is_symlink():
            shutil.rmtree(folder)

    def _move_folder(self) -> None:
        folder, target = self._folder(), self._folder()
        if folder.is_dir() and not target.is_relative_to(folder) and self._is_free(target):
            folder.rename(target)

    def _change_kind(self) -> None:
        """Put a folder in a file's place, or a file in a folder's."""
        path = self._random.choice((self._pick(), self._folder()))
        if path.is_symlink() or not path.exists():
            return
        if path.is_dir():
            shutil.rmtree(path)
            self._write(path)
        else:
            path.unlink()
            self._write(path / "beta.md")

    def _link(self) -> None:
        """Make a link, or let one lead elsewhere."""
        path = self._new_path()
        targets = (self._pick(), self._folder(), self._root / "gone", Path("/etc/passwd"), path)
        if path.is_symlink():
            path.unlink()
        if self._is_free(path):
            path.symlink_to(os.path.relpath(self._random.choice(targets), path.parent))

    def _unlink(self) -> None:
        for path in sorted(self._root.rglob("*")):
            if path.is_symlink() and self._random.random() < 0.5:
                path.unlink()

    def _touch(self) -> None:
        time = self._random.choice((1_000_000_000, 3_000_000_000))
        os.utime(self._pick(), (time, time))

    def _change_a_byte(self) -> None:
        """Change a file that looks as before, but for its change time."""
        path = self._pick()
        data, status = bytearray(path.read_bytes()), path.stat()
        if data:
            data[self._random.randrange(len(data))] = self._random.choice(b"aA[#\n ")
        path.write_bytes(data)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    def _cut(self) -> None:
        path = self._pick()
        os.truncate(path, self._random.randrange(path.stat().st_size + 1))

    def _forbid(self) -> None:
        self._pick().chmod(0)

    def _allow(self) -> None:
        for path in self._files():
            path.chmod(0o644)

    def _speak_german(self) -> None:
        path = self._root / "seite.md"
        if self._is_free(path):
            path.write_text(self._writer.german_page(), "utf-8")
        elif path.is_file():
            path.unlink()

    def _add_bad_name(self) -> None:
        path = Path(os.fsdecode(os.fsencode(self._root) + b"/" + self._random.choice(_BAD_NAMES)))
        if self._is_free(path):
            self._write(path)
        elif path.is_file():
            path.unlink()
