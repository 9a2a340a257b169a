import pytest

from docsearch_cli.explore.intent import IntentInput, detect_intent
from docsearch_cli.explore.sign_words import SIGN_WORDS, joined_question, signs_by_words
from docsearch_cli.retrieval.languages import LANGUAGES


def intent(question, *, best_share=0.8):
    return detect_intent(IntentInput(question, 4, best_share, ()))


TWO_THINGS = [
    "Was hat der kleinere Ofen gekostet, und wie viele Ziegel wurden verbaut?",
    "Wo trage ich die Adresse ein, und mit welchem Befehl prüfe ich sie?",
    "Combien a coûté le petit four, et combien de briques a-t-il fallu ?",
    "Où dois-je inscrire l’adresse, et qu’est-ce que je lance ensuite ?",
    "¿Cuánto costó el horno pequeño y cuántos ladrillos se usaron?",
    "Quanto è costato il forno più piccolo, e quanti mattoni sono serviti?",
    "Qual é o preço por hora do Tobias e o que queria ele pelas vigas do soalho?",
    "Wat kostte de kleinere oven, en hoeveel stenen zijn erin gegaan?",
]
RELATED = [
    "Was ist der Unterschied zwischen der Lizenz und der Ausgabe?",
    "Quelle est la différence entre la licence et l'édition ?",
    "¿Cuál es la diferencia entre la licencia y la edición?",
    "Qual è la differenza tra la licenza e l'edizione?",
    "Qual é a diferença entre a licença e a edição?",
    "Wat is het verschil tussen de licentie en de editie?",
]
WHICH_OF = [
    "Was wird früher aufgegeben, ein Aufruf oder ein Stapel?",
    "Que garde le serveur le plus longtemps, les événements ou le journal ?",
    "¿Qué se guarda más tiempo, los eventos o el registro?",
    "Che cosa si conserva più a lungo, gli eventi o il registro?",
    "O que se guarda mais tempo, os eventos ou o registo?",
    "Wat wordt langer bewaard, de gebeurtenissen of het logboek?",
]
COMPARED = [
    "Wartet ein Webhook länger als eine Senke?",
    "Um webhook espera mais do que um destino?",
    "Wacht een webhook langer dan een sink?",
]
ONE_THING = [
    "Wie viele Scheiben waren zerbrochen, als wir die Schlüssel bekamen?",
    "Wie starte ich den Dienst neu, wenn er länger als 5 Minuten hängt?",
    "Welcher Port muss zwischen den Mitgliedern und Knoten offen sein?",
    "Quel est le plus grand fichier que je peux publier ?",
    "Comment redémarrer le service s'il bloque plus de 5 minutes ?",
    "¿Cuál es el mayor archivo que puedo publicar?",
    "¿Cómo reinicio el servicio y los nodos de un clúster?",
    "Qual è il file più grande che posso pubblicare?",
    "Qual é o maior ficheiro que posso publicar?",
    "Hoe herstart ik de dienst als die langer dan 5 minuten hangt?",
    "Hoe verwijder ik oude bestanden en mappen die niemand meer nodig heeft?",
]


@pytest.mark.parametrize(
    ("questions", "says"),
    [
        (TWO_THINGS, "it asks two things ("),
        (RELATED, "it relates things ("),
        (WHICH_OF, "it asks which of several ("),
        (COMPARED, "it compares ("),
    ],
)
def test_a_sign_in_another_language_is_one_and_said(questions, says):
    for question in questions:
        found = intent(question)
        assert found.mode == "deep", question
        assert not found.unsure, question
        assert found.reason.startswith(says), question


@pytest.mark.parametrize("question", ONE_THING)
def test_a_question_of_one_thing_in_another_language_has_no_sign(question):
    assert intent(question) == intent("Where is it?")


@pytest.mark.parametrize("question", TWO_THINGS)
def test_two_questions_whose_words_are_in_one_place_are_looked_at(question):
    found = intent(question, best_share=1.0)
    assert found.looks
    assert "and it asks two things (" in found.reason


def test_words_of_another_language_say_nothing_in_an_english_question():
    question = "what is the error 'und wie' and the rest of it for"
    assert not list(signs_by_words(question))
    assert not joined_question(question)


def test_words_in_no_language_say_nothing():
    assert not list(signs_by_words("comparar fenwick 78"))


def test_languages_that_hold_as_many_function_words_are_all_asked():
    assert list(signs_by_words("vault de en wat en quantos"))


def test_each_row_is_of_a_language_that_is_told_by_its_words():
    names = [row.language for row in SIGN_WORDS]
    assert len(set(names)) == len(names)
    assert set(names) <= set(LANGUAGES) - {"english"}


def test_a_long_question_takes_no_long_time():
    question = "wie länger als " * 266
    assert list(signs_by_words(question)) == ["it compares ('länger')"]
