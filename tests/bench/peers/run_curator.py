"""Curator makes questions and their answers; run by bench_peers.py in an environment that has it."""

import json
import os
import resource
import sys
import tempfile
from importlib import util
from pathlib import Path
from time import perf_counter, process_time
from typing import Any


def main() -> None:
    task = json.load(sys.stdin)
    os.environ |= {"OPENAI_API_KEY": "none", "TELEMETRY_ENABLED": "0", "CURATOR_DISABLE_RICH_DISPLAY": "1"}
    # tiktoken would fetch its table; litellm brings the same file along.
    spec = util.find_spec("litellm")
    assert spec
    assert spec.origin
    os.environ["TIKTOKEN_CACHE_DIR"] = str(Path(spec.origin).parent / "litellm_core_utils" / "tokenizers")
    with tempfile.TemporaryDirectory() as cache:
        os.environ["CURATOR_CACHE_DIR"] = cache
        made(task, "warm up", task["warm_up"])
        wall, cpu = perf_counter(), process_time()
        count = made(task, "sample", task["samples"])
        took = {"seconds": perf_counter() - wall, "cpu_s": process_time() - cpu}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"made": count, "peak_mb": peak, **took}), flush=True)


def made(task: dict[str, Any], name: str, count: int) -> int:
    """How many samples were made."""
    questions = asked(task, 1.0, 2048, [f"{task['prompt']}\n\n{name} {n}" for n in range(count)])
    return len(asked(task, 0.7, 4096, questions))


def asked(task: dict[str, Any], temperature: float, most: int, prompts: list[str]) -> list[str]:
    """A reply to each prompt."""
    from bespokelabs import curator  # pyright: ignore[reportMissingImports]

    llm = curator.LLM(
        model_name="bench-model",
        backend="openai",
        generation_params={"temperature": temperature, "top_p": 0.95, "max_tokens": most},
        backend_params={
            "base_url": task["base_url"],
            "max_concurrent_requests": task["in_flight"],
            # It holds itself back by limits of requests and tokens, which the endpoint does not have.
            "max_requests_per_minute": 10**7,
            "max_tokens_per_minute": 10**10,
        },
    )
    return [row["response"] for row in llm(prompts).dataset]


if __name__ == "__main__":
    main()
