"""A keyed shuffle of [0, N) that is computed, not stored.

GLAN (arXiv 2402.13064) draws its concept combinations at random. Independent draws repeat themselves; a walk
along a pseudo-random order of all combinations does not, and needs no memory of what was drawn.

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
from collections.abc import Callable, Sequence
from hashlib import shake_256

ROUNDS = 10
# F is tabulated for halves of at most this many bits (N <= 2**24), which is at most 10 x 4096 integers.
TABLE_BITS = 12

RoundFunction = Callable[[int], int]
Table = tuple[int, ...]


class KeyedPermutation:
    """A pseudo-random bijection of [0, size) chosen by `key`; any size >= 1, in constant memory.

    The same size and key give the same order for ever. Different sizes give unrelated orders.
    """

    def __init__(self, size: int, key: bytes) -> None:
        if size < 1:
            raise ValueError(f"a permutation needs at least one element, not {size}")
        self.size = size
        half_bits = max(1, ((size - 1).bit_length() + 1) // 2)
        seeds = [_seed(size, key, number) for number in range(ROUNDS)]
        self._network = (
            _TableNetwork([_tabulated(seed, half_bits) for seed in seeds], size, half_bits)
            if half_bits <= TABLE_BITS
            else _HashNetwork([_hashed(seed, half_bits) for seed in seeds], size, half_bits)
        )

    def forward(self, index: int) -> int:
        """The element at position `index` of the order. Raises IndexError outside [0, size)."""
        self._check(index)
        return self._network.forward(index)

    __call__ = forward

    def inverse(self, element: int) -> int:
        """The position of `element` in the order. Raises IndexError outside [0, size)."""
        self._check(element)
        return self._network.inverse(element)

    @property
    def unchecked(self) -> Callable[[int], int]:
        """`forward` without the check of the bounds, for callers that have checked them."""
        return self._network.forward

    def _check(self, index: int) -> None:
        if not 0 <= index < self.size:
            raise IndexError(f"{index} is outside [0, {self.size})")


class _HashNetwork:
    """The network for any number of bits, round by round."""

    def __init__(self, rounds: Sequence[RoundFunction], size: int, half_bits: int) -> None:
        self._rounds = tuple(rounds)
        self._reversed = self._rounds[::-1]
        self._size, self._bits, self._mask = size, half_bits, (1 << half_bits) - 1

    def forward(self, index: int) -> int:
        bits, mask = self._bits, self._mask
        while True:
            left, right = index >> bits, index & mask
            for scramble in self._rounds:
                left, right = right, left ^ scramble(right)
            index = left << bits | right
            if index < self._size:
                return index

    def inverse(self, element: int) -> int:
        bits, mask = self._bits, self._mask
        while True:
            left, right = element >> bits, element & mask
            for scramble in self._reversed:
                left, right = right ^ scramble(left), left
            element = left << bits | right
            if element < self._size:
                return element


class _TableNetwork:
    """The same with a table per round, unrolled: two rounds are `l ^= f[r]; r ^= g[l]`, without a swap.

    Calls and loops would cost more than the ten lookups; a draw spends most of its time here.
    """

    def __init__(self, tables: Sequence[Table], size: int, half_bits: int) -> None:
        self._facts = (*tables, size, half_bits, (1 << half_bits) - 1)

    def forward(self, index: int) -> int:
        a, b, c, d, e, f, g, h, i, j, size, bits, mask = self._facts
        while True:
            left, right = index >> bits, index & mask
            left ^= a[right]
            right ^= b[left]
            left ^= c[right]
            right ^= d[left]
            left ^= e[right]
            right ^= f[left]
            left ^= g[right]
            right ^= h[left]
            left ^= i[right]
            right ^= j[left]
            index = left << bits | right
            if index < size:
                return index

    def inverse(self, element: int) -> int:
        a, b, c, d, e, f, g, h, i, j, size, bits, mask = self._facts
        while True:
            left, right = element >> bits, element & mask
            right ^= j[left]
            left ^= i[right]
            right ^= h[left]
            left ^= g[right]
            right ^= f[left]
            left ^= e[right]
            right ^= d[left]
            left ^= c[right]
            right ^= b[left]
            left ^= a[right]
            element = left << bits | right
            if element < size:
                return element


def _seed(size: int, key: bytes, number: int) -> bytes:
    """64 bytes that depend on every argument; the lengths make the framing unambiguous."""
    length = (size.bit_length() + 7) // 8
    frame = struct.pack("<BQQ", number, len(key), length) + key + size.to_bytes(length, "little")
    return shake_256(b"glan.permutation" + frame).digest(64)


def _tabulated(seed: bytes, bits: int) -> Table:
    """A random function from and to `bits` bits: consecutive little-endian words of one digest."""
    count, mask = 1 << bits, (1 << bits) - 1
    words = struct.unpack(f"<{count}H", shake_256(seed).digest(2 * count))
    return tuple([word & mask for word in words])


def _hashed(seed: bytes, bits: int) -> RoundFunction:
    """The same for halves too wide for a table: one digest per value."""
    mask, length = (1 << bits) - 1, (bits + 7) // 8
    prefix = shake_256(seed)

    def scramble(half: int) -> int:
        state = prefix.copy()
        state.update(half.to_bytes(length, "little"))
        return int.from_bytes(state.digest(length), "little") & mask

    return scramble
