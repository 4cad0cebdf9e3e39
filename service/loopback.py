"""Which addresses are this machine's own, and the error for a service that would be open to others."""

import ipaddress
from urllib.parse import urlsplit

LOOPBACK_NAMES = ("localhost", "testserver")


class NotLoopback(Exception):
    """The service would have listened beyond this machine without any token."""


def is_loopback(host: str) -> bool:
    """Whether a host name or address is loopback."""
    if host in LOOPBACK_NAMES:
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def leads_here(url: str) -> bool:
    """Whether a URL leads to this machine; requests to it, and above all tokens, must bypass any proxy."""
    try:
        return is_loopback(urlsplit(url).hostname or "")
    except ValueError:
        return False
