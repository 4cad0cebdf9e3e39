"""Models of the catalogue are fetched once and completely, from a local stand-in for the hub."""

import dataclasses
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hub import Hub

from generators.errors import NoEndpoint
from generators.models import catalogue
from generators.models.catalogue import CATALOGUE, OpenModel
from generators.models.registry import Models
from generators.models.settings import ModelSettings

pytestmark = pytest.mark.slow

CONTENT = b"GGUF" + bytes(range(256)) * 4096


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as hub:
        yield hub


def model_of(hub: Hub, content: bytes = CONTENT, real: bytes = CONTENT) -> OpenModel:
    revision = "a" * 40
    hub.files[f"people/model/{revision}/small.gguf"] = content
    known = hashlib.sha256(real).hexdigest()
    return OpenModel("small", "1 B", "people/model", revision, "small.gguf", len(real), known, "MIT", "")


def test_every_model_of_the_catalogue_is_pinned():
    assert len(CATALOGUE) >= 4
    sizes = [model.size for model in CATALOGUE.values()]
    assert sizes == sorted(sizes)
    for name, model in CATALOGUE.items():
        assert name == model.name
        assert model.file.endswith(".gguf")
        assert len(bytes.fromhex(model.sha256)) == 32
        assert len(bytes.fromhex(model.revision)) == 20
        assert model.licence
    assert len({model.sha256 for model in CATALOGUE.values()}) == len(CATALOGUE)


def test_a_model_is_fetched_once(hub: Hub, tmp_path: Path):
    model, checked = model_of(hub), list[None]()
    assert not catalogue.is_there(model, tmp_path)
    path = catalogue.fetch(model, tmp_path, hub=hub.address, checking=lambda: checked.append(None))
    assert path.read_bytes() == CONTENT
    assert checked
    asked = len(hub.asked)
    assert catalogue.fetch(model, tmp_path, hub=hub.address) == path
    assert len(hub.asked) == asked


def test_what_is_not_the_file_is_not_kept(hub: Hub, tmp_path: Path):
    model = model_of(hub, CONTENT[:-1] + b"?")
    with pytest.raises(NoEndpoint, match="SHA-256"):
        catalogue.fetch(model, tmp_path, hub=hub.address)
    assert not catalogue.is_there(model, tmp_path)
    assert not catalogue.path_of(model, tmp_path).exists()


def test_a_download_that_was_cut_is_continued(hub: Hub, tmp_path: Path):
    # The hub's client writes in pieces of ten megabytes.
    content = CONTENT * 24
    model = model_of(hub, content, content)
    hub.cut_after = len(content) // 2
    path = catalogue.fetch(model, tmp_path, hub=hub.address)
    assert path.read_bytes() == content
    assert [start for start in hub.starts if start], "what had come was fetched again"


def test_a_hub_that_does_not_have_it_is_said_in_a_line(hub: Hub, tmp_path: Path):
    model = model_of(hub)
    hub.files.clear()
    with pytest.raises(NoEndpoint, match="cannot be fetched") as error:
        catalogue.fetch(model, tmp_path, hub=hub.address)
    assert "\n" not in str(error.value)
    assert not catalogue.is_there(model, tmp_path)


def test_what_does_not_fit_is_not_begun(hub: Hub, tmp_path: Path):
    model = dataclasses.replace(model_of(hub), size=10**18)
    with pytest.raises(NoEndpoint, match="GLAN_MODELS_FOLDER"):
        catalogue.fetch(model, tmp_path, hub=hub.address)
    assert not hub.asked


async def test_a_name_of_the_catalogue_is_a_local_model_once_it_is_there(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    model = model_of(hub)
    monkeypatch.setitem(CATALOGUE, model.name, model)
    models = Models(ModelSettings(model=model.name, models_folder=tmp_path))
    with pytest.raises(NoEndpoint, match="glan model fetch small"):
        await models.of("questions", {})
    path = catalogue.fetch(model, tmp_path, hub=hub.address)
    # The file is not a model, only numbers: the local server says so and names this file.
    with pytest.raises(NoEndpoint, match=str(path)):
        await models.of("questions", {})
