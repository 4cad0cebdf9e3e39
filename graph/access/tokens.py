"""Bearer tokens as the graph knows them: their hashes, names and scopes; never the tokens themselves."""

import hashlib
import secrets
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, Field

from graph.database import Database, Row
from graph.errors import Conflict, NotFound
from graph.model import new_id
from graph.queries import load
from graph.text import visible_name

CREATE = load("token.create")
LIST = load("token.list")
BY_HASH = load("token.by_hash")
LIVE = load("token.live")
REVOKE = load("token.revoke")

BITS = 256
PREFIX = "glan_"
# The author recorded for changes made without a token.
NOBODY = "rest"


class Scope(StrEnum):
    """What a token may do."""

    read = "read"
    write = "write"
    generate = "generate"


def _own_name(name: str) -> str:
    if name == NOBODY:
        raise ValueError(f"{NOBODY} is what changes without a token are signed with; choose another name")
    return name


TokenName = Annotated[str, Field(max_length=200), AfterValidator(visible_name), AfterValidator(_own_name)]


class Token(BaseModel):
    """A token as it is listed; its secret cannot be shown again."""

    id: str = Field(description="Opaque, never changes")
    name: str = Field(description="Name of the holder; changes are signed with it")
    scopes: list[Scope] = Field(description="What it allows")
    created_at: datetime = Field(description="UTC")
    created_by: str = Field(default="", description="Author")
    expires_at: datetime | None = Field(
        default=None, description="Time from which it is refused; null: never"
    )
    revoked_at: datetime | None = Field(default=None, description="When it was revoked; null if it was not")

    @classmethod
    def from_row(cls, row: Row) -> Self:
        """Built from the map in the column `token` that the queries return."""
        return cls(**row["token"])


class Bearer(BaseModel):
    """The holder of the token that came with a request."""

    id: str
    name: str
    scopes: list[Scope]
    expires_at: datetime | None = None


def hashed(secret: str) -> str:
    """The hash that is stored for a token. Tokens are long and random, so one round of SHA-256 is enough."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


async def create(
    database: Database, name: str, scopes: list[Scope], expires_at: datetime | None = None, *, by: str = ""
) -> tuple[Token, str]:
    """Returns a new token and its secret, which is stored nowhere; raises Conflict if the name is in use."""
    secret = PREFIX + secrets.token_urlsafe(BITS // 8)
    properties: dict[str, Any] = {
        "name": name,
        "live_name": name,
        "hash": hashed(secret),
        "scopes": sorted(set(scopes)),
        "expires_at": expires_at,
        "created_by": by,
    }
    try:
        rows = await database.write(CREATE, id=new_id(), properties=properties)
    except Conflict:
        raise Conflict(f"a token {name!r} exists already; revoke it first, or choose another name") from None
    return Token.from_row(rows[0]), secret


async def list_tokens(database: Database) -> list[Token]:
    """All tokens, the newest first."""
    return [Token.from_row(row) for row in await database.read(LIST)]


async def revoke(database: Database, token: str) -> list[Token]:
    """Revokes a token by id or name; revoking it again changes nothing. Raises NotFound if there is none."""
    rows = await database.write(REVOKE, token=token)
    if not rows:
        raise NotFound(f"no token has the id or name {token!r}; glan token list shows all")
    return [Token.from_row(row) for row in rows]


async def bearer(database: Database, secret: str) -> Bearer | None:
    """The holder of the token with this secret; None if it is unknown, expired or revoked."""
    rows = await database.read(BY_HASH, hash=hashed(secret))
    return Bearer(**rows[0]["token"]) if rows else None


async def any_live(database: Database) -> bool:
    """Whether there is a token that is neither expired nor revoked."""
    return (await database.read(LIVE))[0]["live"]
