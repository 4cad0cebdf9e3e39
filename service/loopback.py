"""What is this machine's own, and the error for a service that would be open to others."""

import ipaddress
from urllib.parse import urlsplit

LOOPBACK_NAMES = ("localhost", "testserver")


class NotLoopback(Exception):
    """The service was to listen beyond this machine without a token."""


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine's own."""
    if host in LOOPBACK_NAMES:
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def leads_here(url: str) -> bool:
    """Whether an address is this machine's own: what goes there, a token above all, passes no proxy."""
    return is_loopback(urlsplit(url).hostname or "")
