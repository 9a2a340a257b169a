"""Random edits of a small corpus whose pages link to, name and shadow each other."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

_NAMES = ("alpha", "beta", "gamma", "delta", "Epsilon Page", "index", "README", "café", "x_y")
_FOLDERS = ("", "guide", "guide/deep", "ref")
_SUFFIXES = (".md", ".md", ".md", ".md", ".rst", ".html", ".txt", ".adoc", ".org")
_TITLES = (
    "Alpha Page",
    "Beta",
    "Beta Page Two",
    "The Gamma Ray Handbook",
    "Overview",
    "HTTPServer",
    "Straße und Ärger",
    "数据 库",
    "snake_case setting",
    "Release 1.0.21",
)
_WORDS = (
    *("wind", "mill", "gear", "sluice", "runs", "the", "of", "a", "grain", "stone"),
    *("Oven", "flour", "数据库", "naïve", "E1234"),
)
_HEADINGS = ("Intro", "Set Up", "Part Two", "Café")
_ANCHORS = ("intro", "Set-Up", "part-two", "café")


class Editor:
    """Makes a folder and changes it, the same way for the same seed."""

    def __init__(self, root: Path, seed: int) -> None:
        self._root = root
        self._random = random.Random(seed)

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
                    self._rewrite,
                    self._rewrite,
                    self._append,
                    self._add,
                    self._delete,
                    self._move,
                    self._add_other,
                    self._ignore,
                    self._delete_folder,
                    self._open_vault,
                    self._touch,
                )
            )()

    def _files(self) -> list[Path]:
        return sorted(path for path in self._root.rglob("*") if path.is_file())

    def _pick(self) -> Path | None:
        files = self._files()
        return self._random.choice(files) if files else None

    def _new_path(self) -> Path:
        pick = self._random.choice
        return self._root / pick(_FOLDERS) / (pick(_NAMES) + pick(_SUFFIXES))

    def _write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            return
        path.write_text(self._text(path.suffix), "utf-8")

    def _rewrite(self) -> None:
        path = self._pick()
        if path is not None:
            self._write(path)

    def _append(self) -> None:
        path = self._pick()
        if path is not None:
            with path.open("a", encoding="utf-8") as handle:
                handle.write(f"\n\n{self._sentence()}\n")

    def _add(self) -> None:
        self._write(self._new_path())

    def _delete(self) -> None:
        path = self._pick()
        if path is not None and len(self._files()) > 2:
            path.unlink()

    def _move(self) -> None:
        path, target = self._pick(), self._new_path()
        if path is not None and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            path.rename(target)

    def _add_other(self) -> None:
        path = self._new_path().with_suffix(self._random.choice((".png", ".zip", ".md")))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"\x00\x01binary")

    def _ignore(self) -> None:
        line = self._random.choice(("ref/", "alpha.*", "*.txt", ""))
        (self._root / ".gitignore").write_text(line + "\n", "utf-8")

    def _open_vault(self) -> None:
        folder = self._root / ".obsidian"
        if folder.exists():
            shutil.rmtree(folder)
        else:
            folder.mkdir()

    def _delete_folder(self) -> None:
        if self._random.random() < 0.3 and len(self._files()) > 8:
            shutil.rmtree(self._root / "ref", ignore_errors=True)

    def _touch(self) -> None:
        path = self._pick()
        if path is not None:
            path.touch()

    def _sentence(self) -> str:
        pick = self._random.choice
        words = [pick(_WORDS) for _ in range(self._random.randrange(3, 12))]
        kind = self._random.random()
        target = pick(_NAMES) + pick(("", ".md", ".rst", ".html", ".png"))
        folder = pick(("", "./", "../", "/", "guide/", "../guide/deep/", "/ref/"))
        anchor = pick(("", "", f"#{pick(_ANCHORS)}"))
        if kind < 0.25:
            words.insert(1, f"[{pick(_WORDS)}]({folder}{target.replace(' ', '%20')}{anchor})")
        elif kind < 0.4:
            words.insert(1, f"[[{pick((target, pick(_TITLES)))}{anchor}]]")
        elif kind < 0.7:
            title = pick(_TITLES)
            words.insert(2, pick((title, title.lower(), title.upper(), f"x.{title}")))
        elif kind < 0.75:
            words.insert(1, f"[folder]({folder}guide/)")
        elif kind < 0.8:
            words.insert(1, f":ref:`{pick(_ANCHORS)}` and :doc:`{folder}{pick(_NAMES)}`")
            words.insert(3, f":ref:`{pick(_HEADINGS)}` :term:`{pick(_WORDS)}`")
        elif kind < 0.9:
            address = f"{folder}{pick(_NAMES)}".replace(" ", "-")
            words.insert(
                1,
                pick(
                    (
                        f"[site]({address}/)",
                        f'{{{{< ref "{target}{anchor}" >}}}}',
                        f"[this][{pick((*_TITLES, *_HEADINGS))}]",
                        f"[label](#{pick(_ANCHORS)})",
                        f"[slug](/docs/{pick(_ANCHORS)})",
                        f"xref:{target}{anchor}[x]",
                        f"[[file:{target}][x]]",
                    )
                ),
            )
        return " ".join(words) + "."

    def _text(self, suffix: str) -> str:
        pick = self._random.choice
        title = pick(_TITLES)
        body = "\n\n".join(self._sentence() for _ in range(self._random.randrange(1, 6)))
        heading = pick(_HEADINGS)
        more = self._sentence()
        if suffix == ".rst":
            top, below = "=" * 40, "-" * 40
            label = f".. _{pick(_ANCHORS)}:"
            glob = pick(("", ".. toctree::\n   :glob:\n\n   guide/*\n\n"))
            return f"{glob}{label}\n\n{title}\n{top}\n\n{body}\n\n{heading}\n{below}\n\n{more}\n"
        if suffix == ".html":
            head = f"<title>{title}</title><h1>{title}</h1><p>{body}</p>"
            link = f"<a href='{pick(_NAMES)}.md'>{more}</a>"
            return f"{head}<h2 id='{pick(_ANCHORS)}'>{heading}</h2><p>{link}</p>"
        front = ""
        if self._random.random() < 0.3:
            key = pick((f"aliases: [{pick(_TITLES)}]", f"slug: {pick(_ANCHORS)}", "related: Beta"))
            front = f"---\n{key}\n---\n"
        filler = "mill stone grain\n\n" * 5_000 if self._random.random() < 0.03 else ""
        return f"{front}# {title}\n\n{body}\n\n{filler}## {heading}\n\n{more}\n"
