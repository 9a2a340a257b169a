"""Answer types: what kind of thing a question asks for, and whether a text holds such a thing.

One row a type: the words by which a question asks for it, and the shape of what answers. The words
are English; a question in another language asks for no type, and nothing changes for it. Shapes are
signs, not proofs: a type only raises what fits the question anyway.

Source:
    Li & Roth 2002, Learning Question Classifiers: coarse answer types by a question's words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

# What is asked for stands in the beginning; patterns over a pasted page would take seconds.
_MOST_QUESTION_CHARS = 1_000
_NUMBER_WORDS = (
    "one two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty "
    "fifty sixty ninety hundred thousand million once twice"
)
_NUMBER = rf"\d|\b(?:{'|'.join(_NUMBER_WORDS.split())})\b"
_SPAN_UNITS = (
    r"(?:ms|milliseconds?|[smhdw]|secs?|seconds?|mins?|minutes?|hrs?|hours?|days?|nights?|weeks?"
    r"|fortnights?|months?|years?|decades?)"
)
_MONTHS = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_NAMED_THINGS = (
    r"(?:option|setting|switch|flag|parameter|argument|header|variable|file|folder|directory|path"
    r"|field|function|method|class|module|package|library|key|metric|directive|property|attribute"
    r"|endpoint|table|column|type|event|error|signal|scope|role|permission|keyword|tag|label|name"
    r"|port|code|status|extension|format|algorithm|protocol)s?"
)


@dataclass(frozen=True, slots=True)
class AnswerType:
    """One kind of thing that may be asked for."""

    name: str
    asked: str
    """Expression found in a question that asks for it, in lower case."""
    held: str
    """Expression found in a text that holds such a thing."""
    ignores_case: bool = True
    """Whether ``held`` may match in any case."""
    is_sharp: bool = True
    """Whether a text without such a thing can hardly be the answer; many sentences have the shape
    of a step, a definition or a reason, and answers are given in others."""


ANSWER_TYPES: tuple[AnswerType, ...] = (
    AnswerType(
        "span",
        r"\bhow (?:long|often|soon|old|quickly|fast)\b|\bhow many (?:seconds|minutes|hours|days"
        r"|weeks|months|years)\b|\b(?:time ?out|interval|duration|lifetime|longest time)\b",
        rf"\b\d[\d.,]*\s?{_SPAN_UNITS}\b|(?:{_NUMBER})[\s-]{_SPAN_UNITS}\b|\b(?:daily|hourly|weekly"
        r"|monthly|yearly|every|per) ",
    ),
    AnswerType(
        "price",
        r"\b(?:costs?|prices?|fees?|expensive|cheap\w*|pay|paid|(?:bill|charge)d?)\b"
        r"|\bhow much (?:money|is it)\b",
        r"[$\u20ac\u00a3\u00a5]\s?\d|\d\s?[$\u20ac\u00a3\u00a5]|\d[\d.,]*\s?"
        r"(?:usd|eur|gbp|kr|crowns?|dollars?|euros?|pounds?|cents?)\b",
    ),
    AnswerType(
        "amount",
        r"\bhow (?:many|much|large|big|high|low|far|wide|deep|tall|heavy|loud|wet|small|hot|cold"
        r"|expensive)\b|\b(?:what|which) (?:number|size|limit|port|price|cost|value|percentage"
        r"|share|rate|amount|interest|gap|status|code)\b|\b(?:highest|lowest|largest|smallest|biggest"
        r"|most|maximum|minimum)\b|\bcosts?\b",
        _NUMBER,
    ),
    AnswerType(
        "date",
        r"\bwhen\b|\b(?:what|which) (?:date|day|year|month|week|weekday|time|season|century)\b",
        rf"\b\d{{4}}(?:-\d\d-\d\d)?\b|\b{_MONTHS}\b|\b\d{{1,2}}:\d\d\b|\b(?:mon|tues|wednes|thurs|fri"
        r"|satur|sun)days?\b|\b(?:today|tonight|tomorrow|yesterday)\b",
    ),
    AnswerType(
        "version",
        r"\b(?:what|which) (?:version|release)\b|\bsince which\b|\bfixed in\b",
        r"\bv?\d+\.\d+|\b(?:version|release) v?\d",
    ),
    AnswerType(
        "command",
        r"\b(?:what|which) commands?\b|\bcommand (?:to|for|that)\b|\b(?:must|do|should|to|can) (?:i"
        r"|we|you|be|one)? ?(?:run|type|execute|call)\b",
        r"`[^`\n]+ [^`\n]+`|^\s*[$#>] \S|\B--?[a-z][\w-]*|^[a-z][\w.-]* [a-z-]+(?: \S+)*$|\bsudo\b",
        ignores_case=False,
    ),
    AnswerType(
        "identifier",
        rf"\b(?:what|which|what's the|name of the) (?:\w+[ -])?{_NAMED_THINGS}\b",
        r"`[^`\n]+`|\B--?[a-zA-Z][\w-]+|\b\w+_\w+|\b[a-z]+[A-Z]\w*|\b[\w-]+\.[a-z_]\w+|\B/\w+|\b[A-Z]"
        r"\w*-[A-Z][\w-]*|\b[A-Z]{2,}[\w-]*\b|\b\d{2,}\b",
        ignores_case=False,
    ),
    AnswerType(
        "person",
        r"\bwho(?:m|se|'s)?\b|\b(?:what|which) (?:person|man|woman|author|director|actor|singer"
        r"|president|name of the person)\b",
        r"\b[A-Z][\w.'-]+ (?:(?:de|von|van|der|la|le|al|bin|of) ){0,2}[A-Z][\w'-]+",
        ignores_case=False,
    ),
    AnswerType(
        "place",
        r"\bwhere\b|\b(?:what|which) (?:city|town|country|state|county|place|region|village|river"
        r"|street|island|continent|room|building|location)\b",
        r"\b(?:in|at|near|from|of|to|on|under|behind|between) (?:the )?[A-Z/~`][\w./-]*",
        ignores_case=False,
    ),
    AnswerType(
        "steps",
        r"\bhow (?:do|can|should|would|must|did) (?:i|we|you|one)\b|\bhow (?:to|is|are)\b"
        r"|\bsteps\b",
        r"^(?:to |then |first|next|use|run|set|add|click|open|call|create|install|select|enable"
        r"|type|choose|go to|start|stop|change|edit|configure|put|make|specify|pass)\b|\byou can\b"
        r"|\buse\b"
        r"|\bby \w+ing\b|`[^`\n]+`",
        is_sharp=False,
    ),
    AnswerType(
        "definition",
        r"^what(?: is| are|'s)(?: an?)? [\w -]+\?*$|\bwhat does .* (?:mean|stand for|do)\b"
        r"|\bmeaning of\b|\bdefin",
        r"^\W*(?:an? |the )?[\w`*_-]+(?: [\w`*_-]+){0,4} (?:is|are|means?|refers? to|stands? for"
        r"|represents?|defines?|describes?)\b",
        is_sharp=False,
    ),
    AnswerType(
        "reason",
        r"\bwhy\b|\breasons?\b|\bwhat (?:causes?|held up|made)\b",
        r"\b(?:because|since|so that|due to|caused?|causes|reason|therefore|as a result|owing to"
        r"|in order to|otherwise)\b",
        is_sharp=False,
    ),
    AnswerType(
        "default",
        r"\bdefaults?\b|\bout of the box\b|\bunless (?:told|set|given|changed)\b|\bnothing (?:tuned"
        r"|changed|set)\b|\bwithout (?:any )?(?:tuning|setting|configur)|\b(?:leave|left) the"
        r" settings|\bchanged nothing\b|\bnever (?:chose|set|changed)\b"
        r"|\bif (?:i|we) do not (?:give|set)\b",
        r"\bdefaults?(?: value| setting)?(?:\W{0,4}[:=]| is\b| are\b| to\b| was\b)|\bby default\b"
        r"|\(default|\bunless\b|\bif (?:not set|unset|omitted|absent)\b",
    ),
)
"""In the order in which they are looked for; a question may ask for several."""

_WEAKEST = "definition"


@lru_cache(maxsize=128)
def asked_types(question: str) -> tuple[str, ...]:
    """Return the names of the types that a question asks for, in the table's order."""
    text = " ".join(question[:_MOST_QUESTION_CHARS].lower().split())
    names = [row.name for row in ANSWER_TYPES if _compiled(row)[0].search(text)]
    # "What is the ..." may ask for anything: it asks for a definition where it asks for no other.
    return tuple(name for name in names if name != _WEAKEST or len(names) == 1)


def sharp_types(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of some types without which a text is hardly the answer."""
    return tuple(name for name in names if _ROW_OF[name].is_sharp)


def held_share(names: tuple[str, ...], text: str) -> float:
    """Return how many of some types a text holds, as a share of them.

    Args:
        names: Of types that a question asks for.
        text: What a person reads, code marks included where they are known.

    Returns:
        0 to 1; 0 where nothing is asked for.
    """
    if not names:
        return 0.0
    return sum(_holds(name, text) for name in names) / len(names)


# Pages are opened repeatedly, by one search and the next: some ten megabytes of sentences.
@lru_cache(maxsize=16_384)
def _holds(name: str, text: str) -> bool:
    row = _ROW_OF[name]
    if row.ignores_case and text.isascii():  # the same in half of the time
        return _small(row).search(text.lower()) is not None
    return _compiled(row)[1].search(text) is not None


_ROW_OF = {row.name: row for row in ANSWER_TYPES}


@cache
def _compiled(row: AnswerType) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return a row's two expressions; compiling all of them would be felt at every start."""
    flags = re.MULTILINE | (re.IGNORECASE if row.ignores_case else 0)
    return re.compile(row.asked), re.compile(row.held, flags)


@cache
def _small(row: AnswerType) -> re.Pattern[str]:
    """Return what a text in small letters is searched by, of a row that ignores case."""
    return re.compile(row.held, re.MULTILINE)
