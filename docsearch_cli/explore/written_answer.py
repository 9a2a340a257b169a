"""An answer that a language model writes from the evidence of a search, and nothing else.

    evidence --request--> one call --reply--> sentences, each with the quotes that it follows from
                                                 |
                          kept, or struck with a reason: no such quote, a number or name of it that
                          the quotes do not hold, no room

A model that says that the documents do not answer is not overruled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from docsearch_cli.explore.findings import Citation, citation_from_dict
from docsearch_cli.llm.cleaning import one_line
from docsearch_cli.llm.exchange import Asker, Message, ModelReply, ModelRequest
from docsearch_cli.llm.fencing import RULE, fenced, shown_text
from docsearch_cli.llm.replies import Problem, read_object
from docsearch_cli.retrieval.claims import unsupported_claims
from docsearch_cli.steps import StepDeclinedError

# Raise it when what a model is told changes: replies are kept by it.
PROMPT = "answer@1"
MOST_WORDS = 120
MOST_REQUESTS = 2
# 120 words, their numbers and the marks around them.
OUTPUT_TOKENS = 700
_MOST_SENTENCES = 12
_MOST_SENTENCE_CHARS = 600
_MOST_CITED = 6
_MOST_REPEATED_CHARS = 600
NOT_FOUND = "not found in these documents"

_TASK = f"""\
You answer a question from numbered quotes of documents, and from nothing else. Reply with one \
JSON object and nothing else:
- "found": true if the quotes answer the question, or a part of it; else false
- "sentences": the answer, sentence by sentence: {{"text": one sentence, "evidence": numbers of \
the quotes that it follows from}}; empty if found is false

Write at most {MOST_WORDS} words in the language of the question. Every number, name and \
identifier of a sentence must stand in the quotes that the sentence names: spell it as they do. \
Say nothing that no quote says. If the quotes do not answer the question, found is false: that is \
a good reply.

{RULE}"""
_SENTENCE_SCHEMA = {
    "type": "object",
    "properties": {
        "text": {"type": "string", "maxLength": _MOST_SENTENCE_CHARS},
        "evidence": {"type": "array", "items": {"type": "integer"}, "maxItems": _MOST_CITED},
    },
    "required": ["text", "evidence"],
    "additionalProperties": False,
}
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "found": {"type": "boolean"},
        "sentences": {"type": "array", "items": _SENTENCE_SCHEMA, "maxItems": _MOST_SENTENCES},
    },
    "required": ["found", "sentences"],
    "additionalProperties": False,
}


class UnwrittenAnswerError(StepDeclinedError):
    """A model's replies are no answer, its second try included."""


class WrittenSentence(NamedTuple):
    """A sentence that its quotes support."""

    text: str
    cited: tuple[int, ...]
    """The numbers of the quotes."""


@dataclass(frozen=True, slots=True)
class AnswerInput:
    """What an answer is written from."""

    question: str
    evidence: tuple[Citation, ...]
    model: str
    """Provider and name."""
    language: str
    """The index's."""

    def to_dict(self) -> dict[str, Any]:
        """Return the input as plain data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> AnswerInput:
        """Return the input that ``to_dict`` made."""
        evidence = tuple(citation_from_dict(item) for item in data["evidence"])
        return cls(data["question"], evidence, data["model"], data["language"])


class StruckSentence(NamedTuple):
    """A sentence that was left out."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class WrittenAnswer:
    """What a model wrote, as far as the quotes support it."""

    found: bool
    """False if the model says that the documents do not answer."""
    sentences: tuple[WrittenSentence, ...]
    struck: tuple[StruckSentence, ...]

    @property
    def text(self) -> str:
        """The answer, each sentence with its quotes; empty if nothing of it was supported."""
        if not self.found:
            return NOT_FOUND
        return " ".join(
            f"{item.text} {''.join(f'[{number}]' for number in item.cited)}"
            for item in self.sentences
        )

    @property
    def cited(self) -> tuple[int, ...]:
        """The numbers of all quotes that it rests on, in order."""
        return tuple(sorted({number for item in self.sentences for number in item.cited}))

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> WrittenAnswer:
        """Return the answer that ``to_dict`` made."""
        return cls(
            data["found"],
            tuple(
                WrittenSentence(item["text"], tuple(item["cited"])) for item in data["sentences"]
            ),
            tuple(StruckSentence(**item) for item in data["struck"]),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as plain data."""
        return {
            **asdict(self),
            "sentences": [item._asdict() for item in self.sentences],
            "struck": [item._asdict() for item in self.struck],
        }


async def write(facts: AnswerInput, asker: Asker) -> WrittenAnswer:
    """Have a model write an answer from what a search found."""
    return await write_answer(
        facts.question, facts.evidence, facts.model, asker, language=facts.language
    )


async def write_answer(
    question: str, evidence: Sequence[Citation], model: str, asker: Asker, *, language: str
) -> WrittenAnswer:
    """Have a model write an answer, and check it.

    Args:
        question: In words.
        evidence: The quotes of the search; without any nothing is asked.
        model: Provider and name.
        asker: Sends requests, and accounts for them.
        language: The index's.

    Returns:
        The answer.

    Raises:
        UnwrittenAnswerError: If no reply was one. What the asker raises passes.
    """
    if not evidence:
        return WrittenAnswer(False, (), ())
    rejected: tuple[str, str] | None = None
    problem = ""
    for _ in range(MOST_REQUESTS):
        reply = await asker.ask(build_answer_request(question, evidence, model, rejected=rejected))
        outcome = read_answer(reply, evidence, language)
        if isinstance(outcome, WrittenAnswer):
            return outcome
        problem = outcome.words
        rejected = reply.text, problem
    raise UnwrittenAnswerError(f"no reply is an answer: {problem}")


def build_answer_request(
    question: str,
    evidence: Sequence[Citation],
    model: str,
    *,
    rejected: tuple[str, str] | None = None,
) -> ModelRequest:
    """Return what a model is asked to write an answer.

    Args:
        question: In words.
        evidence: The quotes.
        model: Provider and name.
        rejected: Its reply to the same that could not be used, and why.

    Returns:
        The request.
    """
    asked = shown_text(question)
    lines = [
        f"[{item.n}] {shown_text(' > '.join((item.path, *item.above, item.heading)))}:"
        f" {shown_text(item.plain)}"
        for item in evidence
    ]
    told = f"Question: {asked}\n\n{fenced(lines, asked)}\n\nQuestion: {asked}"
    messages = [Message("system", _TASK), Message("user", told)]
    if rejected is not None:
        text, problem = rejected
        messages.append(Message("assistant", text[:_MOST_REPEATED_CHARS]))
        messages.append(Message("user", f"This reply cannot be used: {problem}. Reply again."))
    return ModelRequest(model, tuple(messages), _SCHEMA, OUTPUT_TOKENS, PROMPT)


def read_answer(
    reply: ModelReply, evidence: Sequence[Citation], language: str
) -> WrittenAnswer | Problem:
    """Return the answer that a reply gives, each sentence checked against the quotes it names.

    Args:
        reply: As it came.
        evidence: The quotes that it was to be written from.
        language: The index's.

    Returns:
        The answer; or why the reply is none.
    """
    data = read_object(reply, ("found", "sentences"))
    if isinstance(data, Problem):
        return data
    found, listed = data["found"], data["sentences"]
    if type(found) is not bool or not isinstance(listed, list):
        return Problem("found is true or false, and sentences is a list")
    if not found:
        return WrittenAnswer(False, (), ())
    said = [_sentence(item) for item in listed]
    known = [item for item in said if item is not None]
    if len(known) < len(said) or not known:
        return Problem('sentences is a list of {"text": text, "evidence": list of whole numbers}')
    return _checked(known, {item.n: item for item in evidence}, language)


def _sentence(item: Any) -> WrittenSentence | None:
    if not isinstance(item, dict) or set(item) != {"text", "evidence"}:
        return None
    text, cited = item["text"], item["evidence"]
    if not isinstance(text, str) or not isinstance(cited, list):
        return None
    if any(type(number) is not int for number in cited):
        return None
    return WrittenSentence(one_line(text, _MOST_SENTENCE_CHARS), tuple(dict.fromkeys(cited)))


def _checked(
    said: Sequence[WrittenSentence], quotes: dict[int, Citation], language: str
) -> WrittenAnswer:
    kept: list[WrittenSentence] = []
    struck: list[StruckSentence] = []
    words = 0
    for text, named in said[:_MOST_SENTENCES]:
        cited = tuple(number for number in named if number in quotes)[:_MOST_CITED]
        bare = _without_marks(text, named)
        texts = {number: _words_of(quotes[number]) for number in cited}
        claims = unsupported_claims(bare, list(texts.values()), language)
        if not bare:
            continue
        if not cited:
            struck.append(StruckSentence(bare, "it names no quote"))
        elif claims:
            struck.append(StruckSentence(bare, f"the quotes do not hold {', '.join(claims)}"))
        elif words + len(bare.split()) > MOST_WORDS:
            struck.append(StruckSentence(bare, f"it goes beyond {MOST_WORDS} words"))
        else:
            words += len(bare.split())
            kept.append(WrittenSentence(bare, _supporting(bare, texts, language)))
    return WrittenAnswer(True, tuple(kept), tuple(struck))


def _supporting(sentence: str, texts: dict[int, str], language: str) -> tuple[int, ...]:
    """Return the quotes that hold a claim of a sentence: one that holds none vouches for none."""
    every = unsupported_claims(sentence, [], language)
    found = tuple(
        number
        for number, text in texts.items()
        if unsupported_claims(sentence, [text], language) != every
    )
    return found or tuple(texts)


def _without_marks(text: str, named: Sequence[int]) -> str:
    """Return a sentence without the citations that models write into it as well."""
    for number in named:
        text = text.replace(f"[{number}]", "")
    return " ".join(text.split()).replace(" .", ".")


def _words_of(quote: Citation) -> str:
    """Return a quote as it reads and as it stands in its file, with what it stands under."""
    return "\n".join((quote.plain, quote.quote, quote.heading, *quote.above, quote.path))
