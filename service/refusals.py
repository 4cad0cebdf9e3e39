"""What a request may be refused for beyond what the graph says; service/http knows the status of each.

Refusal
├── PreconditionRequired   a change must say which state it is of
├── NotAcceptable          the answer cannot be had in a form the client takes
├── Unsupported            the body is in a form that is not read
├── BodyTooLarge           the body has more than is read
├── Malformed              the body is not what it says it is
├── BodyStalled            the body stopped coming
└── Busy                   it takes too long at the moment
"""


class Refusal(Exception):
    """The request is not answered; the message says what to do."""


class PreconditionRequired(Refusal):
    """A change must say which state of the node it is of."""


class NotAcceptable(Refusal):
    """The answer cannot be had in a form the client takes."""


class Unsupported(Refusal):
    """The body is in a form that is not read."""


class BodyTooLarge(Refusal):
    """The body has more than is read."""


class Malformed(Refusal):
    """The body is not what it says it is."""


class BodyStalled(Refusal):
    """The body stopped coming."""


class Busy(Refusal):
    """It takes too long at the moment."""
