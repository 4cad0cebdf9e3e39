"""A small deterministic server of the OpenAI protocol, for tests that need exact replies.

Run directly (`python tests/openai_server.py`), it prints its address and serves until it is stopped.
"""

import asyncio
import json
import re
import threading
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

# An answer that only repeats its question would be rejected.
EXPLAINED = (
    " Each of them keeps one quantity fixed, and so the next one has less to settle. Taken in this order "
    "they lead to the result; taken in another, the second step lacks what the first one gives."
)
SESSIONS = 3
CONCEPTS = 4


@dataclass
class Answer:
    """What the server replies to one request."""

    text: str = ""
    status: int = 200
    finish_reason: str = "stop"
    headers: dict[str, str] = field(default_factory=dict)
    code: str | None = None
    delay_s: float = 0.0
    until: threading.Event | None = None
    """Delays the reply until this event is set."""
    content: Any = None
    """Replaces the text, for content that is not text."""
    message: dict[str, Any] | None = None
    """Replaces the whole message."""


@dataclass
class Call:
    """A request as received."""

    body: dict[str, Any]

    @property
    def messages(self) -> list[dict[str, str]]:
        return self.body["messages"]

    @property
    def step(self) -> str:
        """The step, as the method names it; draft for the first turn of subjects and syllabi."""
        form = self.body.get("response_format")
        if form is None:
            if "A reader found these problems in it:" in self.messages[0]["content"]:
                return "refinements"
            return (
                "draft"
                if self.messages[0]["content"].startswith("You are an education expert")
                else "answers"
            )
        properties = form["json_schema"]["schema"]["properties"]
        if "subjects" in properties:
            return "subjects"
        if "names" in properties:
            return "taxonomy"
        if "names" in properties:
            return "taxonomy"
        if "problems" in properties:
            return "critiques"
        if "first" in properties:
            return "judge_pairs"
        if "reasoning" in properties:
            if "first" in properties:
                return "judge_pairs"
            return "judge_answers" if "correct" in properties else "judge_questions"
        return "syllabi" if "sessions" in properties else "questions"

    @property
    def prompt(self) -> str:
        return self.messages[-1]["content"]


def default_reply(call: Call) -> Answer:
    """A well-formed reply that depends only on the request."""
    return Answer(json.dumps(REPLIES[call.step](call)) if call.step in REPLIES else _text(call))


def _text(call: Call) -> str:
    """An answer, or the free text of a first turn, which contains all that the second turn extracts."""
    said = _said(call) if call.step == "draft" else EXPLAINED
    return f"Reply to: {call.prompt[:200]}{said}"


def _said(call: Call) -> str:
    if "Design the syllabus" in call.messages[0]["content"]:
        return "".join(
            f"\n{session['title']}: {', '.join(session['key_concepts'])}"
            for session in _syllabus(call)["sessions"]
        )
    name, taken = _listed(call)
    return "".join(f"\n{name} {taken + n + 1}: First, Second" for n in range(3))


def _listed(call: Call) -> tuple[str, int]:
    """The discipline of a list of subjects, and the number of its subjects that the prompt lists already."""
    name = re.search(r'discipline "([^"]+)"', call.messages[0]["content"])
    return name[1] if name else "?", call.messages[0]["content"].count("\n- ")


def _subjects(call: Call) -> dict[str, Any]:
    name, taken = _listed(call)
    most = call.body["response_format"]["json_schema"]["schema"]["properties"]["subjects"]["maxItems"]
    return {
        "subjects": [
            {
                "subject_name": f"{name} {taken + n + 1}",
                "level": "introductory",
                "subtopics": ["First", "Second"],
            }
            for n in range(min(most, 3))
        ]
    }


def _syllabus(call: Call) -> dict[str, Any]:
    name = re.search(r'subject "([^"]+)"', call.messages[0]["content"])
    subject = name[1] if name else "?"
    return {
        "introduction": f"About {subject}.",
        "objectives": ["Know it"],
        "outcomes": ["Use it"],
        "sessions": [
            {
                "title": f"Session {s + 1} of {subject}",
                "description": f"Part {s + 1}",
                # The last concept of a session is the first of the next one, so that their concepts overlap.
                "key_concepts": [
                    f"Concept {s * (CONCEPTS - 1) + c + 1} of {subject}" for c in range(CONCEPTS)
                ],
            }
            for s in range(SESSIONS)
        ],
    }


def _question(call: Call) -> dict[str, Any]:
    asked = call.messages[0]["content"].split("It must combine")[1].split("\n\n")[0]
    concepts = re.findall(r"^- (.+)$", asked, re.MULTILINE)
    # The number makes questions about the same concepts, drawn from other sessions, differ.
    case = zlib.crc32(call.messages[0]["content"].encode())
    return {"question": f"How do {', '.join(concepts)} fit together in case {case}?"}


REPLIES: dict[str, Callable[[Call], dict[str, Any]]] = {
    "subjects": _subjects,
    "syllabi": _syllabus,
    "questions": _question,
}


class OpenAIServer:
    """Serves on loopback in its own thread. `reply`, `delay_s` and `models` may be set at any time."""

    def __init__(self) -> None:
        self.reply: Callable[[Call], Answer] = default_reply
        self.delay_s = 0.0
        self.models = ["test-model"]
        self.usage: Any = None
        """Replaces the real token counts."""
        self.calls: list[Call] = []
        self.in_flight = 0
        self.most_in_flight = 0
        self._loop = asyncio.new_event_loop()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="openai server", daemon=True)
        self.port = 0

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def steps(self) -> Counter[str]:
        """Number of calls received, by step."""
        return Counter(call.step for call in self.calls)

    def __enter__(self) -> "OpenAIServer":
        self._thread.start()
        self._started.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        runner = self._loop.run_until_complete(self._listen())
        self._started.set()
        self._loop.run_forever()
        self._loop.run_until_complete(runner.cleanup())
        self._loop.close()

    async def _listen(self) -> web.AppRunner:
        app = web.Application(client_max_size=2**24)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_get("/v1/models", self._models)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.port = runner.addresses[0][1]
        return runner

    async def _models(self, _: web.Request) -> web.Response:
        data = [{"id": name, "object": "model", "created": 0, "owned_by": "tests"} for name in self.models]
        return web.json_response({"object": "list", "data": data})

    async def _chat(self, request: web.Request) -> web.Response:
        call = Call(await request.json())
        self.calls.append(call)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await asyncio.sleep(self.delay_s)
            answer = self.reply(call)
            await asyncio.sleep(answer.delay_s)
            while answer.until and not answer.until.is_set():
                await asyncio.sleep(0.02)
            return _response(call, answer, self.usage)
        finally:
            self.in_flight -= 1


def _response(call: Call, answer: Answer, usage: Any) -> web.Response:
    if answer.status != 200:
        error = {"message": answer.text or "an error of the test", "type": "test", "code": answer.code}
        return web.json_response({"error": error}, status=answer.status, headers=answer.headers)
    content = answer.text if answer.content is None else answer.content
    message = answer.message or {"role": "assistant", "content": content}
    counted = {
        "prompt_tokens": sum(len(m["content"].split()) for m in call.messages),
        "completion_tokens": len(answer.text.split()),
        "total_tokens": 0,
    }
    return web.json_response(
        {
            "id": "chatcmpl-test",
            "object": "chat.completion",
            "created": 0,
            "model": call.body["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": answer.finish_reason}],
            "usage": counted if usage is None else usage,
        },
        headers=answer.headers,
    )


if __name__ == "__main__":
    with OpenAIServer() as server:
        print(server.base_url, flush=True)
        threading.Event().wait()
