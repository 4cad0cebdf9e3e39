"""Well-known benchmarks: where they are on the Hugging Face hub, and which columns they have."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class KnownBenchmark:
    """A benchmark on the hub. A file's name begins with its split, or `split` names it for all files.

    `task`: the column that names the part of the benchmark, or empty: then it is the file's folder if there
    are several.
    """

    repository: str
    files: tuple[str, ...]
    """Patterns as of a shell."""
    question: str
    licence: str
    task: str = ""
    split: str = ""


# As published in 2025; the commit that is fetched is kept as the version.
KNOWN: Final[dict[str, KnownBenchmark]] = {
    "arc": KnownBenchmark("allenai/ai2_arc", ("ARC-*/*.parquet",), "question", "CC-BY-SA-4.0"),
    "bbh": KnownBenchmark("lukaemon/bbh", ("*/*.parquet",), "input", "MIT", split="test"),
    "boolq": KnownBenchmark("google/boolq", ("data/*.parquet",), "question", "CC-BY-SA-3.0"),
    "commonsense_qa": KnownBenchmark("tau/commonsense_qa", ("data/*.parquet",), "question", "MIT"),
    "gpqa": KnownBenchmark("Idavidrein/gpqa", ("gpqa_extended.csv",), "Question", "CC-BY-4.0", split="train"),
    "gsm8k": KnownBenchmark("openai/gsm8k", ("main/*.parquet",), "question", "MIT"),
    "hellaswag": KnownBenchmark("Rowan/hellaswag", ("data/*.parquet",), "ctx", "MIT", "activity_label"),
    "humaneval": KnownBenchmark(
        "openai/openai_humaneval", ("openai_humaneval/*.parquet",), "prompt", "MIT", split="test"
    ),
    "ifeval": KnownBenchmark(
        "google/IFEval", ("ifeval_input_data.jsonl",), "prompt", "Apache-2.0", split="train"
    ),
    "math": KnownBenchmark("EleutherAI/hendrycks_math", ("*/*.parquet",), "problem", "MIT"),
    "math500": KnownBenchmark(
        "HuggingFaceH4/MATH-500", ("test.jsonl",), "problem", "MIT", "subject", split="test"
    ),
    "mbpp": KnownBenchmark("google-research-datasets/mbpp", ("full/*.parquet",), "text", "CC-BY-4.0"),
    # Without all/auxiliary_train, which comes from other benchmarks.
    "mmlu": KnownBenchmark(
        "cais/mmlu", ("all/test-*", "all/validation-*", "all/dev-*"), "question", "MIT", "subject"
    ),
    "mmlu_pro": KnownBenchmark("TIGER-Lab/MMLU-Pro", ("data/*.parquet",), "question", "MIT", "category"),
    "openbookqa": KnownBenchmark("allenai/openbookqa", ("main/*.parquet",), "question_stem", "Apache-2.0"),
    "truthfulqa": KnownBenchmark(
        "truthfulqa/truthful_qa", ("generation/*.parquet",), "question", "Apache-2.0", "category"
    ),
    "winogrande": KnownBenchmark(
        "allenai/winogrande",
        ("winogrande_xl/*.parquet", "winogrande_debiased/*.parquet"),
        "sentence",
        "CC-BY",
    ),
}
