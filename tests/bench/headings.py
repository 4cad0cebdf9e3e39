"""Made headings, as many as asked for: names and a hierarchy like those of a library's subject headings.

Half of them stand under one or two others, some are subdivided ("Glass painting--Congresses"), and there are
three statements per heading on average, as in the Library of Congress Subject Headings.
"""

import random
from collections.abc import Iterator

SKOS = "http://www.w3.org/2004/02/skos/core#"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
BASE = "http://example.org/headings/sh"
SCHEME = "http://example.org/headings/scheme"
FIRST = [
    "Glass",
    "River",
    "Theory of",
    "Medieval",
    "Organic",
    "Applied",
    "Folk",
    "Marine",
    "Urban",
    "Solar",
    "Public",
]
SECOND = [
    "painting",
    "ecology",
    "numbers",
    "law",
    "chemistry",
    "music",
    "geology",
    "housing",
    "energy",
    "finance",
]
LAST = ["Congresses", "History", "Dictionaries", "Periodicals", "Law and legislation", "Early works to 1800"]


def statements(count: int, seed: int = 7) -> Iterator[str]:
    """Lines of N-Triples about this many headings."""
    chance = random.Random(seed)
    for n in range(count):
        this = f"<{BASE}{n:09}>"
        name = f"{chance.choice(FIRST)} {chance.choice(SECOND)} {n}"
        if n % 5 == 4:
            name += f"--{chance.choice(LAST)}"
        yield f"{this} <{TYPE}> <{SKOS}Concept> .\n"
        yield f'{this} <{SKOS}prefLabel> "{name}"@en .\n'
        if n % 4 == 0:
            yield f'{this} <{SKOS}altLabel> "{chance.choice(SECOND).title()}, {name}"@en .\n'
        if n % 4 == 1:
            yield f"{this} <{SKOS}inScheme> <{SCHEME}> .\n"
        for _ in range(chance.choice((0, 0, 1, 2)) if n else 0):
            yield f"{this} <{SKOS}broader> <{BASE}{chance.randrange(n):09}> .\n"
