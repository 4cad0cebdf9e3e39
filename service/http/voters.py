"""In whose name a request votes: that of its token, or a name that is given where there is none."""

from typing import Annotated

from fastapi import Depends, Query, Request

from graph.access.tokens import NOBODY
from graph.errors import Invalid
from graph.review.votes import Voter, VoterName
from service.refusals import NotAllowed

As = Annotated[
    VoterName | None,
    Query(
        alias="as",
        description="Name of the voter, where requests need no token or bear GLAN_TOKEN; marked "
        "unverified. A token votes in its own name",
        examples=["Ada"],
    ),
]


def voter_of(request: Request, as_: As = None) -> Voter:
    """The voter; raises Invalid without a name, NotAllowed for another name than the token's."""
    caller: str = getattr(request.state, "caller", NOBODY)
    if caller != NOBODY:
        if as_ not in (None, caller):
            raise NotAllowed(f"the token is that of {caller}, and votes in no other name; leave out as")
        return Voter(caller)
    if as_ is None:
        raise Invalid("say who votes with as=NAME (--as NAME in a command), or use a token of that name")
    return Voter(as_, unverified=True)


TheVoter = Annotated[Voter, Depends(voter_of)]
