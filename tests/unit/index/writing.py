"""Random pages that link to each other, name each other in any spelling, and shadow each other."""

from __future__ import annotations

import json
import random
import unicodedata

NAMES = (
    *("alpha", "Alpha", "beta", "gamma", "Epsilon Page", "index", "README", "_index", "x_y"),
    *("café", "cafe\u0301", "01-intro", "intro", "C#", "STRASSE", "straße", "notes.v1"),
)
FOLDERS = (
    "",
    "",
    "guide",
    "guide/deep",
    "ref",
    "01-ref",
    "Guide",
    "versioned_docs/version-1",
    "_sources",
    "_sources/guide",
)
SUFFIXES = (
    *(".md", ".md", ".md", ".md", ".md", ".rst", ".rst", ".html", ".txt", ".adoc", ".org"),
    *(".ipynb", ".mdx", "", ".log", ".png", ".rst.txt", ".html"),
)
_TITLES = (
    *("Alpha Page", "Beta", "beta", "Beta Page", "Beta Page Two", "The Gamma Ray Handbook"),
    *(
        "Overview",
        "HTTPServer",
        "snake_case setting",
        "Release 1.0.21",
        "Foo (bar)",
        "Foo",
        "Intro",
    ),
    *(
        "Straße und Ärger",
        "Die Mühle",
        "ﬁle Name",
        "İstanbul Şehri",
        "Ⅳ Rome",
        "x² Plot",
        "ſharp S",
    ),
    *("数据 库", "数据", "あ い", "สวัสดี", "क्षत्रिय धर्म", "العَرَبِيَّة لغة", "ﷺ Name", "ΣΊΣΥΦΟΣ Σ"),
    *("co\u00adop System", "X\u200dY Joined", "\u0301Mark", "a\u0345b Word", "__init__ Method"),
    *("C++ Guide", "--flag Help", "a.b.c", "don't Stop", "v1.2-beta Rel", "camelCaseName"),
)
_WORDS = (
    *("wind", "mill", "gear", "sluice", "runs", "the", "of", "a", "grain", "stone"),
    *("Oven", "flour", "数据库", "naïve", "E1234"),
)
_HEADINGS = ("Intro", "Set Up", "Part Two", "Café", "Alpha Page")
_ANCHORS = ("intro", "Set-Up", "part-two", "café", "caf%C3%A9", "^b1", "beta")
_GERMAN = "Der Müller ist nicht in der Mühle, aber die Steine sind auch mit dem Wagen da.\n\n"
_SPELLINGS = (
    *(str, str, str.lower, str.upper, str.title),
    lambda title: unicodedata.normalize("NFD", title),
    lambda title: unicodedata.normalize("NFKC", title),
    lambda title: f"x.{title}",
    lambda title: f"_{title}_s",
    lambda title: f"文{title}文",
    lambda title: f"\u200d{title}\u0301",
    lambda title: title.replace(" ", "-"),
    lambda title: title.replace(" ", "** **"),
)


class Writer:
    """Writes pages, the same ones for the same source of chance."""

    def __init__(self, chance: random.Random) -> None:
        self._random = chance

    def page(self, suffix: str) -> bytes:
        """Return a page in the format and, mostly, the encoding of its suffix."""
        text = self._text(suffix)
        if self._random.random() < 0.1:
            text = unicodedata.normalize("NFD", text)
        encodings = (*("utf-8",) * 12, "utf-8-sig", "utf-16", "latin-1")
        return text.encode(self._random.choice(encodings), "replace")

    def german_page(self) -> str:
        """Return a page that outvotes a few others."""
        return f"# Seite\n\n{_GERMAN * self._random.randrange(5, 20)}"

    def front_matter(self) -> str:
        """Return fields by which a page is found."""
        pick = self._random.choice
        field = pick(
            (
                f"aliases: [{json.dumps(pick(_TITLES))}, {pick(NAMES)}]",
                f"aliases:\n  - /{pick(FOLDERS)}/{pick(NAMES)}/",
                f"slug: {pick(_ANCHORS)}",
                f"slug: /{pick(_ANCHORS)}",
                f"id: {pick(NAMES)}",
                f"permalink: /ref/{pick(NAMES)}.html",
                f"redirect_from: [/{pick(NAMES)}, /docs/{pick(_ANCHORS)}]",
                f"title: {json.dumps(pick(_TITLES))}",
                f"related: [{json.dumps(pick(_TITLES))}, {pick(NAMES)}.md]",
                'aliases: ["\\ud800x Half", "a\\nb Lines"]',
            )
        )
        return f"---\n{field}\n---\n"

    def sentence(self) -> str:
        """Return a sentence that may name another page, or link to it."""
        pick = self._random.choice
        words = [pick(_WORDS) for _ in range(self._random.randrange(3, 12))]
        kind = self._random.random()
        target = pick(NAMES) + pick(("", ".md", ".rst", ".html", ".png", "/"))
        folder = pick(
            ("", "./", "../", "/", "guide/", "../guide/deep/", "/ref/", "/docs/", "one/", "../two/")
        )
        anchor = pick(("", "", f"#{pick(_ANCHORS)}"))
        if kind < 0.25:
            words.insert(1, f"[{pick(_WORDS)}](<{folder}{target}{anchor}>)")
        elif kind < 0.4:
            words.insert(1, f"[[{pick((target, folder + target, pick(_TITLES)))}{anchor}]]")
        elif kind < 0.7:
            words.insert(2, pick(_SPELLINGS)(pick(_TITLES)))
        elif kind < 0.75:
            words.insert(1, f"[folder]({folder}guide/)")
        elif kind < 0.8:
            words.insert(1, f":ref:`{pick(_ANCHORS)}` and :doc:`{folder}{pick(NAMES)}`")
            words.insert(3, f":ref:`{pick(_HEADINGS)}` :term:`{pick(_WORDS)}` :any:`{target}`")
        elif kind < 0.95:
            words.insert(1, self._link_of_a_site(target, folder, anchor))
        return " ".join(words) + pick((".", ".", ". ^b1"))

    def _link_of_a_site(self, target: str, folder: str, anchor: str) -> str:
        pick = self._random.choice
        return pick(
            (
                f"[site]({folder}{pick(NAMES).replace(' ', '-')}/)",
                f"x\n\n{{{{#include {folder}{target}}}}}\n\n",
                f'x\n\n--8<-- "{target}"\n\n',
                f"x\n\n.. include:: {folder}{target}\n\n",
                f'{{{{< ref "{target}{anchor}" >}}}}',
                f"{{% link {folder}{target} %}}",
                f"[this][{pick((*_TITLES, *_HEADINGS))}]",
                f"[label](#{pick(_ANCHORS)})",
                f"[slug](/docs/{pick(_ANCHORS)})",
                f"[question]({target}?x=1{anchor})",
                f"[windows](..\\guide\\{target})",
                f"xref:{target}{anchor}[x]",
                f"[[file:{target}][x]]",
                f"[[{pick(NAMES)}^b1]]",
                f"{{doc}}`{target}` {{ref}}`{pick(_ANCHORS)}`",
            )
        )

    def _text(self, suffix: str) -> str:
        pick = self._random.choice
        title = pick(_TITLES)
        body = "\n\n".join(self.sentence() for _ in range(self._random.randrange(1, 6)))
        heading = pick(_HEADINGS)
        more = self.sentence()
        if suffix in (".rst", ".txt"):
            glossary = ".. glossary::\n\n   mill\n      A thing.\n\n"
            glob = pick(("", ".. toctree::\n   :glob:\n\n   guide/*\n\n", glossary))
            label = f".. _{pick(_ANCHORS)}:"
            top, below = "=" * 40, "-" * 40
            return f"{glob}{label}\n\n{title}\n{top}\n\n{body}\n\n{heading}\n{below}\n\n{more}\n"
        if suffix == ".html":
            base = pick(("", "", "<base href='/guide/'>"))
            head = f"{base}<title>{title}</title><h1>{title}</h1><p>{body}</p>"
            link = f"<a href='{pick(NAMES)}.md#{pick(_ANCHORS)}'>{more}</a>"
            return f"{head}<h2 id='{pick(_ANCHORS)}'>{heading}</h2><p>{link}</p>"
        if suffix == ".ipynb":
            cell = {"cell_type": "markdown", "metadata": {}, "source": [f"# {title}\n", body]}
            code = {"cell_type": "code", "metadata": {}, "source": [more], "outputs": []}
            return json.dumps({"cells": [cell, code], "metadata": {}, "nbformat": 4})
        front = self.front_matter() if self._random.random() < 0.3 else ""
        filler = "mill stone grain\n\n" * 200 if self._random.random() < 0.05 else ""
        place = pick(("", "", f'<a id="{pick(_ANCHORS)}"></a>\n', f"({pick(_ANCHORS)})=\n"))
        return f"{front}# {title}\n\n{body}\n\n{filler}{place}## {heading}\n\n{more}\n"
