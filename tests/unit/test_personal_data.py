"""Personal data is found by form and check digits; what only looks like it is left alone."""

import random
import string
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generators.quality.rules.personal_data import PersonalData, found

PLANTED = [
    ("email", "anna.schmidt+club@uni-bonn.de"),
    ("email", "J.Doe@mail.museum"),
    ("phone", "+49 30 901820"),
    ("phone", "+33 1 42 76 40 40"),
    ("phone", "+91-11-2301-2345"),
    ("phone", "(212) 736-5000"),
    ("phone", "212-736-5000"),
    ("card", "4012888888881881"),
    ("card", "4111 1111 1111 1111"),
    ("card", "5500-0000-0000-0004"),
    ("card", "378282246310005"),
    ("card", "2223003122003222"),
    ("iban", "DE89 3704 0044 0532 0130 00"),
    ("iban", "GB82WEST12345698765432"),
    ("iban", "NO9386011117947"),
    ("iban", "MT84MALT011000012345MTLCAST001S"),
    ("key", "sk-proj-4fGh7JkLm2Np9QrSt5Vw"),
    ("key", "ghp_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"),
    ("key", "AKIAQ3EGTUXRM2YW7VNP"),
    ("key", "AIzaSyD4f6Gh8Jk0Lm2Np4Qr6St8Vw0Xy2Za4Bc"),
]
SENTENCES = ("It is {}.", "({})", "Write to {}, please", "{}", "Ask:\n{}\nand wait", "« {} »")
INNOCENT = [
    "Mail to user@example.com or root@localhost, a@b, @dataclass, x@y.z",
    "y = w@x.shape and A@B.dot",
    "Call +1 202-555-0143 or (212) 555-0199, as films do",
    "3+4915112345678 = ? and (a)+447911123456",
    "Compute 123-456-7890 and 12-34-56",
    "4111111111111112 fails the check, 41111111111111111 is too long, 4111 1111-1111 1111 mixed",
    "Pi is 3.14159265358979323846 and 0.4111111111111111",
    "ISBN 978-3-16-148410-0, and 10000000000000000 stars",
    "DE89 3704 0044 0532 0130 01 and XX89 3704 0044 0532 0130 00",
    "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxx, sk-your-key-goes-here-1234, AKIAIOSFODNN7EXAMPLE",
    "task-force-of-the-nineteen-eighties, risk-adjusted-returns-of-2020",
    "12:30:45 on 2024-01-31, 192.168.100.200, 1,234,567,890,123,456",
]


@pytest.mark.parametrize(("kind", "value"), PLANTED)
@pytest.mark.parametrize("sentence", SENTENCES)
def test_planted_data_is_found_with_its_span(kind: str, value: str, sentence: str):
    text = sentence.format(value)
    [finding] = found(text)
    assert (finding.kind, text[finding.start : finding.end]) == (kind, value)


@pytest.mark.parametrize("text", INNOCENT)
def test_what_only_looks_like_it_is_left_alone(text: str):
    assert found(text) == []


def test_several_in_one_text_come_in_its_order():
    text = "\n".join(value for _, value in PLANTED)
    assert [finding.kind for finding in found(text)] == [kind for kind, _ in PLANTED]


def test_every_kind_is_planted():
    assert {kind for kind, _ in PLANTED} == set(PersonalData)


@given(st.text())
def test_any_text_can_be_looked_at(text: str):
    spans = [(finding.start, finding.end) for finding in found(text)]
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))


@pytest.mark.parametrize("kind", ["card", "iban"])
def test_one_wrong_digit_is_noticed(kind: str):
    """Both checks notice every change of one digit (Luhn, and ISO 7064 mod 97)."""
    for _, value in (pair for pair in PLANTED if pair[0] == kind):
        for n in (n for n, char in enumerate(value) if char.isdigit()):
            other = str((int(value[n]) + 1) % 10)
            assert found(value[:n] + other + value[n + 1 :]) == []


def test_random_digits_are_seldom_taken_for_data():
    rng = random.Random(7)
    texts = ["".join(rng.choices(string.digits, k=rng.choice((10, 12, 13, 15, 16)))) for _ in range(20_000)]
    # A tenth of the numbers with an issuer's first digits and a card's length pass the check.
    assert sum(bool(found(f"Factor {text}.")) for text in texts) < 20_000 * 0.015
