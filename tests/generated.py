"""Random corpora of linked pages, each from one seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

SYLLABLES = ("ba", "de", "fi", "go", "hu", "ka", "le", "mi", "no", "pu", "ra", "se", "ti", "vo")
SIZES = (1, 6, 40, 120, 300)


def make_corpus(draw: random.Random, docs: Path, sizes: Sequence[int] = SIZES) -> list[str]:
    """Write a random corpus of linked pages.

    Args:
        draw: The random numbers.
        docs: Folder to write to.
        sizes: Numbers of pages to choose from.

    Returns:
        Its words.
    """
    words = sorted({"".join(draw.choices(SYLLABLES, k=draw.randint(2, 4))) for _ in range(250)})
    count = draw.choice(sizes)
    names = []
    for number in range(count):
        folder = draw.choice(("", "", "guide/", "guide/deep down/", "reference/"))
        suffix = draw.choice((".md", ".md", ".md", ".txt", ".html", ".rst"))
        names.append(f"{folder}{draw.choice(words)}-{number}{suffix}")
    # A hub that links to everything, and a common word that every page has, make ties.
    hub = draw.choice(names)
    for name in names:
        targets = names if name == hub else draw.sample(names, min(count, draw.randint(0, 6)))
        path = docs / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page(draw, name, targets, words), encoding="utf-8")
    return words


def page(draw: random.Random, name: str, targets: list[str], words: list[str]) -> str:
    """Return one page in the format its name says."""
    up = "../" * name.count("/")
    title = " ".join(draw.choices(words, k=2)).title()
    parts = [sentence(draw, words)]
    for target in targets:
        text = " ".join(draw.choices(words, k=2))
        if name.endswith(".html"):
            parts.append(f'<a href="{up}{target}">{text}</a>'.replace(" down", "%20down"))
        elif name.endswith(".rst"):
            parts.append(f"`{text} <{up}{target}>`__")
        else:
            styles = (f"[{text}](<{up}{target}>)", f"[[{Path(target).stem}]]")
            parts.append(draw.choice(styles))
        parts.append(sentence(draw, words))
    if name.endswith(".html"):
        body = "\n".join(f"<p>{part}</p>" for part in parts)
        return f"<html><head><title>{title}</title></head><body><h1>{title}</h1>\n{body}\n</body>\n"
    if name.endswith(".rst"):
        return f"{title}\n{'=' * len(title)}\n\n" + "\n\n".join(parts) + "\n"
    middle = len(parts) // 2
    lower = "\n\n".join(parts[middle:])
    return f"# {title}\n\n" + "\n".join(parts[:middle]) + f"\n\n## {title} more\n\n{lower}\n"


def sentence(draw: random.Random, words: list[str]) -> str:
    """Return a sentence; the first words of the list are far commoner than the last."""
    chosen = [words[int(len(words) * draw.random() ** 3)] for _ in range(draw.randint(4, 16))]
    return "common " + " ".join(chosen) + "."
