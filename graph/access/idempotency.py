"""Answers to requests that carried a key, kept so that a repeat gets the same answer and no second effect.

A request is recorded before it does anything, under a lease that its worker renews. If the worker dies, it
is unknown how far the request got, so it is run again with the same `seed`, the id of whatever it may create;
everything else that a request does has the same result the second time.
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
    """The right to run a request, held by one worker."""

    id: str
    worker: str
    seed: str
    """The id of whatever the request may create; stays the same however often the request is started."""


@dataclass(frozen=True)
class Answer:
    """The answer to a request, which a repeat gets as well."""

    status: int
    headers: dict[str, str]
    body: bytes


class OtherBody(Exception):
    """The key was already used for a different request."""


class InProgress(Exception):
    """The first request with this key has not finished."""


def request_id(caller: str, key: str) -> str:
    """The id of a request. It is made from caller and key, so two callers may use the same key."""
    return hashlib.sha256(json.dumps([caller, key]).encode()).hexdigest()


async def begin(database: Database, id_: str, fingerprint: str, lease_s: float) -> Claim | Answer:
    """Returns the kept answer, or a claim to produce it. Raises OtherBody or InProgress."""
    worker = secrets.token_hex(12)
    params = {"id": id_, "fingerprint": fingerprint, "worker": worker, "lease_ms": int(lease_s * 1000)}
    try:
        [row] = await database.write(BEGIN, seed=new_id(), **params)
    except Conflict:  # the same request came twice at once, and the other one was recorded first
        [row] = await database.write(BEGIN, seed=new_id(), **params)
    if row["mine"]:
        return Claim(id_, worker, row["seed"])
    if not row["same"]:
        raise OtherBody
    if row["state"] != "done":
        raise InProgress
    return Answer(row["status"], json.loads(row["headers"]), zlib.decompress(base64.b64decode(row["body"])))


async def renew(database: Database, claim: Claim, lease_s: float) -> None:
    """Extends the lease of a request that is still being worked on."""
    await database.write(RENEW, id=claim.id, worker=claim.worker, lease_ms=int(lease_s * 1000))


async def record(database: Database, claim: Claim, answer: Answer) -> None:
    """Stores the answer for repeats of the request."""
    await database.write(
        RECORD,
        id=claim.id,
        worker=claim.worker,
        status=answer.status,
        headers=json.dumps(answer.headers),
        body=base64.b64encode(zlib.compress(answer.body)).decode(),
    )


async def release(database: Database, claim: Claim) -> None:
    """Gives up the claim without an answer: a repeat runs the request again, with the same seed."""
    await database.write(RELEASE, id=claim.id, worker=claim.worker)


async def clean(database: Database, hours: float) -> int:
    """Deletes requests older than `hours`, in small transactions; returns their number."""
    forgotten = 0
    while True:
        [row] = await database.write(CLEAN, hours=hours, limit=CLEANED_AT_ONCE)
        forgotten += row["forgotten"]
        if row["forgotten"] < CLEANED_AT_ONCE:
            return forgotten
