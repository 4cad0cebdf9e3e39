"""A keyed shuffle of [0, N) that is computed, not stored.

GLAN (arXiv 2402.13064) draws its concept combinations at random. Independent draws repeat; walking
once along a pseudo-random order of all combinations never does, and needs no memory of what was drawn.

The order is a balanced Feistel network over the smallest even number of bits that holds [0, N), at
least two. One round maps the halves (L, R) to (R, L xor F(R)), which is a bijection whatever F is. The
network may map i < N beyond N; cycle walking applies it again until the value is below N, which keeps the
bijection. The domain is less than 4 N, so one value takes less than four passes on average.

F is SHAKE-256 of key, N, round and half: integers and bytes only, so an order is the same on every
machine and Python version. Ten rounds, as in NIST's FF1 (SP 800-38G). Four would do for large N
(Luby and Rackoff 1988), but in a domain of four values the orders are then 8 % away from uniform; ten
rounds leave 0.1 %. For N > 4 the network, like every Feistel network, only yields even permutations of
its own domain, which no sample short of nearly the whole order can show.
"""

import struct
from collections.abc import Callable
from hashlib import shake_256

ROUNDS = 10
# F is tabulated for halves of at most so many bits (N <= 2**24), which is at most 10 x 4096 integers.
TABLE_BITS = 12

RoundFunction = Callable[[int], int]


class KeyedPermutation:
    """A pseudo-random bijection of [0, size) chosen by `key`; any size >= 1, in constant memory.

    The same size and key give the same order for ever. Different sizes give unrelated orders.
    """

    def __init__(self, size: int, key: bytes) -> None:
        if size < 1:
            raise ValueError(f"a permutation needs at least one element, not {size}")
        self.size = size
        self._half_bits = max(1, ((size - 1).bit_length() + 1) // 2)
        self._mask = (1 << self._half_bits) - 1
        seeds = [_seed(size, key, number) for number in range(ROUNDS)]
        self._rounds = tuple(_round_function(seed, self._half_bits) for seed in seeds)
        self._reversed_rounds = self._rounds[::-1]

    def forward(self, index: int) -> int:
        """The element at position `index` of the order; IndexError outside [0, size)."""
        self._check(index)
        bits, mask, rounds, size = self._half_bits, self._mask, self._rounds, self.size
        while True:
            left, right = index >> bits, index & mask
            for scramble in rounds:
                left, right = right, left ^ scramble(right)
            index = left << bits | right
            if index < size:
                return index

    __call__ = forward

    def inverse(self, element: int) -> int:
        """The position of `element` in the order; IndexError outside [0, size)."""
        self._check(element)
        bits, mask, rounds, size = self._half_bits, self._mask, self._reversed_rounds, self.size
        while True:
            left, right = element >> bits, element & mask
            for scramble in rounds:
                left, right = right ^ scramble(left), left
            element = left << bits | right
            if element < size:
                return element

    def _check(self, index: int) -> None:
        if not 0 <= index < self.size:
            raise IndexError(f"{index} is outside [0, {self.size})")


def _seed(size: int, key: bytes, number: int) -> bytes:
    """64 bytes that depend on every argument; the lengths make the framing unambiguous."""
    length = (size.bit_length() + 7) // 8
    frame = struct.pack("<BQQ", number, len(key), length) + key + size.to_bytes(length, "little")
    return shake_256(b"glan.permutation" + frame).digest(64)


def _round_function(seed: bytes, bits: int) -> RoundFunction:
    if bits <= TABLE_BITS:
        return _tabulated(seed, bits).__getitem__
    return _hashed(seed, bits)


def _tabulated(seed: bytes, bits: int) -> tuple[int, ...]:
    """A random function from and to `bits` bits: consecutive little-endian words of one digest."""
    count, mask = 1 << bits, (1 << bits) - 1
    words = struct.unpack(f"<{count}H", shake_256(seed).digest(2 * count))
    return tuple([word & mask for word in words])


def _hashed(seed: bytes, bits: int) -> RoundFunction:
    """The same for halves too wide for a table: one digest a value."""
    mask, length = (1 << bits) - 1, (bits + 7) // 8
    prefix = shake_256(seed)

    def scramble(half: int) -> int:
        state = prefix.copy()
        state.update(half.to_bytes(length, "little"))
        return int.from_bytes(state.digest(length), "little") & mask

    return scramble
