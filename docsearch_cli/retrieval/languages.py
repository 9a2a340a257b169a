"""Languages: which stemmer a word goes through, and which words say nothing in each.

A document has one language. It is set, or detected by counting *function words*: words such as
"the" and "of", of which every text in a language is full and which carry no subject. A document's
*vote* is the count of them for each language, and a corpus's vote is the sum of its documents'
(``index/document_languages.py`` says what follows from them). A word in a script that its
document's language is not written in goes through the stemmer of its own script.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache

DEFAULT_LANGUAGE = "english"
# Words are taken as they are: for a language that there is no stemmer for.
NO_LANGUAGE = "none"

# English function words only: they carry no subject in any corpus. Question words are among them.
STOP_WORDS = frozenset(
    """a about above after again against all also am an and any are as at be because been before
    being below between both but by can cannot could d did do does doing don down during each few
    for from further had has have having he her here hers herself him himself his how i if in into
    is it its itself just ll m me more most my myself no nor not now of off on once only or other
    our ours ourselves out over own re s same shall she should so some such t than that the their
    theirs them themselves then there these they this those through to too under until up ve very
    was we were what when where which while who whom whose why will with would you your yours
    yourself yourselves""".split()  # noqa: SIM905  a list of 150 strings is worse to read
)

# The most frequent function words of each language that is detected by them, question words
# included; none that is as often a content word, so no list is long.
_FUNCTION_WORDS = {
    "arabic": """من في على إلى الى عن ان أن إن هذا هذه ذلك التي الذي الذين ما ماذا متى كيف لماذا أين
        هل هو هي كان كانت قد لا لم لن مع بين كل أو او ثم كما""",
    "basque": "da eta ez du bat dira zen hau hori izan ere baina edo dute zer nola non nor",
    "catalan": """el la els les un una de del dels al als i o que és són amb per en no es hi ha com
        més però aquest aquesta quan què quin quina on qui seva seu""",
    "czech": """a i v ve na je se že s z ze do o k ke u po pro za by jsou nebo jak jako co kdy kde
        kdo který která které to ten ta ale tak bylo byl také""",
    "danish": """og i er det at en et den til på som med for af de ikke der var har kan vil hvad
        hvordan hvor hvem hvornår hvorfor fra om men eller efter også blev""",
    "dutch": """de het een en van in is dat op te zijn voor met niet aan er om als ook bij naar uit
        maar of wat hoe waar wie wanneer waarom welke door over wordt werd dit deze""",
    "english": """the of and to in is that for it with as was on be by this are from or have an you
        were at not but we which can how what where when""",
    "esperanto": "la kaj de en estas al por ne kiu kio kiel kie kiam ke oni sed aŭ estis ĝi kun",
    "estonian": """ja on ei et see oma kui ka ning mis kes kus kuidas millal miks või aga oli seda
        selle nende ole""",
    "finnish": """ja on ei se että oli ovat mutta tai kun jos myös joka jotka mikä mitä miten missä
        milloin miksi kuka hän sen tämä niin heidän ovatko""",
    "french": """le la les l un une des de du d et à a est sont en dans que qu qui pour par sur pas
        ne n se s ce c cette ces il elle ils elles on au aux avec ou où comme comment quand quel
        quelle quels quelles quoi pourquoi plus mais été était leur leurs j m t y""",
    "german": """der die das den dem des ein eine einer eines einem einen und oder in im ist sind
        war waren zu zum zur von vom mit für auf nicht sich auch an am es er sie wir ich als bei
        wie was wer wann wo warum welche welcher welches wird werden wurde wurden nach aus um aber
        dass""",
    "greek": """και το του η ο της την τα να σε με για από που είναι τον στο στη στην θα δεν οι των
        τι πως πώς πότε πού ποιος ποια ποιο γιατί ένα μια αυτό ως""",
    "hindi": """के में है की को का से और पर यह हैं एक कि ने भी जो था थे थी नहीं तो कर इस क्या कैसे कब कहाँ
        कहां कौन क्यों या वह लिए""",
    "hungarian": """a az és hogy nem is egy van volt ez azt meg csak mint de vagy ki mi mit mikor
        hol hogyan miért melyik el már lehet""",
    "indonesian": """yang dan di dari untuk dengan ini itu pada adalah tidak ke dalam akan oleh atau
        juga apa siapa bagaimana kapan mana mengapa sebagai ada dapat""",
    "irish": "an na agus is ar go ag do bhí tá sé le seo sin cad conas cathain cén nach bhfuil",
    "italian": """il lo la i gli le un uno una di del dello della dei degli delle e è a al alla in
        nel nella da dal dalla che non per con su si sono come quando dove chi cosa quale quali
        perché ma anche più o se ed l d all dell nell""",
    "lithuanian": """ir yra kad į iš su tai bet kaip ar kas kur kada kodėl per apie nuo buvo taip
        jis ji jo""",
    "norwegian": """og i er det at en et den til på som med for av de ikke var har kan vil hva
        hvordan hvor hvem når hvorfor fra om men eller etter også ble seg ei""",
    "persian": """و در به از که این را با است برای آن یک می تا بر هم نیز شد شود هر یا چه چگونه کجا
        چرا کی بود اما های""",
    "polish": """i w z na do nie się jest to że o jak po za od dla przez są oraz lub czy co kiedy
        gdzie kto który która które dlaczego ale był była było jego""",
    "portuguese": """o a os as um uma de do da dos das e é em no na nos nas que para por com não se
        como quando onde quem qual quais são foi ao à mais mas ou seu sua pelo pela porque""",
    "romanian": """și şi în de la cu pe din nu este sunt care ce cum când unde cine un o al a ale să
        se mai pentru prin sau dar fost fi că""",
    "russian": """и в во не на я что с со как а то все он она оно они но по из у за от о об для к ко
        это так же бы или ли где когда кто почему какой какая какие который был была было были до
        при""",
    "serbian": """je i u na se da za od su sa koji koja koje kao što ne ili ali kako kada gde gdje
        ко шта где када како је и у на се да за од су са који која које као што не или али""",
    "spanish": """el la los las un una unos unas de del y o a al en que es son con por para no se lo
        su sus como cómo cuando cuándo donde dónde quién quiénes qué cuál cuáles más pero fue está
        este esta porque""",
    "swedish": """och i är det att en ett den till på som med för av de inte var har kan vad hur vem
        när varför från om men eller efter också blev sig vilken vilket vilka""",
    "turkish": """ve bir bu için ile da de olarak olan çok daha ne nasıl nerede kim hangi ama gibi
        kadar sonra değil var mi mı ya veya neden""",
}  # fmt: skip
# What the installed stemmer has beside these; without a list of words they can only be set.
_OTHERS = ("armenian", "nepali", "sesotho", "tamil", "yiddish")
LANGUAGES = tuple(sorted([*_FUNCTION_WORDS, *_OTHERS]))
ALL_LANGUAGES = (*LANGUAGES, NO_LANGUAGE)
_CODES = (
    "ar hy eu ca cs da nl en eo et fi fr de el hi hu id ga it lt ne no fa pl pt ro ru sr st es sv"
    " ta tr yi"
)
LANGUAGE_OF_CODE = dict(zip(_CODES.split(), LANGUAGES, strict=True))
"""Languages by their ISO 639-1 codes."""
_LANGUAGE_OF_TAG = LANGUAGE_OF_CODE | {"nb": "norwegian", "nn": "norwegian"}
_TAG = re.compile(r"([a-z]{2})(?:[-_.@].*)?")
_WORDS_OF = {name: frozenset(words.casefold().split()) for name, words in _FUNCTION_WORDS.items()}
_STOP_WORDS_OF = _WORDS_OF | {DEFAULT_LANGUAGE: STOP_WORDS}
_NO_WORDS: frozenset[str] = frozenset()

# Where the letters of each script begin; what has no stemmer has no name.
_SCRIPT_STARTS = (
    (0x0000, "latin"), (0x0370, "greek"), (0x0400, "cyrillic"), (0x0530, "armenian"),
    (0x0590, "hebrew"), (0x0600, "arabic"), (0x0700, ""), (0x0750, "arabic"), (0x0780, ""),
    (0x08A0, "arabic"), (0x0900, "devanagari"), (0x0980, ""), (0x0B80, "tamil"), (0x0C00, ""),
    (0x1E00, "latin"), (0x1F00, "greek"), (0x2000, ""),
)  # fmt: skip
_STARTS = tuple(start for start, _ in _SCRIPT_STARTS)
# The scripts that a language is written in, where that is not Latin alone.
_SCRIPTS_OF = {
    "arabic": ("arabic",),
    "armenian": ("armenian",),
    "greek": ("greek",),
    "hindi": ("devanagari",),
    "nepali": ("devanagari",),
    "persian": ("arabic",),
    "russian": ("cyrillic",),
    "serbian": ("cyrillic", "latin"),
    "tamil": ("tamil",),
    "yiddish": ("hebrew",),
}
# Whose stemmer a word goes through if the text's language is written in another script.
_USUAL_OF_SCRIPT = {
    "arabic": "arabic",
    "armenian": "armenian",
    "cyrillic": "russian",
    "devanagari": "hindi",
    "greek": "greek",
    "latin": "english",
    "tamil": "tamil",
}
# A document votes by its beginning: a long one says no more of the language than a short one.
MOST_VOTING_CHARS = 2_000
# A word that stands on every line, as a name or a code, is no sign of a language by itself.
_MOST_VOTES_OF_WORD = 5
# With fewer function words than this a corpus tells nothing.
_LEAST_VOTES = 5
_WORD = re.compile(r"[^\W\d_]+")
# The letters of ASCII as small ones, and a space for everything else.
_LOWER_SPACED = (
    bytes(
        byte if chr(byte).islower() else byte + 32 if chr(byte).isupper() else 32
        for byte in range(128)
    )
    + b" " * 128
)


def stop_words(language: str) -> frozenset[str]:
    """Return the words of a language that are not searched for."""
    return _STOP_WORDS_OF.get(language, _NO_WORDS)


def language_of_word(word: str, language: str) -> str:
    """Return the language whose stemmer a word goes through.

    Args:
        word: In lower case. Its last letter tells its script: stemmers take off endings.
        language: The text's.

    Returns:
        The text's language if the word is in a script of it, else the usual one of its script.
    """
    script = _SCRIPT_STARTS[bisect_right(_STARTS, ord(word[-1])) - 1][1]
    if script in _SCRIPTS_OF.get(language, ("latin",)):
        return language
    return _USUAL_OF_SCRIPT.get(script, NO_LANGUAGE)


def language_named(name: str) -> str | None:
    """Return the language of a name or a tag (``german``, ``de``, ``de-AT``, ``de_DE.UTF-8``)."""
    lower = name.strip().lower()
    if lower in LANGUAGES:
        return lower
    tag = _TAG.fullmatch(lower)
    return _LANGUAGE_OF_TAG.get(tag[1]) if tag is not None else None


def languages_of_words(language: str) -> frozenset[str]:
    """Return every language whose stemmer a word of a text may go through."""
    scripts = _SCRIPTS_OF.get(language, ("latin",))
    others = {own for script, own in _USUAL_OF_SCRIPT.items() if script not in scripts}
    return frozenset(others | {language})


def vote(texts: Iterable[str]) -> tuple[int, ...]:
    """Return a document's vote: how many function words of each language its beginning holds.

    Args:
        texts: Its readable text, in pieces.

    Returns:
        One count for each of ``LANGUAGES``; votes of documents add up to that of a corpus.
    """
    counts = [0] * len(LANGUAGES)
    voters = _voters()
    words: list[str] = []
    left = MOST_VOTING_CHARS
    for text in texts:
        beginning = text[:left]
        if beginning.isascii():  # as _WORD finds them, in a third of the time
            words += beginning.encode().translate(_LOWER_SPACED).decode().split()
        else:
            words += _WORD.findall(unicodedata.normalize("NFKC", beginning).casefold())
        left -= len(text)
        if left <= 0:
            break
    for word, times in Counter(filter(voters.__contains__, words)).items():
        count = min(times, _MOST_VOTES_OF_WORD)
        for place in voters[word]:
            counts[place] += count
    return tuple(counts)


def elect(votes: Iterable[Sequence[int]]) -> str:
    """Return the language of a corpus: English where the votes are too few, or do not tell."""
    counts = [sum(column) for column in zip(*votes, strict=True)]
    most = max(counts, default=0)
    winners = [name for name, count in zip(LANGUAGES, counts, strict=False) if count == most]
    return winners[0] if most >= _LEAST_VOTES and len(winners) == 1 else DEFAULT_LANGUAGE


@cache
def _voters() -> dict[str, tuple[int, ...]]:
    """Return the places in a vote of the languages that a word is a function word of."""
    places: dict[str, list[int]] = {}
    for place, language in enumerate(LANGUAGES):
        for word in _WORDS_OF.get(language, _NO_WORDS):
            # A letter of ASCII alone is as often a name, a list's number, a variable.
            if len(word) > 1 or not word.isascii():
                places.setdefault(word, []).append(place)
    return {word: tuple(found) for word, found in places.items()}
