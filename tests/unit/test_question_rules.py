"""Questions that need context, by sure and less sure signs, and those that only seem to."""

import json

import pytest

from generators.errors import Unusable
from generators.models.chat import Reply
from generators.quality.questions import flaw
from generators.steps import questions
from generators.usage import Usage
from graph.reasons import Reason


def read(question: str) -> str:
    return questions.read(Reply(json.dumps({"question": question}), "stop", Usage(1, 2, 3)))


@pytest.mark.parametrize(
    "question",
    [
        "As discussed in Session 3, how does debridement change the healing of a wound?",
        "Using the concepts covered in session 2, explain nuclear fusion.",
        "Explain the terms introduced in the syllabus and relate them.",
        "Look at the table below and explain the trend.",
        "How do the key concepts above relate to each other?",
        "Compare the ideas from session 1 and session 4.",
        "According to the syllabus, which steps does wound care have?",
        "Wie in Sitzung 2 gezeigt, entsteht ein Vertrag; erläutern Sie die Annahme.",
        "Comme vu lors de la séance 3, expliquez la photosynthèse.",
        "Según lo estudiado en la sesión 4, explique la división celular.",
        "Which of the following is a characteristic of a main sequence star?",
        "What is osmosis? Select the correct answer.",
        "Welche der folgenden Aussagen beschreibt eine Willenserklärung?",
        "Laquelle des affirmations suivantes décrit la photosynthèse ?",
        "¿Cuál de las siguientes describe la mitosis?",
        "Что из перечисленного описывает фотосинтез?",
        "以下哪一项最好地描述了恒星的演化过程？",
        "次のうち、光の干渉を説明しているものはどれですか。",
        "다음 중 광합성을 설명하는 것은 무엇입니까?",
    ],
)
def test_sure_signs(question: str) -> None:
    found = flaw(question, "Nursing, Wound assessment, Professional obsessions")
    assert found
    assert found.sure
    with pytest.raises(Unusable) as caught:
        read(question)
    assert (caught.value.reason, caught.value.detail) == (found.reason, found.problem)
    assert found.reason in (Reason.not_self_contained, Reason.incomplete)


@pytest.mark.parametrize(
    "question",
    [
        "In session 2 of a therapy, what does the therapist look for?",
        "As we discussed, stars shine by fusion; explain how.",
        "Erläutern Sie Lektion 4 mit eigenen Worten und nennen Sie drei Beispiele.",
        "Consider mitosis, meiosis and fission. Which of the following produces gametes?",
    ],
)
def test_signs_that_are_only_worth_asking_again(question: str) -> None:
    found = flaw(question, "Nursing, Therapy")
    assert found
    assert not found.sure
    assert read(question) == question


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("Which of the following is prime: 4, 5 or 6?", ""),
        ("Which of the following describes a star?\nA) It fuses hydrogen.\nB) It reflects light.", ""),
        ("Which of the following is a gas? (a) iron (b) neon", ""),
        ("Which of the following laws, Kepler's or Newton's, came first?", ""),
        ("次のうち気体はどれですか。ア：鉄、イ：ネオン", ""),
        ("Welche der folgenden Zahlen ist prim: 4, 5, 6?", ""),
        ("How does the session layer of the OSI model open session 1 and session 2?", "Networks, Sessions"),
        ("A teacher plans five sessions. What belongs in lesson 1?", "Education, Lesson planning"),
        ("Design the syllabus of a course on logic.", "Pedagogy, Curriculum"),
        ("What did Darwin discuss in chapter 4 of On the Origin of Species?", "Biology"),
        ("How many sessions did the parliament of 1848 hold?", "History, Parliaments"),
        ("What is covered by a home insurance, and what did the court decide in 1998?", "Law"),
        ("Explain the following terms: tort, contract, trust.", "Law"),
        ("How does a search engine select the best answer to a query?", "Computer Science"),
        ("Explain why the text of a contract counts, and what stands above it.", "Law"),
        ("Erklären Sie, wie eine Sitzung des Parlaments eröffnet wird.", "Politik"),
        ("光の干渉とは何か、二つの例を挙げて説明しなさい。", "物理学"),
        ("What are the key concepts of thermodynamics?", "Physics"),
    ],
)
def test_what_only_looks_so(question: str, topic: str) -> None:
    assert flaw(question, topic) is None
