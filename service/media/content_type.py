"""What a body is, by its Content-Type."""


def media_type(content_type: str | None) -> str:
    """The media type in a Content-Type, in lower case and without parameters; empty if there is none."""
    return (content_type or "").split(";")[0].strip().lower()
