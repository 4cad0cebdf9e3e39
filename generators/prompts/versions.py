"""The prompt versions of each step, as hashes of their texts; the last one is current.

When you change a prompt, append its new hash (a test prints it). So a release can say `questions@2`, and the
version of data that an earlier glan stored with only the hash can be found.
"""

VERSIONS: dict[str, tuple[str, ...]] = {
    "taxonomy": ("5e36d3594b486b93", "0271721b84e1431f"),
    "subjects": ("78fdad1862fe2178", "b0539cdb79756aaa"),
    "syllabi": ("a6fa828ec3a51bf5", "34503975e0edf9c2"),
    "questions": ("3f92c70a38e64218", "58a0eb825a969bdd"),
    # Questions that combine two syllabi.
    "questions_cross": ("958c8a7f5176cfe6",),
    "answers": ("2333fa8cc4841cd1",),
    # The part of the questions' prompt that only jobs with dials have.
    "dials": ("708e3af212ede13d",),
    # In place of the answers' prompt where several answers are held against each other.
    "answers_final": ("f208740a3f74fb9f",),
    "judge_questions": ("88ba511be10c7d8c",),
    "rival_answers": ("2333fa8cc4841cd1",),
    "judge_answers": ("75a25a423b581d8e",),
    "critiques": ("ae2b7f4c68a5a2dc",),
    "refinements": ("8c01bedf2880eab9",),
    "judge_pairs": ("b825dd7b06d64022",),
}


def version_of(step: str, *, small: bool = False, dials: bool = False) -> str:
    """The current prompt version of a step, such as questions@2, or questions@2+dials@1 with dials.

    `small`: for very small models.
    """
    part = f"+{version_of('dials')}" if dials else ""
    return f"{step}@{len(VERSIONS[step])}{part}{'/small' if small else ''}"
