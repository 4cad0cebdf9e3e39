"""Ports of this machine: whether one is free, and whether Neo4j answers on it."""

import ipaddress
import os
import socket
from typing import Final
from urllib.parse import urlsplit

HOST: Final = "127.0.0.1"

# The Bolt handshake: a magic number and the four versions a client offers, here 5.0 to 5.4 and three blanks.
_HELLO: Final = bytes.fromhex("6060B017 00040405 00000000 00000000 00000000")


def is_loopback(url: str) -> bool:
    """Whether an address points to this machine: localhost, or a loopback address."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def port_is_free(port: int) -> bool:
    """Whether a server could listen on this port of 127.0.0.1 now."""
    with socket.socket() as probe:
        if os.name == "posix":  # elsewhere the option would let two servers share a port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def speaks_bolt(uri: str, timeout_s: float = 2.0) -> bool:
    """Whether a Bolt server answers at a loopback address such as bolt://127.0.0.1:7687."""
    try:
        with socket.create_connection((HOST, urlsplit(uri).port or 7687), timeout_s) as connection:
            connection.sendall(_HELLO)
            return connection.recv(4)[-1:] == b"\x05"
    except OSError:
        return False
