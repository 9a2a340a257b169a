"""Antora: pages of AsciiDoc in components and modules.

A page is named ``version@component:module:family$path``, all but the path optional; a path is seen
from the module's folder of the family, whatever page names it. A component may be put together
from many places: a page of a folder of which there is nothing here lies in another one.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

_RESOURCE = re.compile(
    r"(?:(?P<version>[^@/:$]+)@)?(?:(?:(?P<component>[^:/$]+):)?(?P<module>[^:/$]*):)?"
    r"(?:(?P<family>page|partial|example|image|attachment)\$)?(?P<path>.+)"
)
_MODULE = re.compile(r"modules/([^/]+)/")
_NAME = re.compile(r"^(name|version):[ \t]*[\"']?([^\s\"'#]+)", re.MULTILINE)
_ATTRIBUTES = re.compile(
    r"^[ ]{0,20}attributes:[ \t]*\r?\n((?:[ ]{1,20}[^\n]*\n?|[ \t]*\r?\n)*)", re.MULTILINE
)
# One that is a part of an address; "@" says that a page may set it otherwise.
_ATTRIBUTE = re.compile(
    r"^[ ]+[\"']?([\w-]{1,60})[\"']?:[ \t]*[\"']?([\w:$@/.+-]{1,100}?)@?[\"']?[ \t]*\r?$",
    re.MULTILINE,
)
_SET = "attributes"
_REFERENCE = re.compile(r"\{([\w-]{1,60})\}")
_ROOT = "ROOT"
CONFIG_FILES = ("antora.yml",)


class SiteFacts(NamedTuple):
    """What a rule needs to know of a site."""

    folder: str
    settings: Mapping[str, str]


class Place(NamedTuple):
    """Where a page may lie."""

    path: str
    folder: str
    """The folder without which the page lies in another corpus."""


def path_of_page(name: str) -> str:
    """Return the path that the name of a page means where the component's folder is not known.

    Args:
        name: Target of a cross-reference.

    Returns:
        The path; the name itself if it is none of Antora's.
    """
    bare = name.removeprefix("xref:").removeprefix("include::")
    found = _RESOURCE.fullmatch(bare)
    if found is None or "//" in bare:
        return bare
    if found["module"] is None:
        return f"/{found['family']}s/{found['path']}" if found["family"] else bare
    component = f"/{found['component']}" if found["component"] else ""
    family = f"{found['family'] or 'page'}s"
    return f"{component}/modules/{found['module'] or _ROOT}/{family}/{found['path']}"


def places_of(
    target: str, path: str, own: SiteFacts, sites: Sequence[SiteFacts]
) -> list[Place] | None:
    """Return the places that the name of a page, or of another resource, means.

    Args:
        target: The name, with the macro before it if that is not ``xref`` of a page nearby.
        path: The document that names it, as its site sees it.
        own: The document's site.
        sites: All sites of Antora.

    Returns:
        The places, the likeliest first; none if the component is not here; None if the target is no
        name of Antora's.
    """
    macro, sign, name = target.partition(":")
    is_named = bool(sign) and macro in ("xref", "include")
    found = _RESOURCE.fullmatch(name.removeprefix(":") if is_named else target)
    own_module = _MODULE.match(path)
    if found is None or "//" in target or (macro == "include" and not found["family"]):
        return None
    if found["module"] is None and (own_module is None or found["path"].startswith((".", "/"))):
        return None
    if found["module"] is None and not found["family"] and not found["path"].endswith(".adoc"):
        return None
    among = [own] if not found["component"] else _component(found, own, sites)
    module = found["module"]
    if module is None:
        module = own_module[1] if own_module else _ROOT
    family = f"{found['family'] or 'page'}s"
    inner = f"modules/{module or _ROOT}/{family}/{found['path'].lstrip('/')}"
    paths = (posixpath.normpath(f"{site.folder}/{inner}".lstrip("/")) for site in among)
    return [Place(path, path.rpartition("/")[0]) for path in paths]


def _component(found: re.Match[str], own: SiteFacts, sites: Sequence[SiteFacts]) -> list[SiteFacts]:
    """Return the sites of the component that is named, those of its version first."""
    version = found["version"] or own.settings.get("version", "")

    def rank(site: SiteFacts) -> tuple[bool, bool, str]:
        return site.settings.get("version", "") != version, site != own, site.folder

    named = [s for s in sites if _name_of(s) == found["component"]]
    return sorted(named, key=rank)


def _name_of(site: SiteFacts) -> str:
    return site.settings.get("name") or site.folder.rpartition("/")[2]


def settings_in(_name: str, text: str) -> Mapping[str, str]:
    """Return the component's name and version, and the attributes that its pages share."""
    found = dict(reversed(list(_pairs(text))))
    table = _ATTRIBUTES.search(text)
    pairs = _ATTRIBUTE.findall(table[1]) if table is not None else []
    attributes = " ".join(f"{name}={value}" for name, value in pairs)
    return found | {_SET: attributes} if attributes else found


def with_attributes(target: str, settings: Mapping[str, str]) -> str:
    """Return a target with the values of the attributes that the component sets for its pages."""
    pairs = (pair.partition("=") for pair in settings.get(_SET, "").split())
    values = {name: value for name, _, value in pairs}
    return _REFERENCE.sub(lambda found: values.get(found[1], found[0]), target)


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for found in _NAME.finditer(text):
        yield found[1], found[2]
