"""The catalogue of small open models that run on this machine, and how their files are fetched.

Each is one GGUF file at a fixed revision, with the size and SHA-256 given in its publisher's repository on
the Hugging Face hub. It is fetched once, by huggingface_hub, which resumes interrupted downloads.
"""

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from generators.errors import NoEndpoint
from graph.text import first_line

CHUNK = 1 << 20


@dataclass(frozen=True)
class OpenModel:
    """A model of the catalogue; `size` in bytes."""

    name: str
    parameters: str
    repository: str
    revision: str
    file: str
    size: int
    sha256: str
    licence: str
    note: str


def _model(name: str, parameters: str, place: str, size: int, sha256: str, note: str) -> OpenModel:
    repository, revision, file = place.replace("@", " ").replace(":", " ").split()
    return OpenModel(name, parameters, repository, revision, file, size, sha256, "Apache-2.0", note)


CATALOGUE: dict[str, OpenModel] = {
    model.name: model
    for model in (
        _model(
            "smollm2-1.7b",
            "1.7 B",
            "HuggingFaceTB/SmolLM2-1.7B-Instruct-GGUF@2d4a76a30b4af41ecd395c35725ac11688d4cfe4"
            ":smollm2-1.7b-instruct-q4_k_m.gguf",
            1_055_609_536,
            "decd2598bc2c8ed08c19adc3c8fdd461ee19ed5708679d1c54ef54a5a30d4f33",
            "English",
        ),
        _model(
            "qwen2.5-1.5b",
            "1.5 B",
            "Qwen/Qwen2.5-1.5B-Instruct-GGUF@91cad51170dc346986eccefdc2dd33a9da36ead9"
            ":qwen2.5-1.5b-instruct-q4_k_m.gguf",
            1_117_320_736,
            "6a1a2eb6d15622bf3c96857206351ba97e1af16c30d7a74ee38970e434e9407e",
            "29 languages",
        ),
        _model(
            "granite-3.3-2b",
            "2.5 B",
            "ibm-granite/granite-3.3-2b-instruct-GGUF@7cdf86ccd1f1bb3491c9b7017b033f2e51367397"
            ":granite-3.3-2b-instruct-Q4_K_M.gguf",
            1_545_303_328,
            "ac71e9e32c0bea919b409c5918f69ca74339854b0319c5065e4e9fb6d95c4852",
            "12 languages",
        ),
        _model(
            "qwen3-4b",
            "4 B",
            "Qwen/Qwen3-4B-GGUF@bc640142c66e1fdd12af0bd68f40445458f3869b:Qwen3-4B-Q4_K_M.gguf",
            2_497_280_256,
            "7485fe6f11af29433bc51cab58009521f205840f5b4ae3a32fa7f92e8534fdf5",
            "thinks before it answers; over 100 languages",
        ),
        _model(
            "qwen3-8b",
            "8 B",
            "Qwen/Qwen3-8B-GGUF@7c41481f57cb95916b40956ab2f0b139b296d974:Qwen3-8B-Q4_K_M.gguf",
            5_027_783_488,
            "d98cdcbd03e17ce47681435b5150e34c1417f50b5c0019dd560e4882c5745785",
            "thinks before it answers; over 100 languages",
        ),
    )
}
"""Models by the name that --model and GLAN_MODEL take, the smallest first."""


def path_of(model: OpenModel, folder: Path) -> Path:
    """The path of a model's file in the folder of models."""
    return folder / model.file


def is_there(model: OpenModel, folder: Path) -> bool:
    """Whether the file exists in full size; its hash was checked when it was fetched."""
    path = path_of(model, folder)
    return path.is_file() and path.stat().st_size == model.size


def weights_of(name: str, folder: Path) -> Path:
    """The file of a catalogue model. If it is missing, raises NoEndpoint with the command that fetches it."""
    model = CATALOGUE[name]
    if not is_there(model, folder):
        raise NoEndpoint(f"the model {name} is not on this machine; `glan model fetch {name}` gets it")
    return path_of(model, folder)


def fetch(
    model: OpenModel,
    folder: Path,
    *,
    hub: str | None = None,
    checking: Callable[[], None] = lambda: None,
) -> Path:
    """The file of a model, fetched if missing. Raises NoEndpoint if that fails; a wrong file is not kept.

    On a terminal the hub's client shows a progress bar. `hub`: the address of another hub, which HF_ENDPOINT
    can name too. `checking` is called before the hash is computed, which takes seconds.
    """
    if is_there(model, folder):
        return path_of(model, folder)
    import huggingface_hub
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < model.size:
        raise NoEndpoint(
            f"{model.name} takes {model.size / 1e9:.1f} GB and {folder} has {free / 1e9:.1f} GB free; "
            "make room, or set GLAN_MODELS_FOLDER"
        )
    hf_hub_download = cast(Any, huggingface_hub).hf_hub_download
    try:
        fetched = Path(
            hf_hub_download(
                model.repository,
                model.file,
                revision=model.revision,
                local_dir=folder,
                endpoint=hub,
            )
        )
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise NoEndpoint(
            f"{model.name} cannot be fetched from {hub or 'the Hugging Face hub'}: {first_line(error)}. What "
            "came so far is kept; run the command again, or name a .gguf file that you have with --model"
        ) from error
    checking()
    if fetched.stat().st_size != model.size or _sha256(fetched) != model.sha256:
        fetched.unlink()
        raise NoEndpoint(
            f"{model.name} as fetched is not the file that its publisher put there (SHA-256 differs); "
            "nothing of it was kept. Something on the way changes files: try another network"
        )
    return fetched


def _sha256(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            found.update(chunk)
    return found.hexdigest()
