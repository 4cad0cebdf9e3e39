"""Flawed questions and answers made from clean ones, in words of their own: not those of the rules.

Each function takes a clean text and a source of chance and returns a flawed one. What cannot be seen in the
result (an answer cut at the end of a sentence) is not made.
"""

import random
import re
from collections.abc import Callable

Plant = Callable[[str, random.Random], str]

COURSE = (
    "Using what you were taught in lecture {n}, answer this: {q}",
    "{q} Base your response on session {n}.",
    "Recall the material from session {n}. {q}",
    "As you learned in lesson {n}, some rules always hold. {q}",
    "In session {n} you learned the basics of this topic. {q}",
    "{q} Use the concepts covered in session {n}.",
    "{q} Support your answer with examples from the course readings.",
    "Think back to session {n} and the ideas we covered there. {q}",
    "Drawing on the key concepts of this lesson, consider the following problem. {q}",
    "{q} Refer to the syllabus for the definitions.",
    "According to the course materials, some quantities are fixed. {q}",
    "{q} Justify each step with a theorem we studied in class.",
    "With the techniques introduced during the previous lecture in mind, {q}",
    "Apply the method your instructor demonstrated, and answer: {q}",
    "Based on the lecture notes, {q}",
    "{q} Relate your answer to the topics discussed in today's session.",
    "{q} (Hint: look at your notes from Session {n}.)",
    "Building on the previous question, {q}",
    "{q} Your answer should reflect what was said in the second session.",
    "{q} Use only terms defined in this course.",
)
MATERIAL_LOST = (
    "Look at the diagram above. What does it show about {t}?",
    "According to the passage, why does {t} matter?",
    "What trend in {t} can be seen in the table below?",
    "Using the graph provided, describe how {t} changes over time.",
    "As shown in Figure 3, {t} has two phases. Name them.",
    "Study the chart below and summarise what it says about {t}.",
    "Refer to the image above and explain the role of {t}.",
    "Based on the text above, what is the author's view of {t}?",
    "The table above lists properties of {t}; which of them is the largest?",
    "In the passage above, how is {t} described?",
    "Explain the relationship in the accompanying diagram between {t} and time.",
    "What can you conclude about {t} from the figure shown above?",
)
INCOMPLETE = (
    "Which of the following best describes {t}?",
    "Which one of these statements about {t} is false?",
    "Choose the correct option about {t}.",
    "What does the following code print, and how does it relate to {t}?",
    "Given the following data on {t}, compute the mean and the standard deviation.",
    "Read the following excerpt about {t} and identify its main claim.",
    "Fix the bug in the program below, which models {t}.",
    "Select all that apply: properties of {t}.",
    "Analyze the dataset below on {t} and report the median.",
    "Translate the following sentence about {t} into French.",
    "Solve the following equation, which describes {t}.",
    "Which of the options below is a consequence of {t}?",
    "From the following list, pick the causes of {t}.",
    "Complete the function given below so that it computes {t}.",
    "All of the following are true of {t} except which one?",
)
NO_TASK = (
    "{T}: An Introduction",
    "The History of {T}",
    "Here is a question about {t} that combines both concepts.",
    "{T} is a process that happens in several steps. It depends on its surroundings and it is "
    "important for many systems.",
    "Sure! {T} can be explained in three steps.",
    '{{"question": "How does {t} work?"}}',
    '{{"topic": "{t}", "question": "Explain it."}}',
    "How does [insert topic] influence {t}?",
    "Explain the role of [concept 1] in {t}.",
    "The answer is that {t} depends on two factors.",
    "Understanding {T} and Its Applications",
    "The main cause of {t} was a change of climate. This led to a loss of land, and people moved to "
    "the cities.",
    "1. What is the boiling point of water at sea level?\n2. Who painted the ceiling of the Sistine Chapel?",
    "Question 1: How does {t} begin? Question 2: Who wrote the national anthem of Portugal?",
    "How does {t} begin? Also, what is the capital of Mongolia?",
)
TOPICS = (
    *(
        "photosynthesis",
        "the French Revolution",
        "monetary policy",
        "plate tectonics",
        "wound healing",
        "tort law",
    ),
    *(
        "sound waves",
        "the immune system",
        "recursion",
        "supply and demand",
        "soil erosion",
        "the Baroque fugue",
    ),
    *("bee colonies", "stellar evolution", "contract formation", "groundwater flow", "language acquisition"),
)
SELF = (
    "As an AI language model, I do not have personal experience, but here is an answer. {a}",
    "I'm just a language model, so take this with caution. {a}",
    "{a} Please note that my knowledge was last updated in 2023.",
    "As of my last knowledge update, the following holds. {a}",
    "I was trained by OpenAI and can only answer from text. {a}",
    "{a} As an AI, I cannot verify this.",
    "I don't have personal opinions, but many people would say this: {a}",
    "Being an artificial intelligence, I have no access to recent events. {a}",
    "{a} I hope this helps! As a large language model trained by Google, I may make mistakes.",
    "I do not have access to real-time information. {a}",
    "While I cannot browse the internet, I can say this. {a}",
    "My training data ends in 2021, so newer results are missing. {a}",
    "I am Qwen, created by Alibaba Cloud. {a}",
)
FROM_PROMPT = (
    "According to the syllabus, the answer is as follows. {a}",
    "{a} The student should now be able to apply this.",
    "As discussed in session 2, this follows from the definition. {a}",
    "{a} This covers the key concepts mentioned in the syllabus.",
    "This homework question asks for a short argument. {a}",
    "As we learned in this course, it can be shown in a few steps. {a}",
    "Students should begin with the definitions. {a}",
    "{a} For more on this, see lecture 4.",
)
LEFT = (
    "{a}\n\nHuman: Can you give another example?",
    "<|im_start|>assistant\n{a}<|im_end|>",
    "{a}</s>",
    "[INST] {a} [/INST]",
    "### Response:\n{a}",
    "{a}\n\n[Insert example here]",
    "Assistant: {a}",
    "{a}\nUser: Thanks! What about the other case?",
    '{{"answer": "{j}"}}',
)
LOOPING = (
    "It is important to note that every case is different and that there is no single rule for all of them.",
    "The first step is to look at the whole system. The second step is to look at its parts.",
    "and the result is the same as before, ",
    "- Check the input of the process.\n",
)


def _filled(patterns: tuple[str, ...]) -> Plant:
    def plant(text: str, chance: random.Random) -> str:
        topic = chance.choice(TOPICS)
        values = {"q": text, "n": chance.randint(2, 9), "t": topic, "a": text}
        values |= {"T": topic.title(), "j": text.replace('"', "'").replace("\n", " ")}
        return chance.choice(patterns).format(**values)

    return plant


def two_tasks(other: str) -> Plant:
    """Two numbered questions that have nothing to do with each other."""
    return lambda text, chance: f"Question 1: {text}\nQuestion 2: {other}"


def cut(text: str, chance: random.Random) -> str:
    """An answer that stops in the middle of a word or sentence, in its second half."""
    ends = {found.end() for found in re.finditer(r"[.!?:;)\]`*0-9=]+", text)} | {len(text)}
    places = [n for n in range(len(text) // 2, len(text) - 1) if n not in ends and text[n - 1].isalpha()]
    return text[: chance.choice(places)] if places else text[: len(text) // 2] + " and the"


def cut_in_code(text: str, chance: random.Random) -> str:
    """An answer that ends in a code block or formula."""
    return text + chance.choice(
        (
            "\n\n```python\ndef area(r):\n    return 3.14 * r",
            "\n\n\\[ E = mc^2",
            "\n\n$$ x = \\frac{1}{2}",
            "\n\n1. First.\n2.",
        )
    )


def looped(text: str, chance: random.Random) -> str:
    """An answer that gets stuck."""
    unit = chance.choice((*LOOPING, text.split(". ")[-1][:200] + " "))
    return f"{text} " + (unit if unit.endswith((" ", "\n")) else unit + " ") * chance.randint(4, 12)


def counting(text: str, chance: random.Random) -> str:
    """An answer that gets stuck in a numbered list."""
    unit = chance.choice(
        ("Define the main terms of the problem.", "Repeat the measurement with another sample and compare.")
    )
    return text + "\n" + "".join(f"\n{n}. {unit}" for n in range(1, chance.randint(8, 20)))


QUESTIONS: dict[str, Plant] = {
    "refers to the course": _filled(COURSE),
    "refers to what is lost": _filled(MATERIAL_LOST),
    "announces and brings nothing": _filled(INCOMPLETE),
    "no task": _filled(NO_TASK),
}
ANSWERS: dict[str, Plant] = {
    "speaks of itself": _filled(SELF),
    "speaks of the prompt": _filled(FROM_PROMPT),
    "template remains": _filled(LEFT),
    "cut in a sentence": cut,
    "cut in code, formula, list": cut_in_code,
    "loops": looped,
    "counts on": counting,
}
# In other words, written after the rules.
MORE: dict[str, Plant] = {
    "refers to the course, in other words": _filled(
        (
            "Review what we covered in session {n}, then answer: {q}",
            "{q} Explain with reference to the material presented in lecture {n}.",
            "In light of what you studied in the previous lesson, {q}",
            "{q} Use the definitions from your course notes.",
            "Our last class introduced a useful method. {q} Apply the method from our last class.",
            "Consider the key concepts outlined in the syllabus. {q}",
            "{q} Explain your reasoning in terms of the principles taught in Session {n}.",
            "Using the framework discussed in class, {q}",
            "Following the approach presented in lesson {n}, solve this problem. {q}",
            "{q} Give an example that was not mentioned in the course.",
            "After completing lectures {n} and 10, you know the theory. {q}",
            "Summarise the main points of this lecture on {t}.",
        )
    ),
    "refers to what is lost, in other words": _filled(
        (
            "What does the diagram below tell us about {t}?",
            "Based on the information in the chart above, is {t} increasing?",
            "The passage below discusses {t}. What is its main idea?",
            "From the table provided, determine which factor affects {t} most.",
            "Examine the picture shown and identify the part that stands for {t}.",
            "How does the author of the text above explain {t}?",
            "Refer to Table 2. How does {t} vary between the groups?",
            "The graph below shows {t} over ten years. When was the peak?",
        )
    ),
    "announces and brings nothing, in other words": _filled(
        (
            "Which of the following statements about {t} is correct?",
            "Debug the following Python code, which simulates {t}.",
            "Calculate the variance of the following numbers.",
            "Summarize the following article on {t} in two sentences.",
            "Which of these is not a feature of {t}?",
            "Select the best answer: what causes {t}?",
            "Identify the error in the code snippet below.",
            "Rewrite the following paragraph on {t} in plain language.",
            "Given the dataset above, fit a line and report its slope.",
            "Choose the statement that best describes {t} from the options below.",
        )
    ),
    "no task, in other words": _filled(
        (
            "Principles of {T}",
            "{T} refers to the way in which systems respond to change. It is studied in many fields.",
            "Certainly! Here's a question that links both sessions.",
            "Answer: {t} leads to a loss of energy.",
            '{{"question": "Describe {t} in your own words."}}',
            "Describe the effect of <insert concept> on {t}.",
            "The role of {t} in the economy has been debated for years. Some say it is small, and "
            "others say it is large.",
            "Task 1: Explain {t}. Task 2: Compose a limerick on Icelandic ponies.",
        )
    ),
}

# In others again.
LAST: dict[str, Plant] = {
    "refers to the course, once more": _filled(
        (
            "{q} Compare your result with the example from lesson {n}.",
            "Remember the definitions given in lecture {n}. {q}",
            "{q} Use the terminology of this course.",
            "Considering what the class learned in week {n}, {q}",
            "Which ideas from session {n} help you to answer this? {q}",
            "{q} Explain it with the theories that were presented in the seminar.",
            "Explain how the topics of sessions {n} and 10 belong together.",
            "The syllabus mentions {t}. Why is it important?",
        )
    ),
    "refers to what is lost, once more": _filled(
        (
            "In the figure below, where does {t} begin?",
            "Describe what is happening in the photograph above with regard to {t}.",
            "What evidence does the passage above give for {t}?",
            "Use the map provided to locate the centres of {t}.",
            "As the table above shows, {t} differs between regions. Which region is first?",
            "See Figure 5. Which part of {t} is marked in red?",
        )
    ),
    "announces and brings nothing, once more": _filled(
        (
            "Which of the following is not related to {t}?",
            "Explain what the following function does.",
            "Find the median of the data below.",
            "Read the passage below on {t} and answer in one sentence.",
            "Which of the following conclusions about {t} follows?",
            "Correct the mistakes in the following sentence about {t}.",
            "Pick the right answer from the choices given.",
            "Simplify the following expression.",
        )
    ),
    "no task, once more": _filled(
        (
            "A Brief Overview of {T}",
            "{T} was first described in the last century. Since then it has been studied by many people.",
            "Of course! The following is a question about {t}.",
            '{{ "question" : "What drives {t}?" }}',
            "What is the link between [topic] and {t}?",
            "Solution: {t} depends on the temperature.",
            "Question 1: Define {t}. Question 2: Name three rivers of Siberia.",
        )
    ),
}
