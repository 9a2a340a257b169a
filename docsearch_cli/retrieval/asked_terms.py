"""What an index is asked for: a question's tokens, in the language of each document.

A document's words are stemmed in its own language, so a word of a question is another token in
another language: ``laufen`` is ``lauf`` in German texts and ``laufen`` in English ones. Here it is
one *token*, that of the language which the question is read in, and it stands for the *form* that
it has in each other language. A form counts in the documents of its language only. In an index of
one language every token is its own form.

The language of a question is the one whose function words it holds most of, among those of the
index; a question without any is read in the language of most sections. Where its function words
tell, its stop words are asked for in no language: the German article ``die`` does not find what
English texts say of dying.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.retrieval.idf import inverse_frequency
from docsearch_cli.retrieval.keyword import KeywordIndex
from docsearch_cli.retrieval.languages import LANGUAGES, vote
from docsearch_cli.retrieval.lone_names import asked_names
from docsearch_cli.retrieval.numbers import without_marks
from docsearch_cli.retrieval.stems import Stems
from docsearch_cli.retrieval.surfaces import surfaces_of
from docsearch_cli.retrieval.tokens import asked_tokens
from docsearch_cli.retrieval.word_forms import AS_SPELLED, all_words_of

_Forms = dict[str, str]


@dataclass(frozen=True, slots=True)
class SectionLanguages:
    """The languages of an index, and of its sections.

    Shapes:
        sections: (n_sections,) uint8, place in ``names``.
    """

    names: tuple[str, ...]
    """Those of most sections first."""
    sections: NDArray[np.uint8]


class AskedTerms:
    """A question's tokens, and the sections that hold them.

    Args:
        text: The question.
        keyword: The index's terms.
        languages: The index's languages.
    """

    def __init__(self, text: str, keyword: KeywordIndex, languages: SectionLanguages) -> None:
        self._keyword = keyword
        self._languages = languages
        self._found: dict[str, tuple[NDArray[np.int32], NDArray[np.float64]]] = {}
        names = languages.names
        own, is_sure = question_language(text, names)
        self.language = own
        """The language that the question is read in."""
        self._forms: dict[str, _Forms] = {}
        """By language, of each token that has not the same form in all."""
        if len(names) == 1:
            self.tokens = tuple(asked_tokens(text, own, lambda token: keyword.holding(token) > 0))
            return
        found = _forms_by_language(
            text, languages_asked(text, names), self._is_known, is_sure=is_sure
        )
        self.tokens = tuple(found)
        self._forms = {
            token: forms
            for token, forms in found.items()
            if forms.keys() != set(names) or set(forms.values()) != {token}
        }

    def sections_with(self, token: str) -> NDArray[np.int32]:
        """Return the sections that hold a token, ascending; none if no section does."""
        if token not in self._forms:
            return self._keyword.sections_with(token)
        return self._counted(token)[0]

    def term_idf(self, token: str) -> float | None:
        """Return a token's weight by all sections that hold it; None if none does."""
        if token not in self._forms:
            return self._keyword.term_idf(token)
        holding = len(self._counted(token)[0])
        return inverse_frequency(self._keyword.section_count, holding) if holding else None

    def scores(self, tokens: Sequence[str]) -> NDArray[np.float32]:
        """Return every section's score for some of the tokens, see ``KeywordIndex.scores``."""
        if self._forms.keys().isdisjoint(tokens):
            return self._keyword.scores(tokens)
        total = np.zeros(self._keyword.section_count, dtype=np.float32)
        for token in tokens:
            sections, counts = self._counted(token)
            total[sections] += self._keyword.weights(sections, counts)
        return total

    def stems(self, language: str) -> Stems:
        """Return the tokens that the words of a text in a language stand for.

        Args:
            language: One of the index's.

        Returns:
            Tokens by form; what is not in it stands for itself.
        """
        stems: dict[str, tuple[str, ...]] = {}
        for token in self.tokens:
            form = self._form(token, language)
            if form is not None:
                stems[form] = (*stems.get(form, ()), token)
        for token in self.tokens:
            stems.setdefault(token, ())
        return {form: tokens for form, tokens in stems.items() if tokens != (form,)}

    def _form(self, token: str, language: str) -> str | None:
        forms = self._forms.get(token)
        return token if forms is None else forms.get(language)

    def _is_known(self, form: str, language: str) -> bool:
        return bool(self._is_in(self._keyword.sections_with(form), [language]).any())

    def _is_in(self, sections: NDArray[np.int32], languages: Iterable[str]) -> NDArray[np.bool_]:
        places = [self._languages.names.index(language) for language in languages]
        return np.isin(self._languages.sections[sections], places)

    def _counted(self, token: str) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """Return the sections that hold a token's form in their language, and how often."""
        if token not in self._forms:
            return self._keyword.counted(token)
        found = self._found.get(token)
        if found is None:
            languages_of: dict[str, list[str]] = {}
            for language, form in self._forms[token].items():
                languages_of.setdefault(form, []).append(language)
            parts = []
            for form, languages in languages_of.items():
                sections, counts = self._keyword.counted(form)
                is_own = self._is_in(sections, languages)
                parts.append((sections[is_own], counts[is_own]))
            sections = np.concatenate([part[0] for part in parts])
            order = np.argsort(sections)  # each once: a section has one language
            found = sections[order], np.concatenate([part[1] for part in parts])[order]
            self._found[token] = found
        return found


def question_language(text: str, languages: Sequence[str]) -> tuple[str, bool]:
    """Return the language that a question is read in.

    Args:
        text: The question.
        languages: Those of the index, the one of most sections first.

    Returns:
        One of them, and whether the question's function words tell it.
    """
    if len(languages) == 1:
        return languages[0], True
    counts = dict(zip(LANGUAGES, vote([text]), strict=True))
    votes = [counts.get(language, 0) for language in languages]
    most = max(votes)
    is_sure = most > 0 and votes.count(most) == 1
    return languages[votes.index(most)] if is_sure else languages[0], is_sure


def languages_asked(text: str, languages: Sequence[str]) -> list[str]:
    """Return the languages of an index, that which a question is read in first."""
    own, _ = question_language(text, languages)
    return [own, *(language for language in languages if language != own)]


def _forms_by_language(
    text: str,
    languages: Sequence[str],
    is_known: Callable[[str, str], bool],
    *,
    is_sure: bool,
) -> dict[str, _Forms]:
    """Return the tokens of a question, with the form of each in each language that has one.

    Args:
        text: The question.
        languages: Those of the index, the question's first.
        is_known: Tells whether texts of a language have a form.
        is_sure: Whether stop words of the question's language are asked for in no other one.

    Returns:
        The tokens in order, chosen as ``asked_tokens`` chooses them.
    """

    def is_anywhere(form: str) -> bool:
        return any(is_known(form, language) for language in languages)

    for language in languages:
        text = without_marks(text, language, is_anywhere)
    surfaces, signed = surfaces_of(text)
    asked: dict[str, _Forms] = {}
    for surface in surfaces:
        words = [all_words_of(surface, language, is_asked=True) for language in languages]
        for forms in zip(*words, strict=True):
            if forms[0] or not is_sure:
                _add(asked, dict(zip(languages, forms, strict=True)), is_known)
    asked.update((token, dict.fromkeys(languages, token)) for token in signed if is_anywhere(token))
    for language in languages:
        for name, is_certain in asked_names(text, surfaces, language):
            if is_certain or is_known(name, language):
                asked.setdefault(name, {}).setdefault(language, name)
    return asked


def _add(
    asked: dict[str, _Forms],
    word: Mapping[str, tuple[str, ...]],
    is_known: Callable[[str, str], bool],
) -> None:
    """Add the tokens of one word, given its forms by language."""
    first = next((forms for forms in word.values() if forms), None)
    if first is None:
        return
    found: dict[str, _Forms] = {token: {} for token in first}
    known: set[tuple[str, str]] = set()
    for language, forms in word.items():
        for place, form in enumerate(forms):
            token = form if form in found else first[0]
            if form not in found and place < len(first) and first[place][0] != AS_SPELLED:
                token = first[place]
            is_held = is_known(form, language)
            if language not in found[token] or (is_held and (language, token) not in known):
                found[token][language] = form
            if is_held:
                known.add((language, token))
    held = {token for _, token in known}
    for token in [token for token in first if token in held] or first[:1]:
        asked[token] = {**found[token], **asked.get(token, {})}
