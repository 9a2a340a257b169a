"""The documentation site: the pages of docs/ and of the top level, built by Sphinx.

As a program it is ``make docs``:

    python -m tests.docs_site DEST

Pages are plain Markdown whose links work on a code host. They are copied to a folder of their own,
where the site's addresses are short (``docs/asking.md`` is ``asking.html``) and links follow them.
The site's tree is that of the links in ``docs/index.md``: a heading is a caption, the links below
are its pages. A page that nothing lists is a how-to guide. Warnings are errors, and so is a built
page that loads something from elsewhere.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from posixpath import normpath, relpath

from tests.support import REPOSITORY

SITE = REPOSITORY / "docs" / "site"
# Pages beside docs/, and what they are called on the site.
TOP_PAGES = {
    "ARCHITECTURE.md": "architecture.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
}
# Where the site says more than the page that a code host shows first.
SAME_AS = {"README.md": "index.md", "docs/api.ipynb": "api.md"}
# Pages whose list of links is the tree below them.
CONTENTS = ("index.md", "decisions/README.md")
UNLISTED = "How-to guides"
_LINK = re.compile(r"(\]\()<?([^)\s>]+)>?((?: \"[^\"]*\")?\))")
_CODE = re.compile(r"(^```.*?^```$|`[^`\n]+`)", re.MULTILINE | re.DOTALL)
_LOADED = re.compile(
    r"<(?:script|img|iframe|source)\b[^>]*\bsrc=\"(?:https?:)?//[^\"]+\""
    r"|<link\b(?=[^>]*\brel=\"(?:stylesheet|preload|icon|preconnect)\")[^>]*\bhref=\"(?:https?:)?//"
    r"|@import|url\(\s*['\"]?(?:https?:)?//"
)


def staged_pages() -> dict[str, str]:
    """Return every page's path in the repository with that on the site."""
    docs = REPOSITORY / "docs"
    pages = {
        path.relative_to(REPOSITORY).as_posix(): path.relative_to(docs).as_posix()
        for path in sorted(docs.rglob("*.md"))
        if SITE not in path.parents
    }
    present = {name: at for name, at in TOP_PAGES.items() if (REPOSITORY / name).is_file()}
    return pages | present


def relinked(text: str, path: str, place_of: Callable[[str], str]) -> str:
    """Return a page whose links to files lead to where these are on the site.

    Args:
        text: The page.
        path: Its path in the repository.
        place_of: Gives the path on the site of a path in the repository.
    """
    here = PurePosixPath(place_of(path)).parent.as_posix()

    def follow(found: re.Match[str]) -> str:
        target, mark, fragment = found[2].partition("#")
        if not target or re.match(r"[a-z][a-z+.-]*:", target):
            return found[0]
        named = normpath((PurePosixPath(path).parent / target).as_posix())
        return f"{found[1]}{relpath(place_of(named), here)}{mark}{fragment}{found[3]}"

    parts = _CODE.split(text)
    return "".join(
        part if number % 2 else _LINK.sub(follow, part) for number, part in enumerate(parts)
    )


def notebook_page(path: Path) -> str:
    """Return a notebook as a page: its text, its code, and what each cell printed."""
    blocks = []
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        source = "".join(cell["source"])
        is_code = cell["cell_type"] == "code"
        blocks.append(f"```python\n{source}\n```" if is_code else source)
        printed = "".join("".join(output["text"]) for output in cell.get("outputs", ()))
        if printed:
            blocks.append(f"```text\n{printed.rstrip()}\n```")
    return "\n\n".join(blocks) + "\n"


def contents(text: str, name: str, unlisted: list[str]) -> str:
    """Return the hidden trees of a page of contents.

    Args:
        text: The page as it is on the site.
        name: Its path there.
        unlisted: Pages that it does not list and should.
    """
    folder = PurePosixPath(name).parent
    trees, seen = [], set()
    before, *sections = re.split(r"^## ", text, flags=re.MULTILINE)
    for part in sections or [before]:
        caption = part.partition("\n")[0].strip() if sections else ""
        pages = []
        for target in re.findall(r"\]\(([^)#\s]+\.md)\)", part):
            if target not in seen and (folder / target).as_posix() != name:
                seen.add(target)
                pages.append(target)
        if caption == UNLISTED:
            pages += [page for page in unlisted if page not in seen]
            seen.update(pages)
        if pages:
            lines = "\n".join(page.removesuffix(".md") for page in pages)
            title = f":caption: {caption}\n" if caption else ""
            trees.append(f"```{{toctree}}\n:hidden:\n{title}\n{lines}\n```\n")
    return "\n" + "\n".join(trees)


def stage(folder: Path) -> None:
    """Copy pages, and the files that they link to, to where Sphinx reads them."""
    pages = staged_pages()
    pages["docs/api.ipynb"] = "api.md"
    files: dict[str, str] = {}

    def place_of(path: str) -> str:
        name = SAME_AS.get(path, path)
        if name in pages.values() and path in SAME_AS:
            return name
        if path in pages:
            return pages[path]
        source = REPOSITORY / path
        if source.is_dir() and f"{path}/README.md" in pages:
            return pages[f"{path}/README.md"]
        if source.is_dir() and (source / "README.md").is_file():
            path = f"{path}/README.md"
        if (REPOSITORY / path).is_file():
            return files.setdefault(path, f"files/{path.lstrip('.')}")
        return path  # Sphinx says that it is not there

    texts = {}
    for path, place in pages.items():
        source = REPOSITORY / path
        text = notebook_page(source) if source.suffix == ".ipynb" else source.read_text("utf-8")
        texts[place] = relinked(text, path, place_of)
    listed = {
        normpath((PurePosixPath(name).parent / target).as_posix())
        for name in CONTENTS
        for target in re.findall(r"\]\(([^)#\s]+\.md)\)", texts[name])
    }
    unlisted = sorted(set(texts) - listed - {"index.md"})
    for name in CONTENTS:
        texts[name] += contents(texts[name], name, unlisted if name == "index.md" else [])
    for place, text in texts.items():
        target = folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    for path, place in files.items():
        target = folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(REPOSITORY / path, target)
    shutil.copytree(SITE / "static", folder / "_static")
    shutil.copyfile(SITE / "conf.py", folder / "conf.py")


def loaded_from_elsewhere(site: Path) -> list[str]:
    """Return what pages and styles of a built site load from another place."""
    return [
        f"{path.relative_to(site)}: {found[0]}"
        for path in sorted(site.rglob("*"))
        if path.suffix in {".html", ".css"}
        for found in _LOADED.finditer(path.read_text("utf-8"))
        if found[0] != "@import" or path.suffix == ".css"
    ]


def build(dest: Path) -> int:
    """Build the site; return an exit code."""
    shutil.rmtree(dest, ignore_errors=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "docs"
        stage(folder)
        words = ["-m", "sphinx", "--builder", "html", "--fail-on-warning", "--quiet"]
        ended = subprocess.run(
            [sys.executable, *words, "--doctree-dir", f"{name}/trees", str(folder), str(dest)],
            check=False,
        )
    if ended.returncode:
        return ended.returncode
    (dest / ".buildinfo").unlink(missing_ok=True)
    wrong = loaded_from_elsewhere(dest)
    for line in wrong:
        print(line, file=sys.stderr)
    pages = len(list(dest.rglob("*.html")))
    print(f"{pages} pages: {dest / 'index.html'}")
    return int(bool(wrong))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(build(Path(sys.argv[1])))
