"""Bearer tokens: only the holder of GLAN_TOKEN may create, list and revoke them."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from graph.access import tokens
from graph.access.tokens import Scope, Token, TokenName
from service.http.errors import responses
from service.parts import parts_of
from service.routes import TheDatabase, body_like, caller_of

router = APIRouter(prefix="/v1/tokens", tags=["tokens"])


class NewToken(BaseModel):
    """A token to create."""

    model_config = ConfigDict(extra="forbid")

    name: TokenName = Field(description="Name of the holder; unique among tokens not revoked")
    scopes: list[Scope] = Field(min_length=1, max_length=20, description="What it allows")
    expires_at: AwareDatetime | None = Field(
        default=None, description="Time from which it is refused; null: never"
    )


class MadeToken(Token):
    """A new token with its secret."""

    token: str | None = Field(
        description="The secret, shown only once; null when the request is repeated with its Idempotency-Key"
    )


class Tokens(BaseModel):
    """All tokens."""

    items: list[Token] = Field(description="The newest first")


@router.post(
    "",
    status_code=201,
    responses=responses(400, 409, 422, 503),
    openapi_extra=body_like({"name": "notebook", "scopes": ["read", "write"]}),
)
async def create(database: TheDatabase, new: NewToken, request: Request, response: Response) -> MadeToken:
    """Creates a token. Only its hash is stored, so it cannot be shown again."""
    token, secret = await tokens.create(
        database, new.name, new.scopes, _utc(new.expires_at), by=caller_of(request)
    )
    _forget(request)
    response.headers["Cache-Control"] = "no-store"
    shown: dict[str, Any] = token.model_dump()
    # The response kept for a repeat of the request must not contain the secret.
    request.state.kept_body = MadeToken(**shown, token=None).model_dump_json().encode()
    return MadeToken(**shown, token=secret)


@router.get("", responses=responses(503))
async def list_tokens(database: TheDatabase) -> Tokens:
    """All tokens, including revoked ones."""
    return Tokens(items=await tokens.list_tokens(database))


@router.delete("/{token}", responses=responses(404, 422, 503))
async def revoke(
    database: TheDatabase,
    request: Request,
    token: Annotated[str, Path(description="Id or name of a token", examples=["notebook"])],
) -> Tokens:
    """Revokes a token: immediately here, within seconds in other services on the same database."""
    revoked = await tokens.revoke(database, token)
    _forget(request)
    return Tokens(items=revoked)


def _utc(time: datetime | None) -> datetime | None:
    return None if time is None else time.astimezone(UTC)


def _forget(request: Request) -> None:
    parts_of(request).tokens_changed()
