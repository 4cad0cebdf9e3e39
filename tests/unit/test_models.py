"""Which model and endpoint each step gets."""

import pytest
from openai_server import OpenAIServer

from generators.errors import NoEndpoint
from generators.models.registry import Models
from generators.models.settings import ModelSettings, resolve
from generators.spec import JobSpec

BOTH = ModelSettings(
    base_url="http://a/v1", api_key="ka", model="big", answer_base_url="http://b/v1", answer_api_key="kb"
)


def test_nothing_set_is_this_machine() -> None:
    assert ModelSettings().is_local("questions", {})
    assert ModelSettings(api_key="k").is_local("questions", {"default": "some.gguf"})
    assert not ModelSettings(api_key="k").is_local("questions", {})


def test_where_an_address_is_set_a_name_that_ends_in_gguf_is_the_endpoints() -> None:
    assert not ModelSettings(base_url="http://a/v1").is_local("questions", {"default": "models/some.gguf"})
    answers = ModelSettings(model="some.gguf", answer_base_url="http://b/v1", answer_model="/m/other.gguf")
    assert answers.is_local("questions", {})
    assert not answers.is_local("answers", {})


def test_the_key_of_one_endpoint_is_never_sent_to_the_other() -> None:
    answers, questions = BOTH.endpoint("answers"), BOTH.endpoint("questions")
    assert answers
    assert questions
    assert (answers.base_url, answers.api_key) == ("http://b/v1", "kb")
    assert (questions.base_url, questions.api_key) == ("http://a/v1", "ka")
    keyless = ModelSettings(base_url="http://a/v1", api_key="ka", answer_base_url="http://b/v1").endpoint(
        "answers"
    )
    assert keyless
    assert keyless.api_key != "ka"


def test_the_nearest_name_wins() -> None:
    settings = ModelSettings(model="set", answer_model="set for answers")
    assert settings.name("questions", {}) == "set"
    assert settings.name("questions", {"default": "of the job"}) == "of the job"
    assert settings.name("answers", {"default": "of the job"}) == "set for answers"
    assert settings.name("answers", {"answers": "of the job's answers"}) == "of the job's answers"


def test_only_a_name_meant_for_it_goes_to_the_answers_endpoint() -> None:
    assert BOTH.name("answers", {"default": "x"}) is None
    assert BOTH.name("answers", {"answers": "y"}) == "y"
    assert BOTH.name("questions", {}) == "big"


def test_the_record_of_a_job_holds_no_key() -> None:
    record = str(resolve(JobSpec.model_validate({"root_id": "x", "add": 1}), BOTH))
    assert "http://b/v1" in record
    assert "ka" not in record
    assert "kb" not in record


async def test_an_endpoint_with_one_model_needs_no_name_and_one_with_two_does(endpoint: OpenAIServer) -> None:
    models = Models(ModelSettings(base_url=endpoint.base_url))
    try:
        assert (await models.of("questions", {})).name == "test-model"
        endpoint.models = ["one", "two"]
        with pytest.raises(NoEndpoint, match="one, two"):
            await models.of("questions", {})
    finally:
        await models.close()


async def test_openai_itself_wants_a_name_and_this_machine_a_file() -> None:
    models = Models(ModelSettings(api_key="k"))
    with pytest.raises(NoEndpoint, match="--model"):
        await models.of("questions", {})
    with pytest.raises(NoEndpoint, match="needs an endpoint"):
        await Models(ModelSettings()).of("questions", {"default": "gpt-x"})
    await models.close()
