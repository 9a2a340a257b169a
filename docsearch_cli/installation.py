"""How this program was installed, and from that the command that adds an extra to it.

    pip, uv pip        into the environment of this interpreter
    pipx, uv tool      through the tool that made the environment
    an editable clone  into the environment that points to it, from the clone
    a frozen build, the system's Python    take no packages; beside them goes an environment

Nothing is run or installed here; a person copies the command.
"""

from __future__ import annotations

import shlex
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from docsearch_cli.fingerprint import DISTRIBUTION

if TYPE_CHECKING:
    from importlib.metadata import Distribution

InstallationKind = Literal["pip", "uv", "pipx", "uv tool", "uvx", "editable", "frozen", "managed"]
"""What keeps the packages beside this one; ``managed`` is the operating system."""

_PACKAGE = Path(__file__).resolve().parent
# What pipx and uv leave in the environments that they make, and where uvx makes its own.
_PIPX_MARK = "pipx_metadata.json"
_UV_TOOL_MARK = "uv-receipt.toml"
_UVX_FOLDERS = ("archive-v", "environments-v")


@dataclass(frozen=True, slots=True)
class Installation:
    """Where this program is and who put it there."""

    kind: InstallationKind
    python: str = "python3"
    """The interpreter that runs it."""
    environment: str = ""
    """The name that pipx has for its environment."""
    source: str = ""
    """The URL that it was installed from; empty for a package index."""
    folder: str = ""
    """The clone that an editable installation points to."""
    by_uv: bool = False
    """True if uv put it there, so that pip may be missing."""
    has_pip: bool = True
    is_in_user_site: bool = False
    extras: tuple[str, ...] = ()
    """Extras whose packages are there; a tool that installs anew would leave them out."""
    requirements: tuple[tuple[str, str], ...] = ()
    """The packages of each extra: its name, and a requirement such as ``tokenizers>=0.20``."""


def install_hint(extra: str) -> str:
    """Return what to do to have an extra, for an error's hint.

    Args:
        extra: A name under ``optional-dependencies`` in pyproject.toml.

    Returns:
        A few words and a command line that is quoted for a shell.
    """
    installation = find_installation()
    command = shlex.join(install_command(extra, installation))
    if installation.kind in ("frozen", "managed"):
        return f"install docsearch with it, in an environment of its own: {command}"
    if installation.kind == "uvx":
        return f"run it with them: {command}"
    return f"install it: {command}"


def install_command(extra: str, installation: Installation) -> list[str]:
    """Return the command that adds an extra's packages.

    Args:
        extra: Its name.
        installation: What it is added to.

    Returns:
        The words of the command.
    """
    python = installation.python
    match installation.kind:
        case "pipx":
            packages = [text for name, text in installation.requirements if name == extra]
            return ["pipx", "inject", installation.environment, *packages]
        case "uv tool":
            return ["uv", "tool", "install", _requirement(installation, extra)]
        case "uvx":
            return ["uvx", "--from", _requirement(installation, extra), "docsearch"]
        case "frozen" | "managed":
            return ["pipx", "install", _requirement(installation, extra)]
        case "editable":
            wanted = ["-e", f"{installation.folder}[{extra}]"]
        case _:
            wanted = [f"{DISTRIBUTION}[{extra}]"]
    if installation.by_uv:
        return ["uv", "pip", "install", "--python", python, *wanted]
    if not installation.has_pip:
        return ["python3", "-m", "pip", "--python", python, "install", *wanted]
    user = ["--user"] if installation.is_in_user_site else []
    return [python, "-m", "pip", "install", *user, *wanted]


def _requirement(installation: Installation, extra: str) -> str:
    """Return what to install anew: from where it came, with the extras that it had."""
    extras = ",".join(sorted({extra, *installation.extras}))
    source = f" @ {installation.source}" if installation.source else ""
    return f"{DISTRIBUTION}[{extras}]{source}"


def find_installation() -> Installation:
    """Return how the program that runs was installed."""
    if getattr(sys, "frozen", False):
        return Installation("frozen")
    distribution = _distribution()
    origin = _origin(distribution)
    by_uv = _text(distribution, "INSTALLER").strip() == "uv"
    prefix = Path(sys.prefix)
    requirements = _requirements(distribution)
    found: dict[str, Any] = {
        "python": sys.executable or "python3",
        "by_uv": by_uv,
        "has_pip": _has_pip(),
        "extras": _extras_present(requirements),
        "requirements": requirements,
    }
    if (folder := _clone(distribution, origin)) is not None:
        return Installation("editable", folder=str(folder), **found)
    found["source"] = origin.get("url", "")
    if (prefix / _PIPX_MARK).is_file():
        return Installation("pipx", environment=prefix.name, **found)
    if (prefix / _UV_TOOL_MARK).is_file():
        return Installation("uv tool", **found)
    if by_uv and any(part.startswith(_UVX_FOLDERS) for part in prefix.parts):
        return Installation("uvx", **found)
    is_own = sys.prefix != sys.base_prefix
    if not is_own and (Path(sysconfig.get_path("stdlib")) / "EXTERNALLY-MANAGED").is_file():
        return Installation("managed", **found)
    found["is_in_user_site"] = not is_own and _is_in_user_site()
    return Installation("uv" if by_uv else "pip", **found)


def _distribution() -> Distribution | None:
    from importlib import metadata

    try:
        return metadata.distribution(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return None


def _text(distribution: Distribution | None, name: str) -> str:
    return (distribution.read_text(name) or "") if distribution is not None else ""


def _origin(distribution: Distribution | None) -> dict[str, Any]:
    """Return where the distribution came from, as PEP 610 records it; empty for an index."""
    import json

    try:
        found = json.loads(_text(distribution, "direct_url.json") or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) and isinstance(found.get("url", ""), str) else {}


def _clone(distribution: Distribution | None, origin: dict[str, Any]) -> Path | None:
    """Return the clone that runs; None if an installed copy does."""
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    folder = _PACKAGE.parent
    details = origin.get("dir_info")
    if isinstance(details, dict) and details.get("editable"):
        path = Path(url2pathname(urlsplit(origin["url"]).path))
        return path if path.resolve() == folder else folder
    is_recorded = distribution is not None and (
        Path(str(distribution.locate_file(_PACKAGE.name))).resolve() == _PACKAGE
    )
    return folder if not is_recorded and (folder / "pyproject.toml").is_file() else None


def _requirements(distribution: Distribution | None) -> tuple[tuple[str, str], ...]:
    """Return the packages of every extra, as the metadata name them."""
    import re

    found = []
    for line in (distribution.requires if distribution is not None else None) or ():
        package, _, marker = line.partition(";")
        extra = re.search(r"""extra\s*==\s*["']([^"']+)""", marker)
        if extra is not None:
            found.append((extra[1], package.strip()))
    return tuple(found)


def _extras_present(requirements: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """Return the extras of which every package is there."""
    import re
    from importlib import metadata

    missing = set()
    for extra, requirement in requirements:
        name = re.match(r"[\w.-]+", requirement)
        try:
            metadata.version(name[0] if name is not None else requirement)
        except metadata.PackageNotFoundError:
            missing.add(extra)
    return tuple(sorted({extra for extra, _ in requirements} - missing))


def _has_pip() -> bool:
    from importlib.util import find_spec

    return find_spec("pip") is not None


def _is_in_user_site() -> bool:
    import site

    return Path(site.getusersitepackages()).resolve() in _PACKAGE.parents
