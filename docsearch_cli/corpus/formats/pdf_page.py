"""One page of a PDF: its text, what was filled into its form and written beside it, or why none.

A form's values and comments are no part of a page's text, though a person reads them there. They
follow it, each a paragraph of its own.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage

# pdfium marks a hyphen that divides a word at a line's end by U+0002 or U+FFFE.
_SPLIT_WORD = re.compile("(?<=\\w)[\x02\ufffe](?:\r\n|\n|\r)?(?=\\w)")
UNWANTED = re.compile("[\x00-\x08\x0b\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
"""Characters that no text has."""
# A page with more is drawn by a program; a field's value is what a person typed.
_MOST_ANNOTATIONS = 5000
_MOST_VALUE_BYTES = 200_000
_IS_PASSWORD = 1 << 13
# How deep a picture may lie in forms that pages share.
_MOST_NESTED_FORMS = 3


@dataclass(frozen=True, slots=True)
class Page:
    """What one page holds."""

    text: str = ""
    is_picture: bool = False
    """Whether it has no text but a picture, as the pages of a scanned document."""
    is_damaged: bool = False


def read_page(pdf: PdfDocument, index: int) -> Page:
    """Read one page.

    Args:
        pdf: The document; where it has a form, ``init_forms`` has been called.
        index: The page, counted from 0.

    Returns:
        What it holds; one damaged page does not affect the others.
    """
    import pypdfium2

    try:
        page = pdf[index]
    except pypdfium2.PdfiumError:
        return Page(is_damaged=True)
    try:
        textpage = page.get_textpage()
        try:
            text = _clean(str(textpage.get_text_range()))
        finally:
            textpage.close()
        values = dict.fromkeys(filter(None, map(_clean, _annotations(pdf, page))))
        text = "\n\n".join(filter(None, [text, *(value for value in values if value not in text)]))
        return Page(text, is_picture=not text and _has_picture(page))
    except pypdfium2.PdfiumError:
        return Page(is_damaged=True)
    finally:
        page.close()


def _clean(text: str) -> str:
    text = _SPLIT_WORD.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    return UNWANTED.sub("", text).strip()


def _has_picture(page: PdfPage) -> bool:
    from pypdfium2 import raw

    pictures = page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=_MOST_NESTED_FORMS)
    return next(iter(pictures), None) is not None


def _annotations(pdf: PdfDocument, page: PdfPage) -> Iterator[str]:
    """Yield the values of a page's form fields, and the comments on it."""
    from pypdfium2 import raw

    count = min(raw.FPDFPage_GetAnnotCount(page.raw), _MOST_ANNOTATIONS)
    for number in range(count):
        annotation = raw.FPDFPage_GetAnnot(page.raw, number)
        if not annotation:
            continue
        try:
            yield _words_of(pdf, annotation)
        finally:
            raw.FPDFPage_CloseAnnot(annotation)


def _words_of(pdf: PdfDocument, annotation: Any) -> str:
    from pypdfium2 import raw

    kind = raw.FPDFAnnot_GetSubtype(annotation)
    if raw.FPDFAnnot_GetFlags(annotation) & raw.FPDF_ANNOT_FLAG_HIDDEN:
        return ""
    if kind != raw.FPDF_ANNOT_WIDGET:
        if kind in (raw.FPDF_ANNOT_LINK, raw.FPDF_ANNOT_POPUP):
            return ""
        return _string(lambda *room: raw.FPDFAnnot_GetStringValue(annotation, b"Contents", *room))
    if pdf.formenv is None:
        return ""
    form = pdf.formenv.raw
    texts = (raw.FPDF_FORMFIELD_TEXTFIELD, raw.FPDF_FORMFIELD_COMBOBOX, raw.FPDF_FORMFIELD_LISTBOX)
    is_text = raw.FPDFAnnot_GetFormFieldType(form, annotation) in texts
    if not is_text or raw.FPDFAnnot_GetFormFieldFlags(form, annotation) & _IS_PASSWORD:
        return ""
    return _string(lambda *room: raw.FPDFAnnot_GetFormFieldValue(form, annotation, *room))


def _string(ask: Callable[[Any, int], int]) -> str:
    """Return a string that pdfium writes as UTF-16 into a buffer of a size that it says."""
    size = min(ask(None, 0), _MOST_VALUE_BYTES)
    if size <= 2:
        return ""
    from pypdfium2 import raw

    room = ctypes.create_string_buffer(size)
    ask(ctypes.cast(room, ctypes.POINTER(raw.FPDF_WCHAR)), size)
    return room.raw.decode("utf-16-le", "replace").rstrip("\x00")
