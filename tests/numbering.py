"""The numbers of the default questions, for tests in which some of them are treated unlike the others."""

import re


class Numbered:
    """Numbers questions 0, 1, 2, ... in the order in which they are first met.

    The number in a question's text is a hash of its prompt, and what is drawn differs from job to job: of
    thirty such numbers, none is of the form 7 n + 2 in one run of a hundred. Of these, every seventh is.
    """

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}

    def __call__(self, text: str) -> int:
        return self._numbers.setdefault(_case(text), len(self._numbers))

    def clear(self) -> None:
        """Begins with 0 again."""
        self._numbers.clear()


def _case(text: str) -> int:
    """The number in a question of the default replies, or in its answer."""
    found = re.search(r"in case (\d+)\?", text)
    assert found
    return int(found[1])
