"""Questions that need context, by sure and less sure signs, and those that only seem to."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.errors import Unusable
from generators.models.chat import Reply
from generators.quality.flaws import Case
from generators.quality.rules import answers
from generators.quality.rules.questions import RULES, findings, flaw
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


# Other kinds of flaws, and what they look like but are not


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        # A figure, a table, a text that is not there.
        ("As shown in Figure 3, the heart has four chambers. Name them.", "not_self_contained"),
        ("In the diagram above, which valve is closed?", "not_self_contained"),
        ("According to the passage, why did the miller leave the village?", "not_self_contained"),
        ("Based on the lecture notes, explain osmosis.", "not_self_contained"),
        ("Beschreiben Sie den Verlauf in der Abbildung unten.", "not_self_contained"),
        ("Welche Größe nennt Tabelle 2? Wie in Abbildung 4 zu sehen ist, wächst sie.", "not_self_contained"),
        ("D'après le texte ci-dessus, pourquoi le meunier part-il ?", "not_self_contained"),
        ("Según la tabla anterior, ¿qué país crece más?", "not_self_contained"),
        ("De acordo com o gráfico acima, qual país cresce mais?", "not_self_contained"),
        ("Secondo il testo riportato sopra, perché il mugnaio parte?", "not_self_contained"),
        (
            "Согласно таблице, приведённой выше, какая страна растёт быстрее? Таблица ниже.",
            "not_self_contained",
        ),
        ("根据上面的图表，哪个国家增长最快？为什么会这样？", "not_self_contained"),
        ("上の図に示された電流の向きはどちらですか。説明しなさい。", "not_self_contained"),
        ("위의 표에 따르면 어느 나라가 가장 빨리 성장합니까?", "not_self_contained"),
        ("وفقا للنص أعلاه، لماذا رحل الطحان عن القرية؟", "not_self_contained"),
        # The course, in the languages that are asked for most.
        (
            "Erklären Sie mit den in der Vorlesung besprochenen Begriffen, was ein Vertrag ist, wie in "
            "dieser Vorlesung.",
            "not_self_contained",
        ),
        ("Expliquez l'osmose avec les notions vues en cours.", "not_self_contained"),
        ("Explica la ósmosis con los conceptos vistos en clase.", "not_self_contained"),
        ("Explique a osmose com os conceitos vistos em aula.", "not_self_contained"),
        ("Spiega l'osmosi con i concetti visti a lezione.", "not_self_contained"),
        ("Объясните осмос с помощью понятий, изученных на прошлом занятии.", "not_self_contained"),
        ("请用第三节课学到的概念解释渗透作用。", "not_self_contained"),
        ("第3回の講義で学んだ概念を用いて浸透を説明しなさい。", "not_self_contained"),
        ("이번 강의에서 배운 개념으로 삼투 현상을 설명하시오.", "not_self_contained"),
        ("اشرح التناضح بالمفاهيم التي تعلمتها في هذه المحاضرة.", "not_self_contained"),
        # What is announced and does not come.
        ("What does the following code print?", "incomplete"),
        ("Given the following data, compute the mean and the median.", "incomplete"),
        ("Read the following passage and identify its theme.", "incomplete"),
        ("Which option best describes mitosis?", "incomplete"),
        ("Lesen Sie den folgenden Text und nennen Sie die These.", "incomplete"),
        ("Que fait le code suivant ?", "incomplete"),
        ("¿Qué imprime el siguiente código?", "incomplete"),
        ("O que o código a seguir imprime?", "incomplete"),
        ("Che cosa stampa il seguente codice?", "incomplete"),
        ("Что выведет следующий код и почему именно это?", "incomplete"),
        ("下列代码输出什么结果？请解释其中的原因。", "incomplete"),
        ("次のコードは何を出力しますか。理由も述べなさい。", "incomplete"),
        ("다음 코드는 무엇을 출력합니까? 이유를 설명하시오.", "incomplete"),
        ("ماذا يطبع الكود التالي ولماذا؟", "incomplete"),
        # No task, or two.
        ("Stellar Evolution and Nucleosynthesis", "no_task"),
        (
            "Photosynthesis turns light into chemical energy. It happens in the chloroplasts of plants.",
            "no_task",
        ),
        ("Sure, here is a question on mitosis.", "no_task"),
        ('{"question": "How does mitosis differ from meiosis?"}', "no_task"),
        ("How does [insert concept] relate to mitosis?", "no_task"),
        ("Question 1: How does mitosis begin? Question 2: Who built the bridge of Mostar?", "no_task"),
    ],
)
def test_other_sure_signs(question: str, reason: str) -> None:
    found = flaw(question)
    assert found
    assert (str(found.reason), found.sure) == (reason, True)
    assert found.span[0] < found.span[1] <= len(question)


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("A table lists 3 apples and 4 pears. What is the sum of the values in the table?", ""),
        ("Consider the following data: 3, 5, 8, 13. What comes next in the table of Fibonacci numbers?", ""),
        (
            "Ann gives a lecture on bees. Which three points were mentioned in the lecture, if she "
            "spoke of wax?",
            "",
        ),
        ("What does the following code print?\n\nprint(2 ** 3)", ""),
        ("What does the function f(x) = x^2 map 3 to? Give the following value: f(4).", ""),
        ("Read the following passage and identify its theme: The mill stood by the river, alone.", ""),
        (
            '"The mill stood by the river, and nobody knew its name." What is the mood of the passage above?',
            "",
        ),
        ("What is a graph in mathematics, and what does the degree sequence given by its vertices tell?", ""),
        (
            "How were logic and rhetoric presented in the syllabus of Bologna around 1300?",
            "History of syllabi",
        ),
        ("What was decided in the second session of the Council of Trent?", ""),
        ("What was discussed in session 3 of the parliament of 1848?", "History of parliaments"),
        ('What does "as an AI" mean when a chatbot says it?', "Artificial intelligence"),
        ("Over the course of evolution, how did the eye develop?", ""),
        ("Which objects in this class of asteroids cross the orbit of the Earth?", ""),
        ('What role did the lecture "Science as a Vocation" play in Weber\'s work?', ""),
        ("Design a course on beekeeping: what belongs in lesson 1, and what in lesson 2?", "Teaching"),
        ("Beschreiben Sie den Kurs eines Schiffes im folgenden Fall: Wind von Norden, Ziel im Westen.", ""),
        ("Décrivez le cours d'eau et ses crues.", "Géographie"),
        ("根据牛顿第二定律，说明下列情况中小车的加速度：质量2千克，合力6牛。", ""),
        ('Write a JSON schema for an object such as {"name": "Ada"} and explain each keyword.', "JSON"),
        ("1. Define osmosis. 2. Explain how osmosis differs from diffusion.", ""),
        ("not ( True ) and ( True ) is", ""),
        ("The capital of Australia is ____.", ""),
        ("Sketch the graph of a function that is continuous and nowhere differentiable.", ""),
        ("Given two vectors in the plane, compute the angle between them.", ""),
        ("Wie viele Sitzungen braucht eine Therapie, und woran erkennt man das?", "Psychotherapie"),
    ],
)
def test_other_legitimate_uses(question: str, topic: str) -> None:
    assert flaw(question, topic) is None


def test_a_definition_asked_for_and_given_is_only_flagged() -> None:
    question = "What is osmosis? Osmosis is the movement of water through a membrane."
    seen = findings(question)
    assert [(flag.rule, flag.reason) for flag in seen.flags] == [("question.own_answer@1", None)]
    assert not seen.flaws
    assert read(question) == question


def test_what_a_rule_does_not_know_it_says() -> None:
    known = "Was ist Osmose? Erklären Sie es an einem Beispiel."
    assert findings(known, language="de").unknown == ("question.own_answer@1",)
    unknown = findings("Mikä on osmoosi ja miten se eroaa diffuusiosta?", language="fi")
    assert set(unknown.unknown) == {rule.id for rule in RULES if rule.known_languages is not None}
    assert not unknown.flaws
    for rule in RULES:
        assert rule.knows("en")
        assert rule.known_languages or rule.id == "question.loop@1"


def test_unchecked_questions_pass() -> None:
    question = "As discussed in Session 3, how does debridement change the healing of a wound?"
    reply = Reply(json.dumps({"question": question}), "stop", Usage(1, 2, 3))
    assert questions.read(reply, checked=False) == question


# Texts on which a pattern that tries every way to match would take seconds.
UNITS = (
    *(
        " ",
        "a",
        "(",
        "[",
        "1. ",
        "the ",
        "session ",
        "in the ",
        "which of ",
        "as covered in ",
        "the following ",
    ),
    *(
        "\n",
        "?",
        ". ",
        "learned ",
        "Figure 1 ",
        "或",
        "第1",
        "다음 ",
        "$",
        "`",
        '"',
        "| ",
        "we learned that in the ",
    ),
)


# All rules together take a second. One that looks at each character from each one before it takes forty, and
# did so unseen while the text was half as long and the time was that of all tests.
@pytest.mark.timeout(20)
@pytest.mark.parametrize("unit", UNITS)
def test_rules_take_linear_time(unit: str) -> None:
    # Matching all ways doubles with each repetition: a few thousand would never end.
    text = unit * (40_000 // len(unit))
    for rule in RULES:
        rule.look(Case(text))
    for rule in answers.RULES:
        rule.look(Case(text, question="What is osmosis, and why does it matter to cells?"))


@given(st.text(max_size=300), st.sampled_from([None, "en", "zh", "fi"]))
@settings(max_examples=150, deadline=None)
def test_rules_take_any_text(text: str, language: str | None) -> None:
    for case in (Case(text, language=language), Case(text, question=text[:100], language=language)):
        for rule in (*RULES, *answers.RULES):
            found = rule.look(case)
            assert found is None or (
                found.rule == rule.id and 0 <= found.span[0] <= found.span[1] <= len(text)
            )


# Written after the rules to try them, and what was missed then; one title was missed and still is.


@pytest.mark.parametrize(
    "question",
    [
        "Using what you learned in the previous module, design a small bridge.",
        "Building on last week's material, derive the wave equation.",
        "Recall the definition given earlier in the unit and apply it to a pulley.",
        "In light of the concepts above, explain how a heat pump works.",
        "As we saw in class, demand curves slope downward. Why?",
        "Per the reading assignment, what were the causes of the war?",
        "Refer to the diagram and label the parts of the heart.",
        "Based on the table below, which country grew fastest?",
        "Consider the following code and explain its output.",
        "Look at the image and describe the rock's texture.",
        "The graph shows a decline after 2008. Explain why.",
        "Choose the correct answer: which planet is largest?",
        "Select all that apply: which of these are mammals?",
        "Given the dataset provided, fit a linear regression.",
        "Read the text and answer the questions that follow.",
        "What does the author mean in line 12?",
        "Complete the sentence with the right form of the verb.",
        "Match each term with its definition.",
        "Fill in the blanks.",
        "In Exercise 3 you found the slope; now find the intercept.",
        "Sure! Here is a challenging question about tides: Why do tides occur twice a day?",
        "Question: [insert topic here]",
        '{"question": "Why is the sky blue?"}',
        "This question tests the student's understanding of entropy.",
        "Explain the difference between key concept 1 and key concept 2.",
        "How does Session 4's topic relate to the Session 2's topic?",
        "Describe how the learning objectives of this subject are met by fieldwork.",
        "Wie in der letzten Vorlesung besprochen, was ist Entropie?",
        "Betrachten Sie die Abbildung und erklären Sie den Verlauf.",
        "Comme vu en cours, expliquez la loi d'Ohm.",
        "Según el texto anterior, ¿qué es la inflación?",
        "根据上述材料,分析其原因。",
        "次の図を見て、答えなさい。",
        "Как обсуждалось на прошлом занятии, что такое энтропия?",
        "Answer the case study questions using the patient's chart provided.",
        "Observez la figure et expliquez la courbe.",
        "Study the map and name three rivers that it shows.",
    ],
)
def test_signs_in_other_words(question: str) -> None:
    found = flaw(question)
    assert found
    assert found.sure


@pytest.mark.parametrize(
    "question",
    [
        "How should a teacher plan the first session of a course on knitting?",
        "What did the previous session of the Diet decide about rice tariffs?",
        "Explain how a diagram of forces helps to solve a problem with a pulley.",
        "Which of the following numbers is prime: 9, 11, 15?",
        "Draw a table of the truth values of p and q, and explain it.",
        "Read this sentence and name its subject: 'The dog that barked ran off.'",
        "Why do graphs with a broken axis mislead their readers?",
        "What does 'in light of the above' mean in a contract?",
        "Complete the sentence with the right verb: 'She ___ to school every day.' (go)",
        "Match each capital with its country: Paris, Rome; France, Italy.",
        "Given a dataset of 1,000 houses with prices and areas, how would you fit a linear regression?",
        "Consider the code `x = [1, 2]; print(x[0])`. What does it print?",
        "How do nurses use a patient's chart during a handover?",
        "What is a syllabus, and how did medieval universities list their lectures?",
        "In chapter 3 of Moby-Dick, whom does Ishmael meet?",
        "A figure skater pulls in her arms. Why does she spin faster?",
        "How can students learn better from lectures?",
        "What is the learning objective in reinforcement learning?",
        "Explain how the image of a candle is formed by a convex lens.",
        "How would you answer a customer who says the text above the form is too small?",
        "Which of these would you choose for a beginner, a guitar or a violin, and why?",
        "Why is the text of a statute read literally?",
        "Describe the passage of the Red Sea in Exodus.",
        "What is the Session Initiation Protocol?",
        "As discussed by Keynes in 1936, why may wages be sticky?",
        "How did the course of the Rhine change in the 19th century?",
        "Was ist eine Vorlesung, und wie unterscheidet sie sich von einem Seminar?",
        "根据牛顿第二定律,计算质量为2千克的物体在10牛力作用下的加速度。",
        "次の数の平均を求めなさい: 3, 5, 7",
        "Erklären Sie anhand einer Skizze, wie eine Wärmepumpe arbeitet.",
        "Examine the graph of y = x^2 and find its vertex.",
        "Look at the table of elements and name a noble gas.",
        "Match the speed of the gear to the engine's speed when you change down: why?",
        "Great, here is what I need: a poem about rain.",
        "Finish the sentence 'To be or not to be'.",
        "Fill in the blank: The capital of France is ____.",
        "Name the principles above which a court places no other.",
        "What does Keats mean in line 5 of 'Ode on a Grecian Urn'?",
        "The table shows that sales were 3, 5 and 8. Which month grew most?",
        "Complete the square for x^2 + 6x.",
    ],
)
def test_what_only_sounds_so(question: str) -> None:
    found = flaw(question)
    assert found is None or not found.sure


# Figures with a number, chat marks and loops


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("Look at Figure 3. Which line shows the spring tide?", "not_self_contained"),
        ("As shown in Fig. 2, tides vary. Why?", "not_self_contained"),
        ("Figure 1 shows a tide. Explain it.", "not_self_contained"),
        ("Use Table 2 to compute the mean tide.", "not_self_contained"),
        ("What does Table 3 tell us?", "not_self_contained"),
        ("In Table 1, which port has the highest tide?", "not_self_contained"),
        ("<|im_start|>user Explain tides.<|im_end|>", "no_task"),
        ("[INST] Explain tides. [/INST]", "no_task"),
        ("Explain tides.</s>", "no_task"),
        ("### Instruction:\nExplain tides.", "no_task"),
        ("<think>I need a question.</think> Explain tides.", "no_task"),
        ("User: Explain tides. Assistant: The moon pulls on the water.", "no_task"),
        ("Explain tides. " * 20, "loop"),
        ("Explain how the moon and the sun " * 12, "loop"),
    ],
)
def test_figures_with_a_number_chat_marks_and_loops(question: str, reason: str) -> None:
    found = flaw(question, "Oceanography", "en")
    assert found
    assert (str(found.reason), found.sure) == (reason, True)


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("Figure 1 of Darwin's book shows a tree. What does it stand for?", "Biology"),
        ("Table 1: 3 m at noon, 4 m at six. Using Table 1, compute the mean tide.", "Oceanography"),
        ("Using Table 1, compute the mean.\n\n| hour | m |\n|---|---|\n| 1 | 3 |", "Oceanography"),
        ("Table 4 has six guests and table 5 has two. How many are there?", "Arithmetic"),
        ("What does <|endoftext|> stand for in the data of a language model?", "Computer science"),
        ("Why are the tags <s>old</s> not used any more?", "Web pages"),
        ("User: logs in. Role: may write. Who may write?", "Security"),
        (
            "Take 2 steps. Turn left. Take 2 steps. Turn left. Take 2 steps. Turn left. Where are you?",
            "",
        ),
        ("Write the refrain as it is: " + "Row, row, row your boat. " * 12, "Music"),
    ],
)
def test_what_only_looks_like_a_figure_a_mark_or_a_loop(question: str, topic: str) -> None:
    found = flaw(question, topic, "en")
    assert found is None or not found.sure, found


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("Using the data, compute the mean.", True),
        ("Given the data, calculate the mean height of the tide.", True),
        ("From the data 3, 5 and 7, compute the mean.", False),
        ("The tide rises by 2 m. Using the information given, find its speed.", False),
        ("How are the data of a census used to plan schools?", False),
    ],
)
def test_data_that_are_not_there_are_worth_asking_again(question: str, found: bool) -> None:
    worst = flaw(question, "Oceanography", "en")
    assert (worst is not None and worst.reason is Reason.incomplete) is found
    assert worst is None or not worst.sure


def test_a_figure_of_a_named_work_is_no_sure_sign() -> None:
    found = flaw("What does Figure 4 show in Galton's essay?", "Statistics", "en")
    assert found is None or not found.sure
