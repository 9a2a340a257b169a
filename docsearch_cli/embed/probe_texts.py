"""Texts on which two ways to encode must agree before one may stand in for the other.

The vectors of an index come from sentence-transformers, a question's from a faster path. When they
are of different spaces nothing fails: the ranking is just bad. So the faster path proves itself,
on these texts, when the index is made.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

# Float32 paths differ by 1e-6, half precision by 1e-3; a wrong setting by .1 and more.
_MAX_DIFFERENCE = 1e-4
_MIN_COSINE = 0.9999

PROBE_TEXTS: tuple[str, ...] = (
    "",
    "How do I rotate the signing key?",
    "timeout",
    "  Two   spaces,\ttabs\nand\r\nlines; “quotes” – dashes… ﬁ ligatures\u00a0\u200b\ufeff. ",
    "The Naïve Café's RÉSUMÉ: İstanbul, Straße, ΣΊΣΥΦΟΣ",
    "Как изменить часовой пояс? 東京の天気はどうですか。 كيف حالك؟ नमस्ते दुनिया 안녕하세요",
    "def __init__(self, *, max_agents: int = 8) -> None:  # camelCaseName, snake_case_name, 0x1F",
    "https://example.org/a/b?c=d&e=%20#f  user@example.org  v1.2.3-rc.4  C:\\Temp\\x.txt",
    "🙂👩‍💻🇩🇪 done ✅",
    "A text with [SEP] and [MASK] and [UNK] in it, [CLS] too, and <s> </s> [PAD].",
    "x" * 150 + " donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
    " ".join(
        f"Step {number}: open valve {number * 37 % 101}, wait {number} seconds, close it again."
        for number in range(1, 120)
    ),
)
"""Short, long beyond any truncation, not English, code, symbols, and nothing at all."""


def vectors_agree(vectors: NDArray[Any], reference: NDArray[Any]) -> bool:
    """Tell whether two ways to encode the same texts gave the same vectors.

    Shapes:
        vectors: (n_texts, dim), rows of unit L2 norm.
        reference: the same.

    Args:
        vectors: From the one way.
        reference: From the other.

    Returns:
        True if there is a row, all numbers are finite, none differs by more than 1e-4, and no two
        rows have a cosine below .9999.
    """
    if vectors.ndim != 2 or vectors.shape != reference.shape or not vectors.size:
        return False
    ours, theirs = vectors.astype(np.float64), reference.astype(np.float64)
    if not (np.isfinite(ours).all() and np.isfinite(theirs).all()):
        return False
    norms = np.linalg.norm(ours, axis=1) * np.linalg.norm(theirs, axis=1)
    cosines = np.einsum("ij,ij->i", ours, theirs) / np.maximum(norms, np.finfo(np.float64).tiny)
    return bool(np.abs(ours - theirs).max() <= _MAX_DIFFERENCE and cosines.min() >= _MIN_COSINE)
