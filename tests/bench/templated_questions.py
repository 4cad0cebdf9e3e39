"""Distinct questions from a few dozen templates, as a generator with little fancy writes them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random

TEMPLATES = (
    "Explain how {a} and {b} interact in {d}, and give an example in which ignoring {a} leads to a"
    " wrong result.",
    "A company in {d} spends {n} dollars on {a} and {m} dollars on {b}. If the cost of {a} grows by {p}"
    " percent a year, after how many years does it exceed {b}?",
    "Design an experiment that tests whether {a} affects {b}. State the hypothesis and a sample size of {n}.",
    "{who} measured {a} at {n} units and {b} at {m} units. Compute the relative change and"
    " interpret it for {d}.",
    "Compare {a} with {b} in the context of {d}. Name at least {k} advantages of each.",
    "Write a Python function that takes a list of {n} measurements of {a} and returns those above {m}.",
    "What ethical issues arise when {a} is used in decisions about {b}?",
    "Trace the historical development of {a} and explain how it shaped {d}.",
    "Outline a lesson plan of {k} sessions that introduces {a} and builds up to {b}.",
    "Given that {a} has a rate of {p} percent and {b} a rate of {q} percent, what is the"
    " probability of both?",
    "Summarise the role of {a} in {d} in no more than {n} words.",
    "How would you explain {a} to a {who2} who knows only {b}?",
    "Critically evaluate the claim that {a} is a special case of {b}.",
    "What are the {k} most important limits of {a} when it is applied to {d}?",
    "A survey of {n} people about {a} found that {p} percent care about {b}. Build a 95 percent interval.",
    "List {k} open problems in {a} and rank them by their importance for {d}.",
    "Derive the relation between {a} and {b}, starting from first principles.",
    "Prove or disprove: if {a} holds, then {b} must hold as well.",
    "In a case study on {a}, {who} observed that {b} rose by {p} percent within {k} weeks. Give"
    " three explanations.",
    "Describe a situation in which {a} and {b} give conflicting advice, and say how an expert in"
    " {d} decides.",
    "Which assumptions does {a} make that {b} does not?",
    "Create a table of the differences between {a} and {b} with respect to cost and accuracy.",
    "How does {a} change when {b} is doubled? Work with a sample of {n}.",
    "Propose a policy on {a} for a town of {n} people.",
    "What would a critic of {a} say about {b}?",
    "Give a step-by-step procedure for {a} with {n} observations.",
    "Which factors determine the success of {a} in {d}?",
    "Suppose that {a} fails. What are the consequences for {b}?",
    "Define {a} and give {k} examples from {d}.",
    "Estimate how many experts in {a} work in a country of {n} million people.",
)
WHO = ("Sofia", "Chen", "Amara", "Viktor", "Leila", "Hannah", "Omar", "Elena", "Kwame", "Mei")
AUDIENCE = ("beginner", "nurse", "lawyer", "farmer", "programmer", "historian", "child", "chemist")


def names_of(file: Path) -> tuple[list[str], list[str]]:
    """Names of concepts and of disciplines: phrases of OpenAlex's topics (CC0), and their subfields."""
    topics = json.loads(file.read_text("utf-8"))
    concepts: dict[str, str] = {}
    for topic in topics:
        for phrase in re.split(r",| and (?=[a-z])|\.", topic["desc"]):
            phrase = phrase.strip()
            if 1 <= len(phrase.split()) <= 4 and len(phrase) > 5:
                concepts.setdefault(phrase.lower(), phrase)
    return list(concepts.values()), sorted({topic["subfield"].lower() for topic in topics})


def templated(count: int, file: Path, seed: int = 1) -> Iterator[tuple[str, tuple[str, ...]]]:
    """This many questions, each with the names of its concepts; no two have the same template and filling."""
    concepts, disciplines = names_of(file)
    chance = Random(seed)
    seen: set[str] = set()
    while len(seen) < count:
        a, b = chance.sample(concepts, 2)
        template = chance.choice(TEMPLATES)
        question = template.format(
            a=a, b=b, d=chance.choice(disciplines), n=chance.randint(20, 5000), m=chance.randint(20, 5000),
            p=chance.randint(2, 90), q=chance.randint(2, 90), k=chance.randint(2, 12), who=chance.choice(WHO),
            who2=chance.choice(AUDIENCE),
        )  # fmt: skip
        if question.lower() not in seen:
            seen.add(question.lower())
            yield question, (a, b) if "{b}" in template else (a,)
