"""The versions of the prompts of each step, by the hashes of their texts: the last one is today's.

Whoever changes a prompt appends the new hash (a test names it). So a release can say `questions@2`, and what
an earlier glan stored by the hash alone can be told.
"""

VERSIONS: dict[str, tuple[str, ...]] = {
    "subjects": ("78fdad1862fe2178", "b0539cdb79756aaa"),
    "syllabi": ("a6fa828ec3a51bf5", "34503975e0edf9c2"),
    "questions": ("3f92c70a38e64218", "58a0eb825a969bdd"),
    "answers": ("2333fa8cc4841cd1",),
}


def version_of(step: str, *, small: bool = False) -> str:
    """Today's prompts of a step, such as questions@2; `small`: as very small models are asked."""
    return f"{step}@{len(VERSIONS[step])}{'/small' if small else ''}"
