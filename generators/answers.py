"""The answer to a question, from the question alone, often by a cheaper model (GLAN, section 2.4)."""

from generators.llm import ChatModel, Sampling
from generators.parsing import require_text
from generators.prompts import render
from generators.usage import Usage

PROMPTS = ("answers",)
SAMPLING = Sampling(temperature=0.7, top_p=0.95, max_tokens=4096)


async def answer(model: ChatModel, question: str, sampling: Sampling, seed: int | None) -> tuple[str, Usage]:
    """The answer; raises GenerationError, for a cut or empty one too."""
    prompt = render("answers", question=question)
    reply = await model.chat([{"role": "user", "content": prompt}], sampling, seed=seed)
    return require_text(reply), reply.usage
