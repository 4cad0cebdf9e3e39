"""Flaws of answers that can be seen without a model, and good answers that only look so."""

import asyncio
import json
from pathlib import Path
from typing import Any, cast

import pytest

from generators.errors import CallFailed, Unusable
from generators.method import Sampling
from generators.models.chat import Reply
from generators.models.stop import Stopped
from generators.quality.rules.answers import RULES, findings, flaw
from generators.steps import answers
from generators.usage import Usage
from graph.reasons import Reason, status_of

GOOD = [
    json.loads(line)
    for line in (Path(__file__).parent / "data" / "good_answers.jsonl").read_text("utf-8").splitlines()
]
WHY = "Why does ice float on water?"
ANSWER = "Ice is less dense than water. Its molecules form an open lattice, and so it floats."
SAMPLING = Sampling(0.7, 0.95, 400)


@pytest.mark.parametrize("case", GOOD, ids=lambda case: f"{case['language']}: {case['question'][:40]}")
def test_good_answers_have_no_sure_flaw(case: dict[str, str]) -> None:
    for language in (case["language"], None):
        found = flaw(case["answer"], case["question"], case.get("topic", ""), language)
        assert found is None or not found.sure, found


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"As an AI language model, I have no senses. {ANSWER}", "self_reference"),
        (f"{ANSWER} I'm an AI assistant, so please check this.", "self_reference"),
        (f"As of my last update in 2023, this holds. {ANSWER}", "self_reference"),
        (f"{ANSWER} I was developed by Alibaba Cloud.", "self_reference"),
        ("Als KI-Sprachmodell kann ich das nicht fühlen. Eis ist leichter als Wasser.", "self_reference"),
        ("En tant que modèle de langage, je n'ai pas d'avis. La glace flotte.", "self_reference"),
        ("Como modelo de lenguaje, no tengo opiniones. El hielo flota.", "self_reference"),
        ("Como modelo de linguagem, não tenho opiniões. O gelo flutua.", "self_reference"),
        ("Come modello linguistico, non ho opinioni. Il ghiaccio galleggia.", "self_reference"),
        ("Как языковая модель, я не имею мнения. Лёд плавает.", "self_reference"),
        ("作为一个人工智能语言模型，我没有感受。冰比水轻。", "self_reference"),
        ("私はAI言語モデルですので、感覚はありません。氷は水より軽いです。", "self_reference"),
        ("저는 인공지능 언어 모델이므로 감각이 없습니다. 얼음은 물보다 가볍습니다.", "self_reference"),
        ("أنا نموذج لغوي وليس لدي مشاعر. الجليد أخف من الماء.", "self_reference"),
        ("Es tut mir leid, aber ich kann dabei nicht helfen.", "refused"),
        ("Je suis désolé, mais je ne peux pas répondre.", "refused"),
        ("Lo siento, pero no puedo ayudarte con eso.", "refused"),
        ("抱歉，我无法回答这个问题。", "refused"),
        ("申し訳ありませんが、そのご要望にはお応えできません。", "refused"),
        (f"{ANSWER} This can be shown in an experiment, for which you", "truncated"),
        ("Ice is less dense than water, because its molecules form a lattice, and", "truncated"),
        ("Ice floats:\n\n1. It is less dense.\n2. It has a lattice.\n3.", "truncated"),
        ("Ice floats:\n\n1. It is less dense.\n2. It has a lattice.\n3. It dis", "truncated"),
        ("Run this:\n\n```python\nprint(917 / 1000)", "truncated"),
        ("The ratio of the densities is\n\n\\[ \\frac{917}{1000}", "truncated"),
        (f"{ANSWER}\n\n## Conclusion", "truncated"),
        ("Eis ist leichter als Wasser. Die Moleküle bilden ein Gitter, das mehr Platz", "truncated"),
        ("冰比水轻。水结冰时，分子形成一种结构，它所占的", "truncated"),
        (WHY, "echo"),
        (f"Question: {WHY}", "echo"),
        (f"{WHY} {WHY} {WHY}", "echo"),
        (f"{ANSWER} " + "It floats because it is light. " * 6, "loop"),
        (
            f"{ANSWER}\n" + "".join(f"\n{n}. Look at the lattice again." for n in range(1, 9)),
            "loop",
        ),
        ("冰比水轻。" + "因为水分子形成了一种开放的晶格结构，所以冰浮在水面上，" * 5, "loop"),
        (f"{ANSWER} This was covered in session 2 of the syllabus.", "not_self_contained"),
        (f"According to the syllabus, density decides. {ANSWER}", "not_self_contained"),
        (f"Based on the information provided in the passage, {ANSWER}", "not_self_contained"),
        (f"{ANSWER} The passage does not say more.", "not_self_contained"),
        (f"{ANSWER} The student should now draw the lattice.", "not_self_contained"),
        ("Laut dem Lehrplan ist die Dichte entscheidend. Eis ist leichter.", "not_self_contained"),
        (f"{ANSWER}\n\nHuman: And why does wood float?", "malformed"),
        (f"<|im_start|>assistant\n{ANSWER}", "malformed"),
        (f"{ANSWER} [Insert example here]", "malformed"),
        (json.dumps({"answer": ANSWER}), "malformed"),
    ],
)
def test_sure_flaws(text: str, reason: str) -> None:
    found = flaw(text, WHY)
    assert found
    assert (str(found.reason), found.sure) == (reason, True)
    with pytest.raises(Unusable) as caught:
        answers.read(reply(text), WHY)
    assert (caught.value.reason, caught.value.detail) == (found.reason, found.problem)
    unchecked = answers.begins_with(text, WHY)
    if not unchecked:
        assert answers.read(reply(text), WHY, checked=False) == text.strip()


@pytest.mark.parametrize(
    ("question", "text", "flags"),
    [
        (WHY, f"Based on the information provided, {ANSWER}", ["answer.given@1"]),
        (WHY, f"{ANSWER} That is all the provided context says.", ["answer.given@1"]),
        ("Ice has 917 kg a cubic metre. Does it float?", f"Based on the details given, {ANSWER}", []),
        ("Compare both.\nIce: light\nSteel: heavy", f"From the information provided, {ANSWER}", []),
        (WHY, f"{ANSWER} From the given height, it falls.", []),
    ],
)
def test_an_answer_that_goes_by_what_nobody_gave_is_flagged(
    question: str, text: str, flags: list[str]
) -> None:
    found = findings(text, question, "", "en")
    assert (found.worst, found.flagged) == (None, flags)


def test_an_answer_may_speak_of_the_passage_that_its_question_has() -> None:
    question = 'What does this passage say of its author? "The mill stood by the river, and nobody knew."'
    assert flaw("The passage suggests that the author is a stranger.", question, "", "en") is None


def test_flaws_of_what_was_well_formed_are_rejections() -> None:
    rejected = {reason for reason in Reason if status_of(reason) == "rejected"}
    assert rejected == {
        *(Reason.wrong_language, Reason.repeated_prompt, Reason.not_self_contained, Reason.incomplete),
        *(Reason.no_task, Reason.self_reference, Reason.echo, Reason.loop),
        *(Reason.duplicate, Reason.contaminated, Reason.low_quality, Reason.no_consensus),
        *(Reason.personal_data, Reason.held_out),
    }


def test_what_a_rule_does_not_know_it_says() -> None:
    assert findings(ANSWER, WHY, language="en").unknown == ()
    unknown = findings("Jää kelluu.", "Miksi jää kelluu?", language="fi").unknown
    assert set(unknown) == {rule.id for rule in RULES if rule.known_languages is not None}
    assert set(unknown) < {rule.id for rule in RULES}


# Asked once more


def reply(text: str) -> Reply:
    return Reply(text, "stop", Usage(1, 2, 3))


class Model:
    """A model that replies or raises as scripted."""

    def __init__(self, *script: Reply | Exception) -> None:
        self.script, self.prompts, self.seeds = list(script), list[str](), list[int | None]()

    async def chat(self, messages: Any, sampling: Sampling, *, seed: int | None = None) -> Reply:
        self.prompts.append(messages[-1]["content"])
        self.seeds.append(seed)
        said = self.script.pop(0)
        if isinstance(said, Exception):
            raise said
        return said


def asked(model: Model, **how: Any) -> tuple[str, Usage]:
    return asyncio.run(answers.answer(cast(Any, model), WHY, SAMPLING, 7, **how))


FLAWED = f"As an AI language model, I have no senses. {ANSWER}"


def test_a_flawed_answer_is_asked_for_once_more_with_what_was_wrong() -> None:
    model = Model(reply(FLAWED), reply(ANSWER))
    assert asked(model, language="English") == (ANSWER, Usage(2, 4, 6))
    assert model.prompts[0] == WHY
    assert model.prompts[1].startswith(WHY)
    assert 'it speaks of itself ("As an AI language model")' in model.prompts[1]
    assert len(set(model.seeds)) == 2


def test_an_answer_that_stays_flawed_is_refused_with_the_use_of_both() -> None:
    echoed = reply(WHY)
    with pytest.raises(Unusable) as caught:
        asked(Model(reply(FLAWED), echoed))
    assert (caught.value.reason, caught.value.usage) == (Reason.echo, Usage(2, 4, 6))


@pytest.mark.parametrize(
    ("error", "calls"), [(CallFailed(Reason.server_error, "500"), 1), (Stopped("paused"), 1)]
)
def test_a_second_call_that_fails_leaves_the_first_flaw(error: Exception, calls: int) -> None:
    with pytest.raises(Unusable) as caught:
        asked(Model(reply(FLAWED), error))
    assert (caught.value.reason, caught.value.usage.calls) == (Reason.self_reference, 1)


def test_what_is_switched_off_is_not_done() -> None:
    assert asked(Model(reply(FLAWED)), checked=False) == (FLAWED, Usage(1, 2, 3))
    for script, how in (((reply(FLAWED),), {"again": 0}), ((reply("Sorry, I can't help with that."),), {})):
        model = Model(*script)
        with pytest.raises(Unusable):
            asked(model, **how)
        assert len(model.prompts) == 1


# Written after the rules to try them, and what was missed then.
DANCE = "Bees dance to tell others where food is. The angle shows the direction, the length the distance."
BEES = "Why do honey bees dance before the entrance of their hive?"


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't assist with that request.",
        f"I apologize, but as an AI developed by OpenAI, I am not able to provide this. {DANCE}",
        f"As a large language model trained by Google, I do not have experiences. {DANCE}",
        f"{DANCE} Note that my knowledge cutoff is 2023.",
        f"I don't have access to real-time data, but {DANCE}",
        f"{DANCE}\n\nHuman: What about wasps?\nAssistant: Wasps do not dance.",
        f"{DANCE} <|im_end|>",
        f"[INST] {DANCE}",
        f"### Response:\n{DANCE}",
        f"{DANCE}\n\n[Insert your example here]",
        "Great question! Why do you think honey bees dance?",
        "Bees dance. Bees dance. Bees dance. Bees dance. Bees dance. Bees dance. Bees dance. Bees dance.",
        "1. Food\n2. Food\n3. Food\n4. Food\n5. Food\n6. Food\n7. Food\n8. Food",
        f"{DANCE} They also do so to communicate the presence of a new nest site, which the scouts have",
        "There are three reasons:\n\n1. Food.\n2. Nests.\n3. ",
        "```python\ndef dance(bee):\n    return bee.turn(",
        "The formula is $$\\theta = \\arctan(x",
        f"As mentioned in the syllabus, {DANCE}",
        f"In Session 3 we learned that bees dance. {DANCE}",
        f"Dear student, as covered in class, {DANCE}",
        "Based on the passage, bees dance to tell others where food is.",
        "According to the provided text, bees dance to show the way to food.",
        "The context does not mention why bees dance.",
        '{"answer": "Bees dance to show where food is."}',
        f"<think>The user wants to know about bees.</think> {DANCE}",
        "Answer:",
        "N/A",
        "I cannot answer this question without more information.",
        "Unfortunately, I'm unable to view images, so I can't answer.",
        "Lo siento, como modelo de IA no puedo opinar.",
        "Je suis une intelligence artificielle et je ne peux pas répondre.",
        "作为一个AI助手,我无法回答这个问题。",
        "lorem ipsum dolor sit amet, bees dance.",
    ],
)
def test_signs_in_other_words(text: str) -> None:
    found = flaw(text, BEES, "Zoology, bees")
    assert found
    assert found.sure


@pytest.mark.parametrize(
    "text",
    [
        f"Sure! I'd be happy to help. {DANCE}",
        f"I'm sorry for any confusion. I'm more than happy to help you with that. {DANCE}",
        f"Thank you for your question! I will explain. {DANCE} Let me know if you have more!",
        f"{DANCE} I hope this helps! Let me know if you need more.",
    ],
)
def test_words_for_whoever_asked_are_flags(text: str) -> None:
    found = findings(text, BEES, "Zoology, bees", "en")
    assert (found.worst, found.flagged) == (None, ["answer.chats@1"])


@pytest.mark.parametrize(
    "text",
    [
        DANCE,
        "Bees dance; see von Frisch (1967).",
        "They dance in order to:\n\n- show direction\n- show distance\n- recruit others",
        "Yes.",
        "42",
        "The waggle dance. Its angle to the vertical equals the angle between sun and food.",
        "def dance(bee):\n    return bee.turn(3)",
        "According to von Frisch, the dance tells where food is. The text of his lecture of 1973 says so.",
        "I would tell the owner: 'I'm sorry, but I can't move the hive today.' Then I would explain.",
        "Because sharing pays: a colony whose bees dance finds more food. As a model, take a grid.",
        "First, watch. Then, count. Finally, note the angle.",
        'Bees dance to share; dances dance on, as the poem says: "dance, dance, dance, little lady".',
    ],
)
def test_what_only_sounds_so(text: str) -> None:
    assert findings(text, BEES, "Zoology, bees").flagged == []


def test_a_task_may_ask_for_words_of_a_conversation() -> None:
    asked = "Write a friendly reply to a customer in a chat."
    assert findings("Sure! I'd be happy to help. Let me know if it works.", asked).flagged == []


# Refusals: how they usually begin, and what usually cannot be done.
OPENINGS = (
    *(
        "I'm sorry, but I can't",
        "I'm sorry, I cannot",
        "Sorry, but I can’t",
        "I cannot",
        "I can't",
        "I am unable to",
    ),
    *("Unfortunately, I'm unable to", "I apologize, but I cannot", "I'm really sorry, but I'm not able to"),
)
NOT_DONE = (
    *("help with that", "assist with that", "provide that information", "provide instructions for that"),
    *("answer that", "answer this question", "fulfill this request", "complete this request", "do that"),
    *("comply with that", "discuss that topic", "generate that content", "create content of that kind"),
    *(
        "continue with that",
        "share that information",
        "support that",
        "engage in that",
        "process this request",
    ),
    *("write that", "give advice on that", "offer medical advice", "support this request"),
)


@pytest.mark.parametrize("opening", OPENINGS)
def test_usual_refusals(opening: str) -> None:
    for not_done in NOT_DONE:
        found = flaw(f"{opening} {not_done}.", BEES, "Zoology, bees", "en")
        assert found, not_done
        assert (found.reason, found.sure) == (Reason.refused, True)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("**I'm sorry, but I can't assist with that.**", "en"),
        ("I must decline to answer this question as it may cause harm.", "en"),
        ("I won't be able to help with that request.", "en"),
        ("I apologize, but I don't feel comfortable answering this question.", "en"),
        ("It would be inappropriate for me to answer this question.", "en"),
        ("I do not have enough information to answer this question.", "en"),
        ("This request goes against my guidelines, so I can't continue.", "en"),
        ("Ich kann diese Frage leider nicht beantworten.", "de"),
        ("Entschuldigung, aber das kann ich nicht beantworten.", "de"),
        ("すみませんが、お手伝いできません。", "ja"),
        ("عذراً، لا أستطيع الإجابة على هذا السؤال.", "ar"),
    ],
)
def test_refusals_in_other_words(text: str, language: str) -> None:
    found = flaw(text, BEES, "Zoology, bees", language)
    assert found
    assert (found.reason, found.sure) == (Reason.refused, True)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Write an apology for missing a party.", "I'm sorry, but I can't come tonight: my train is late."),
        (
            "How should a clerk politely decline a refund?",
            "I can't help with that request, but I can offer you a replacement.",
        ),
        (
            "Write a story that begins with a refusal.",
            "I can't help with that, said Anna, and left the room. Then Ben sat down.",
        ),
        ("Translate: Es tut mir leid, aber ich kann nicht kommen.", "I'm sorry, but I can't come."),
        ("What does HAL say when it is told to open the doors?", "I'm afraid I can't do that."),
        ("Make a sentence with the word 'unfortunately'.", "Unfortunately, I cannot swim."),
    ],
)
def test_a_task_may_ask_for_what_sounds_like_a_refusal(question: str, text: str) -> None:
    found = flaw(text, question, "", "en")
    assert found is None or not found.sure
    assert answers.read(reply(text), question) == text


@pytest.mark.parametrize(
    "text",
    [
        "I cannot be divided by any number but one and myself: I am a prime.",
        "I can't support this view, because the experiments of von Frisch show the opposite.",
        "\"I'm sorry, but I can't assist with that\" is what an assistant says if it declines.",
        "Unfortunately, bees cannot do that in the dark.",
        "Sorry is what bees never say. They dance.",
    ],
)
def test_what_only_sounds_like_a_refusal(text: str) -> None:
    assert flaw(text, BEES, "Zoology, bees", "en") is None


@pytest.mark.parametrize("text", ["...", "-", ".", "?!", "```\n```", "```python\n\n```", "…\n\n…"])
def test_an_answer_without_a_word_says_nothing(text: str) -> None:
    found = flaw(text, BEES, "Zoology, bees", "en")
    assert found
    assert (found.reason, found.sure) == (Reason.malformed, True)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("What joins two strings in Python?", "+"),
        ("How is the set without elements written?", "∅"),
        ("What stands before the body of an arrow function?", "=>"),
        ("How do you feel today, without words?", "🙂"),
        ("With which punctuation mark does a sentence end?", "."),
        ("Which sign is that of subtraction?", "-"),
        ("What is 1/0 in the real numbers?", "Undefined."),
        ("What is 0/0 in IEEE 754?", "NaN"),
        ("What stands for a missing value in most databases?", "NULL"),
        ("In Pavlov's terms, what follows a stimulus?", "Response"),
        ("What does the health endpoint of a service return?", '{"status": "ok"}'),
        ("What does the API return for Ada?", '{"name": "Ada"}'),
        ("How do you greet a user by name in a web page with Flask?", "Write Hello {{ user.name }} there."),
        ("How do you show a value in a web page?", "Write Hello {{ message }} there."),
        ("How is a secret used in a build?", "By ${{ secrets.TOKEN }} in its file."),
        ("What is a half?", "It is \\frac{{1}}{{2}} of the whole."),
        ("How is an array of two rows begun in C?", "int a[1][2] = {{1, 2}};"),
        ("Which sets have one set in them?", "The singletons {{a}} and {{b}} have."),
        ("How do you log in to a remote machine?", "Use ssh <your-user>@<your-host> to log in."),
        ("Write a toast for a wedding.", "Good evening. My name is [Your Name], and I know the groom."),
        ("Write a thank-you note to a guest.", "Dear Ben,\nthank you for coming.\n[Your Name]"),
        ("How does Wikipedia mark unsupported claims?", "It says [citation needed] behind them."),
    ],
)
def test_a_right_answer_may_look_like_a_rest(question: str, text: str) -> None:
    found = flaw(text, question, "", "en")
    assert found is None or not found.sure, found


@pytest.mark.parametrize("text", [f"{DANCE} {{{{concept}}}}", f"{DANCE} <your answer>", "Undefined", "N/A"])
def test_what_is_left_of_a_template(text: str) -> None:
    found = flaw(text, BEES, "Zoology, bees", "en")
    assert found
    assert (found.reason, found.sure) == (Reason.malformed, text != "Undefined")


def test_what_is_left_of_a_template_may_not_be_written_in_a_note() -> None:
    found = flaw(f"{DANCE} [Insert example here]", "Write a note on bees.", "", "en")
    assert found
    assert (found.reason, found.sure) == (Reason.malformed, True)


@pytest.mark.parametrize(
    "question",
    [
        "The exam has 60 questions. What does it take to pass?",
        "A paper has 40 marks, of which 60 % are needed. How is it passed?",
        "What is needed for a degree in medicine?",
        "Is it worth a loan to study law?",
    ],
)
def test_an_answer_may_speak_of_the_student_where_its_question_speaks_of_exams(question: str) -> None:
    assert flaw("The student needs 60 % to pass. That is enough.", question, "", "en") is None


def test_degrees_of_heat_are_no_reason_to_speak_of_a_student() -> None:
    found = flaw("The student should heat it. It boils.", "Why does water boil at 100 degrees Celsius?")
    assert found
    assert (found.reason, found.sure) == (Reason.not_self_contained, True)


@pytest.mark.parametrize(
    "text",
    [
        "In a regular expression, `\\[` matches an opening bracket, and `a` itself",
        "The id of the process is printed by `echo $$`",
        "A list is opened with `\\begin{itemize}`",
        "Use this:\n```bash\nkill $$\n```\nIt ends the shell.",
        "Use this:\n```python\nre.split(r'\\[', s)\n```\nIt splits the text.",
        "Use this:\n```latex\n\\begin{document}\n```\nand close it at the end.",
        "```make\nall:\n\techo $$HOME\n```\nThe double dollar escapes it.",
        "In bash, $$ is the id of the process.",
        "The pattern \\[ matches an opening bracket.",
        "In LaTeX, \\begin{itemize} opens a list and \\end closes it.",
        "We divide 180 by 9. The answer is 20 apples",
        "The speed is 5 m/s. The distance is 20 m",
        "It is half of 90. The total cost of the trip is $45 per person",
    ],
)
def test_an_answer_that_only_seems_to_stop(text: str) -> None:
    assert flaw(text, "How is it written, or how much is it?", "", "en") is None


@pytest.mark.parametrize(
    "text",
    [
        "Use this:\n```bash\nkill $$",
        "The formula is $$F = G m",
        "With `x` known, the formula is \\[ F = G",
        "It is so:\n\\begin{align} F &= G",
        "We divide. The answer is that twenty apples",
        "We divide. The answer is 20 because of the",
    ],
)
def test_an_answer_that_stops_all_the_same(text: str) -> None:
    found = flaw(text, "How is it written, or how much is it?", "", "en")
    assert found
    assert (found.reason, found.sure) == (Reason.truncated, True)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Which of these six statements hold?", "1. True\n2. True\n3. True\n4. True\n5. True\n6. True"),
        ("Do these six numbers divide 60?", "yes\nyes\nyes\nyes\nyes\nyes"),
        ("Write a sea shanty with a refrain.", "The sea is wide.\nO carry me home again.\n" * 6),
        ("Write ten times: I will not talk in class.", "I will not talk in class.\n" * 10),
        ("Write 20 repeats of ATG.", "The sequence is " + "ATG" * 20),
        ("Give a DNA sequence that begins with ATGGCC.", "ATGGCC" * 30),
        ("Write 1/3 with 400 digits.", "0." + "3" * 400),
        ("How long is a row of the form?", "Name: " + "_" * 400),
    ],
)
def test_what_is_asked_for_again_and_again_is_no_sure_loop(question: str, text: str) -> None:
    found = flaw(text, question, "", "en")
    assert found is None or not found.sure, found


@pytest.mark.parametrize(
    "text",
    ["a" * 400, "0" * 400, f"{DANCE} " + "!" * 400, "The number is 0." + "3" * 400 + ".", "1. Food\n" * 8],
)
def test_a_row_of_one_sign_is_a_loop(text: str) -> None:
    found = flaw(text, BEES, "Zoology, bees", "en")
    assert found
    assert (found.reason, found.sure) == (Reason.loop, True)


@pytest.mark.parametrize(
    "text", ["1" + "0" * 100, "```\n" + "0" * 400 + "\n```", "| a | b |\n|---|---|\n" + "| | |\n" * 90]
)
def test_a_long_number_code_and_a_table_are_no_loop(text: str) -> None:
    assert flaw(text, BEES, "Zoology, bees", "en") is None
