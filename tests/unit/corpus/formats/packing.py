"""Small packed documents, made of their XML."""

from __future__ import annotations

import io
import zipfile

W = 'xmlns:w="urn:w" xmlns:r="urn:r" xmlns:mc="urn:mc"'
P = 'xmlns:a="urn:a" xmlns:p="urn:p" xmlns:r="urn:r"'
ODF = (
    'xmlns:office="urn:o" xmlns:text="urn:t" xmlns:table="urn:tb" xmlns:draw="urn:d" '
    'xmlns:presentation="urn:p" xmlns:xlink="urn:x"'
)


def pack(files: dict[str, str | bytes]) -> bytes:
    """Return a ZIP archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def relations(**targets: str) -> str:
    """Return a file of relations; a kind stands before a colon, ``!`` marks what is outside."""
    rows = []
    for key, value in targets.items():
        kind, _, target = value.partition(":")
        mode = ' TargetMode="External"' if kind.endswith("!") else ""
        kind = kind.rstrip("!")
        rows.append(f'<Relationship Id="{key}" Type="urn/{kind}" Target="{target}"{mode}/>')
    return f"<Relationships>{''.join(rows)}</Relationships>"


def paragraph(text: str, style: str = "") -> str:
    """Return a paragraph of Word."""
    named = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{named}<w:r><w:t>{text}</w:t></w:r></w:p>"


def docx(body: str, **parts: str) -> bytes:
    """Return a Word document; a part's name has ``__`` for a slash and no suffix."""
    files = {"word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>"}
    files |= {f"{name.replace('__', '/')}.xml": content for name, content in parts.items()}
    return pack(files)


def odf(body: str, **files: str) -> bytes:
    """Return an OpenDocument file."""
    content = f"<office:document {ODF}><office:body>{body}</office:body></office:document>"
    return pack({"content.xml": content, **files})


def slide(*shapes: str) -> str:
    """Return a slide of PowerPoint."""
    return f"<p:sld {P}>{''.join(shapes)}</p:sld>"


def shape(text: str, kind: str = "body") -> str:
    """Return a shape with one paragraph."""
    words = f"<a:p><a:r><a:t>{text}</a:t></a:r></a:p>"
    return f'<p:sp><p:ph type="{kind}"/><p:txBody>{words}</p:txBody></p:sp>'


def pptx(*slides: str, **more: str | bytes) -> bytes:
    """Return a presentation."""
    ids = "".join(f'<p:sldId id="{256 + n}" r:id="r{n}"/>' for n, _ in enumerate(slides))
    targets = {f"r{n}": f"slide:slides/s{n}.xml" for n, _ in enumerate(slides)}
    return pack(
        {
            "ppt/presentation.xml": f"<p:presentation {P}>{ids}</p:presentation>",
            "ppt/_rels/presentation.xml.rels": relations(**targets),
            **{f"ppt/slides/s{n}.xml": content for n, content in enumerate(slides)},
            **{name.replace("__", "/"): content for name, content in more.items()},
        }
    )


def epub(chapters: dict[str, str], title: str = "A Book") -> bytes:
    """Return a book."""
    items = "".join(
        f'<item id="c{n}" href="{name}" media-type="application/xhtml+xml"/>'
        for n, name in enumerate(chapters)
    )
    spine = "".join(f'<itemref idref="c{n}"/>' for n, _ in enumerate(chapters))
    package = (
        f"<package><metadata><title>{title}</title></metadata><manifest>{items}</manifest>"
        f"<spine>{spine}</spine></package>"
    )
    return pack(
        {
            "META-INF/container.xml": '<container><rootfile full-path="OPS/b.opf"/></container>',
            "OPS/b.opf": package,
            **{f"OPS/{name}": content for name, content in chapters.items()},
        }
    )
