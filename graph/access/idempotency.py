"""What was answered to requests that bore a key, so that a repeat gets the same answer and no second effect.

A request is remembered before it does anything, under a lease that whoever works on it renews. Of one whose
worker died nobody knows what it has done, so it is done again: with the same `seed`, the id of what it may
create, and everything else that a request does is the same the second time.
"""

import base64
import hashlib
import json
import secrets
import zlib
from dataclasses import dataclass

from graph.database import Database
from graph.errors import Conflict
from graph.model import new_id
from graph.queries import load

BEGIN = load("request.begin")
RENEW = load("request.renew")
RECORD = load("request.record")
RELEASE = load("request.release")
CLEAN = load("request.clean")

CLEANED_AT_ONCE = 500


@dataclass(frozen=True)
class Claim:
    """A request that is ours to do."""

    id: str
    worker: str
    seed: str
    """The id of what the request may create: the same however often it is begun."""


@dataclass(frozen=True)
class Answer:
    """What was answered, and what a repeat gets."""

    status: int
    headers: dict[str, str]
    body: bytes


class OtherBody(Exception):
    """The key was used for another request."""


class InProgress(Exception):
    """The first request with this key has not ended."""


def request_id(caller: str, key: str) -> str:
    """Keys belong to who uses them: two callers may use the same."""
    return hashlib.sha256(json.dumps([caller, key]).encode()).hexdigest()


async def begin(database: Database, id_: str, fingerprint: str, lease_s: float) -> Claim | Answer:
    """The kept answer, or the claim to give one; raises OtherBody or InProgress."""
    worker = secrets.token_hex(12)
    params = {"id": id_, "fingerprint": fingerprint, "worker": worker, "lease_ms": int(lease_s * 1000)}
    try:
        [row] = await database.write(BEGIN, seed=new_id(), **params)
    except Conflict:  # two at the same moment: the other was first
        [row] = await database.write(BEGIN, seed=new_id(), **params)
    if row["mine"]:
        return Claim(id_, worker, row["seed"])
    if not row["same"]:
        raise OtherBody
    if row["state"] != "done":
        raise InProgress
    return Answer(row["status"], json.loads(row["headers"]), zlib.decompress(base64.b64decode(row["body"])))


async def renew(database: Database, claim: Claim, lease_s: float) -> None:
    """Says that the request is still worked on."""
    await database.write(RENEW, id=claim.id, worker=claim.worker, lease_ms=int(lease_s * 1000))


async def record(database: Database, claim: Claim, answer: Answer) -> None:
    """Keeps the answer."""
    await database.write(
        RECORD,
        id=claim.id,
        worker=claim.worker,
        status=answer.status,
        headers=json.dumps(answer.headers),
        body=base64.b64encode(zlib.compress(answer.body)).decode(),
    )


async def release(database: Database, claim: Claim) -> None:
    """Gives the claim up without an answer: a repeat does the request again, with the same seed."""
    await database.write(RELEASE, id=claim.id, worker=claim.worker)


async def clean(database: Database, hours: float) -> int:
    """Forgets what is older, in small transactions; how many that were."""
    forgotten = 0
    while True:
        [row] = await database.write(CLEAN, hours=hours, limit=CLEANED_AT_ONCE)
        forgotten += row["forgotten"]
        if row["forgotten"] < CLEANED_AT_ONCE:
            return forgotten
