"""Sphinx: labels, the pages that it makes by itself, and the sources that it keeps of its pages.

Sources are kept below a folder ``_sources``. Where the page is there too, its source would say
everything twice.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping

from docsearch_cli.corpus.formats.suffixes import kept_suffix
from docsearch_cli.models import Markup

_FOLDER = "/_sources/"
MADE_LABELS = frozenset(("genindex", "modindex", "py-modindex", "search"))
"""Labels of the pages that it makes by itself."""
LABEL_MARKUPS: frozenset[Markup] = frozenset(("rst", "markdown", "notebook"))
"""Formats in which a heading is a label (``autosectionlabel``), and labels may be of another
project (``intersphinx``)."""
FRAGMENT_MARKUPS: frozenset[Markup] = frozenset(("markdown", "notebook"))
"""Formats in which ``#label`` may mean a label of another page (MyST)."""
_OWN_PROJECT = re.compile(r"(?:project|path):(?=[^/])")
# Names of pages in a configuration that writes files.
_WRITTEN = re.compile(r"[\"'](?:[\w.-]+/){0,8}([\w-]{1,100})\.(?:md|rst|ipynb)[\"']")
# What writes files; "overwrite" does not.
_WRITES = re.compile(r"\bwrite(?:_text|_bytes|lines)?\s*\(|\bopen\([^()\n]*,\s*[\"'][wax]")
# Pages that are left out, which are no pages that are written.
_EXCLUDED = re.compile(r"^exclude_patterns\b[^\[\n]*\[[^\[\]]{0,20000}\]", re.MULTILINE)
_OTHERS = "other-projects"
# What names other projects, whose labels and terms a page may name as its own.
_OTHER_PROJECTS = re.compile(
    r"^(?:\w{1,40}_)?intersphinx_(?:mapping|enable)\b(?:\[|[^=\n]*"
    r"=\s*(?:\{\s*[^}\s#]|\[\s*[^\]\s#]|dict\([^)]|[A-Za-z_]))"
    r"|^[ \t]*references:[ \t]*\n[ \t]+[\w-]+:",
    re.MULTILINE,
)
_MADE_PAGES = re.compile(r"^html_additional_pages\s*=\s*\{([^{}]*)\}", re.MULTILINE)
# Folders that are copied to the site's root as they are.
_COPIED = re.compile(r"^html_extra_path\s*=\s*\[([^\[\]]{0,2000})\]", re.MULTILINE)
COPIED = "copied"
"""Setting that names, with spaces, folders that are copied to the site's root."""
# What puts the names of programs into pages.
_PROGRAM_NAMES = re.compile(
    r"[\"'](?:sphinx\.ext\.(?:autodoc|autosummary)|autodoc2|autoapi\.extension)[\"']"
)
_PROGRAMS = "programs"
# Folders that sphinx-gallery and AutoAPI fill.
_GALLERIES = re.compile(r"\bgallery_dirs[\"']?\s*+[:=]\s*+(?:\[\s*+)?[\"']([\w./-]{1,200})[\"']")
_AUTOAPI = re.compile(r"^autoapi_root\s*=\s*[\"']([\w./-]{1,200})[\"']", re.MULTILINE)
_DOTTED_NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+(?:\(\))?")
# What follows the only dot of a name is longer than a suffix of a file.
_MOST_SUFFIX_CHARS = 5
# A label of another project: its name, a colon, the label.
_FOREIGN_LABEL = re.compile(r"[\w.-]+:\S")


def address_of(target: str) -> str:
    """Return a link's target without what says that it is a page of the project."""
    return _OWN_PROJECT.sub("", target, count=1)


def is_foreign_label(label: str) -> bool:
    """Tell whether a label that no page defines is one of another project."""
    return _FOREIGN_LABEL.match(label.removeprefix("term:")) is not None


def settings_in(_name: str, text: str) -> Mapping[str, str]:
    """Return whether a site's configuration names other projects, and what it makes pages of."""
    settings = {_OTHERS: "yes"} if _OTHER_PROJECTS.search(text) else {}
    pages = _MADE_PAGES.search(text)
    if pages is not None:
        settings["made-pages"] = " ".join(re.findall(r"[\"']([\w./-]+)[\"']\s*:", pages[1]))
    written = _WRITTEN.findall(_EXCLUDED.sub("", text)) if _WRITES.search(text) else ()
    if written:
        settings["made-pages"] = " ".join((settings.get("made-pages", ""), *written)).strip()
    copied = _COPIED.search(text)
    if copied is not None:
        settings[COPIED] = " ".join(re.findall(r"[\"']([\w./-]+)[\"']", copied[1]))
    folders = [*_GALLERIES.findall(text), *_AUTOAPI.findall(text)]
    if folders:
        settings["made-folder"] = " ".join(dict.fromkeys(map(posixpath.normpath, folders)))
    if _PROGRAM_NAMES.search(text):
        settings[_PROGRAMS] = "yes"
    return settings


def is_made_place(address: str, settings: Mapping[str, str]) -> bool:
    """Tell whether an address is the name of a part of a program (MyST).

    Args:
        address: As it is written.
        settings: What the site's configuration says: whether pages are made of programs.

    Returns:
        True for a name with dots that is no file's.
    """
    if _PROGRAMS not in settings or not _DOTTED_NAME.fullmatch(address):
        return False
    return address.count(".") > 1 or len(address.rpartition(".")[2]) > _MOST_SUFFIX_CHARS


def has_other_projects(settings: Mapping[str, str]) -> bool:
    """Tell whether a label that no page defines may be one of another project."""
    return _OTHERS in settings


def pages_made_of(location: str) -> Iterator[str]:
    """Yield the places where the page made of a kept source may be.

    Args:
        location: Absolute path of any file.

    Yields:
        Absolute paths, those of Sphinx's two ways to lay out its pages; none if the file is no kept
        source.
    """
    if _FOLDER not in location:
        return
    suffix = kept_suffix(location)
    if not suffix:
        return
    parts = location[: -len(suffix)].split(_FOLDER)
    for place in range(1, len(parts)):
        stem = f"{_FOLDER.join(parts[:place])}/{_FOLDER.join(parts[place:])}"
        yield f"{stem}.html"
        yield f"{stem}/index.html"
