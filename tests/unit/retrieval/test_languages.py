import pytest
import Stemmer

from docsearch_cli.retrieval.languages import (
    LANGUAGE_OF_CODE,
    LANGUAGES,
    MOST_VOTING_CHARS,
    elect,
    language_of_word,
    stop_words,
    vote,
)

# The first article of the Universal Declaration of Human Rights, and a plain sentence where it is
# short of function words.
TEXTS = {
    "arabic": "يولد جميع الناس أحرارًا متساوين في الكرامة والحقوق. هذا ما كان من قبل على الأرض.",
    "catalan": "Tots els éssers humans neixen lliures i iguals en dignitat i en drets. Són dotats"
    " de raó i de consciència, i han de comportar-se fraternalment els uns amb els altres.",
    "czech": "Všichni lidé rodí se svobodní a sobě rovní co do důstojnosti a práv. Jsou nadáni"
    " rozumem a svědomím a mají spolu jednat v duchu bratrství. To je tak, že se na to ptá.",
    "danish": "Alle mennesker er født frie og lige i værdighed og rettigheder. De er udstyret med"
    " fornuft og samvittighed, og det er ikke af betydning, hvad der blev sagt.",
    "dutch": "Alle mensen worden vrij en gelijk in waardigheid en rechten geboren. Zij zijn"
    " begiftigd met verstand en geweten, en behoren zich jegens elkander te gedragen.",
    "english": "All human beings are born free and equal in dignity and rights. They are endowed"
    " with reason and conscience and should act towards one another in a spirit of brotherhood.",
    "estonian": "Kõik inimesed sünnivad vabadena ja võrdsetena oma väärikuselt ja õigustelt. Neile"
    " on antud mõistus ja südametunnistus ja nende suhtumist üksteisesse peab kandma vaim.",
    "finnish": "Kaikki ihmiset syntyvät vapaina ja tasavertaisina arvoltaan ja oikeuksiltaan."
    " Heille on annettu järki ja omatunto, ja heidän on toimittava niin, että se on hyvä.",
    "french": "Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont"
    " doués de raison et de conscience et doivent agir les uns envers les autres.",
    "german": "Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit"
    " Vernunft und Gewissen begabt und sollen einander im Geiste der Brüderlichkeit begegnen.",
    "hungarian": "Minden emberi lény szabadon születik és egyenlő méltósága és joga van. Az"
    " emberek egymással szemben testvéri szellemben kell hogy viseltessenek, és ez nem kevés.",
    "indonesian": "Semua orang dilahirkan merdeka dan mempunyai martabat dan hak-hak yang sama."
    " Mereka dikaruniai akal dan hati nurani. Ini adalah untuk itu.",
    "italian": "Tutti gli esseri umani nascono liberi ed eguali in dignità e diritti. Essi sono"
    " dotati di ragione e di coscienza e devono agire gli uni verso gli altri.",
    "lithuanian": "Visi žmonės gimsta laisvi ir lygūs savo orumu ir teisėmis. Jiems suteiktas"
    " protas ir sąžinė ir jie turi elgtis kaip broliai. Tai yra, kad buvo taip.",
    "norwegian": "Alle mennesker er født frie og med samme menneskeverd. De er utstyrt med fornuft"
    " og samvittighet, og det er ikke av betydning hva som ble sagt.",
    "persian": "تمام افراد بشر آزاد به دنیا می‌آیند و از لحاظ حیثیت و حقوق با هم برابرند. همه باید"
    " با یکدیگر برادر باشند.",
    "polish": "Wszyscy ludzie rodzą się wolni i równi pod względem swej godności. Są oni obdarzeni"
    " rozumem i sumieniem. To jest tak, że nie ma tego na świecie.",
    "portuguese": "Todos os seres humanos nascem livres e iguais em dignidade e em direitos."
    " Dotados de razão e de consciência, devem agir uns para com os outros em fraternidade.",
    "romanian": "Toate ființele umane se nasc libere și egale în demnitate și în drepturi. Ele sunt"
    " înzestrate cu rațiune și conștiință și trebuie să se comporte frățește.",
    "russian": "Все люди рождаются свободными и равными в своем достоинстве и правах. Они наделены"
    " разумом и совестью и должны поступать в духе братства.",
    "spanish": "Todos los seres humanos nacen libres e iguales en dignidad y derechos y, dotados"
    " como están de razón y conciencia, deben comportarse fraternalmente los unos con los otros.",
    "swedish": "Alla människor är födda fria och lika i värde och rättigheter. De har utrustats med"
    " förnuft och samvete och bör handla gentemot varandra i en anda av broderskap.",
    "turkish": "Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar. Akıl ve vicdana"
    " sahiptirler ve bu bir örnek için çok daha iyi.",
}


@pytest.mark.parametrize("language", TEXTS)
def test_a_text_is_of_its_language(language):
    assert elect([vote([TEXTS[language]])]) == language


def test_votes_of_documents_add_up():
    one, other = vote([TEXTS["german"]]), vote([TEXTS["english"]])
    together = tuple(a + b for a, b in zip(one, other, strict=True))

    assert elect([one, other, one]) == elect([together, one]) == "german"


def test_a_text_in_pieces_votes_as_a_whole():
    text = TEXTS["french"]

    assert vote([text[:50] + " ", text[50:]]) == vote([text[:50] + " " + text[50:]])


def test_a_long_document_votes_by_its_beginning():
    text = "und " * MOST_VOTING_CHARS

    assert vote([text]) == vote([text * 2]) == vote([text, TEXTS["english"]])


@pytest.mark.parametrize("votes", [[], [vote([])], [vote(["und so"])], [vote(["x 1 ?"])]])
def test_without_evidence_it_is_english(votes):
    assert elect(votes) == "english"


def test_equal_votes_are_for_english():
    german, french = vote(["der " * 9]), vote(["est " * 9])

    assert elect([german, french]) == "english"


def test_every_language_has_a_stemmer():
    assert set(LANGUAGES) <= set(Stemmer.algorithms())


def test_function_words_are_as_they_are_compared():
    words = [word for language in LANGUAGES for word in stop_words(language)]

    assert words == [word.casefold() for word in words]


@pytest.mark.parametrize(
    ("word", "language", "own"),
    [
        ("haus", "german", "german"),
        ("дом", "german", "russian"),
        ("дом", "serbian", "serbian"),
        ("kuća", "serbian", "serbian"),
        ("house", "russian", "english"),
        ("كتاب", "english", "arabic"),
        ("کتاب", "persian", "persian"),
        ("book", "persian", "english"),
        ("किताब", "nepali", "nepali"),
        ("किताब", "none", "hindi"),
        ("שלום", "english", "none"),
        ("ქართული", "english", "none"),
    ],
)
def test_a_word_goes_through_the_stemmer_of_its_script(word, language, own):
    assert language_of_word(word, language) == own


@pytest.mark.parametrize(("code", "name"), LANGUAGE_OF_CODE.items())
def test_a_code_is_that_of_its_language(code, name):
    words = ["Wörter", "houses", "maisons", "casas", "domów", "evler", "дома", "σπίτια", "huizen"]

    assert Stemmer.Stemmer(code).stemWords(words) == Stemmer.Stemmer(name).stemWords(words)


@pytest.mark.parametrize(("words", "language"), [(4, "english"), (5, "german")])
def test_five_function_words_tell_a_language(words, language):
    assert elect([vote(["und " * words])]) == language


def test_a_lone_letter_tells_a_language_unless_it_may_be_a_variable():
    assert elect([vote(["я " * 9])]) == "russian"
    assert elect([vote(["j " * 9])]) == "english"  # of the French "j'ai" as well
