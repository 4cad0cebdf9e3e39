"""Prompts: their versions follow their texts, and their forms contain nothing that could pass for content."""

import json
import re

import pytest

from generators.method import EVERY_STEP, AnyStep
from generators.prompts import prompt_hash, source
from generators.prompts.versions import VERSIONS, version_of

# Text between quotation marks in a form: names of fields, or dots.
QUOTED = re.compile(r'"([^"{}\n]*)"')


@pytest.mark.parametrize("step", EVERY_STEP)
def test_a_prompt_that_was_changed_has_a_new_version(step: AnyStep) -> None:
    assert VERSIONS[step][-1] == prompt_hash(*EVERY_STEP[step].prompts), (
        f"the prompts of {step} were changed: append their hash to VERSIONS"
    )
    assert len(set(VERSIONS[step])) == len(VERSIONS[step])


def test_a_version_names_its_step_and_whether_the_model_was_small() -> None:
    assert version_of("answers") == "answers@1"
    assert version_of("questions", small=True) == f"questions@{len(VERSIONS['questions'])}/small"


@pytest.mark.parametrize("name", sorted({name for method in EVERY_STEP.values() for name in method.prompts}))
def test_no_prompt_has_an_example_with_content(name: str) -> None:
    text = source(name)
    assert "for example" not in text
    assert "e.g." not in text
    fields = set(re.findall(r'"(\w+)": ', text))
    assert {word for line in _forms(text) for word in QUOTED.findall(line)} <= fields | {"..."}


def _forms(text: str) -> list[str]:
    """The lines of a prompt that show the form of a reply."""
    return [line for line in text.splitlines() if '{"' in line]


def test_forms_are_json_with_dots_in_place_of_words() -> None:
    names = ("taxonomy_extract", "taxonomy_extract_small", "subjects_extract", "syllabi_extract")
    for name in (*names, "syllabi_extract_small"):
        [form] = _forms(source(name))
        assert json.loads(form.replace(", ...]", "]"))
