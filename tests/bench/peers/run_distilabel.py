"""distilabel makes questions and their answers; run by bench_peers.py in an environment that has it."""

import json
import os
import resource
import sys
from time import perf_counter, process_time
from typing import Any


def main() -> None:
    task = json.load(sys.stdin)
    os.environ |= {"HF_HUB_OFFLINE": "1", "DISTILABEL_LOG_LEVEL": "WARNING"}
    run = pipeline(task)
    # Its processes start with each run, so that there is nothing to warm up.
    wall, cpu, below = perf_counter(), process_time(), children_s()
    rows = run()["default"]["train"]
    took = {"seconds": perf_counter() - wall, "cpu_s": process_time() - cpu + children_s() - below}
    count = sum(row["generation"] is not None for row in rows)
    peaks = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(json.dumps({"made": count, "peak_mb": max(peaks) / 1024, **took}), flush=True)


def pipeline(task: dict[str, Any]) -> Any:
    """What runs the pipeline: a step for the questions, a step for the answers."""
    from distilabel.models import OpenAILLM  # pyright: ignore[reportMissingImports]
    from distilabel.pipeline import Pipeline  # pyright: ignore[reportMissingImports]
    from distilabel.steps import LoadDataFromDicts  # pyright: ignore[reportMissingImports]
    from distilabel.steps.tasks import TextGeneration  # pyright: ignore[reportMissingImports]

    def step(name: str, temperature: float, most: int, **mappings: Any) -> Any:
        options = {"temperature": temperature, "top_p": 0.95, "max_new_tokens": most}
        llm = OpenAILLM(
            model="bench-model", base_url=task["base_url"], api_key="none", generation_kwargs=options
        )
        return TextGeneration(name=name, llm=llm, input_batch_size=task["in_flight"], **mappings)

    prompts = [{"instruction": f"{task['prompt']}\n\nsample {n}"} for n in range(task["samples"])]
    with Pipeline(name="bench") as made:
        load = LoadDataFromDicts(data=prompts, batch_size=task["in_flight"])
        questions = step("questions", 1.0, 2048, output_mappings={"generation": "question"})
        answers = step("answers", 0.7, 4096, input_mappings={"instruction": "question"})
        _ = load >> questions >> answers
    return lambda: made.run(use_cache=False)


def children_s() -> float:
    """CPU seconds of the processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
