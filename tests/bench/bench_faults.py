"""What 429s, failing, slow and dropped replies cost a job, and whether its ledger still adds up.

Run: python tests/bench/bench_faults.py [--quick]
"""

import sys
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.garden import Garden, Say, Server, endpoint, planted, silent
from bench.loops import Loop, Task
from bench.loops import measure as run_loop

SAMPLES = 1_000
# Whether the server accepts every retry after a 429, and its random seeds: one run per seed.
SERVERS = ((True, (1, 2, 3, 4, 5)), (False, (1, 2, 3)))
# Samples during which a database that has just started compiles its queries.
WARM_UP = 10_000
SHARE_429 = 0.1
RETRY_AFTER = 1.0
# Seconds after which the client gives up on a reply; a server that times out never replies.
PATIENCE_S = 1.0
BARE_RETRIES = 8
IN_FLIGHT = 32

Row = dict[str, Any]


def measure_429(*, quick: bool = False, say: Say = silent) -> list[Row]:
    """One row per loop and kind of server: extra seconds compared with no 429s, and early retries."""
    samples, warm_up = (200, 200) if quick else (SAMPLES, WARM_UP)
    servers = [(True, (1,))] if quick else SERVERS
    with endpoint() as server, planted() as garden:
        say(f"{warm_up:,} samples to warm up")
        _run(server, garden, "glan", warm_up)
        rows: list[Row] = []
        for keep_word, seeds in servers:
            calm: dict[Loop, list[Row]] = {"sdk": [], "glan": []}
            burst: dict[Loop, list[Row]] = {"sdk": [], "glan": []}
            for seed in seeds:
                for loop in calm:
                    calm[loop].append(_run(server, garden, loop, samples, seed=seed))
                    behaviour = {"rate_429": SHARE_429, "retry_after": RETRY_AFTER, "keep_word": keep_word}
                    burst[loop].append(_run(server, garden, loop, samples, seed=seed, **behaviour))
                    say(
                        f"seed {seed}, {loop}: {calm[loop][-1]['seconds']:.2f} s without 429s, "
                        f"{burst[loop][-1]['seconds']:.2f} s with"
                    )
            rows += [_cost_of_429(loop, samples, keep_word, calm[loop], burst[loop]) for loop in calm]
        return rows


def _cost_of_429(loop: Loop, samples: int, keep_word: bool, calm: list[Row], burst: list[Row]) -> Row:
    """Medians over the runs; added seconds are relative to the median without 429s."""
    before = median(figures["seconds"] for figures in calm)
    added = sorted(figures["seconds"] - before for figures in burst)
    counters = [figures["counters"] for figures in burst]
    margins = [c["earliest_margin"] for c in counters if c["earliest_margin"] is not None]
    delivered = sum(_delivered(figures, samples) for figures in burst)
    return {
        "": "glan" if loop == "glan" else "openai SDK, its own retries",
        "who has waited": "is let in" if keep_word else "by chance again",
        "runs": len(burst),
        "delivered": f"{delivered:,} of {samples * len(burst):,}",
        "seconds without 429s": f"{before:.2f}",
        "with": f"{median(figures['seconds'] for figures in burst):.2f}",
        "added": f"{median(added):.2f}",
        "least to most": f"{added[0]:.2f} to {added[-1]:.2f}",
        "longest sum of waits of a sample": f"{median(c['longest_wait'] for c in counters):.0f}",
        "429s": f"{sum(c['outcomes'].get('429', 0) for c in counters):,}",
        "sent too early": sum(c["early"] for c in counters),
        "hastiest retry": f"{1e3 * min(margins):+.1f} ms" if margins else "",
    }


def _delivered(figures: Row, samples: int) -> int:
    return figures["ledger"]["accepted"] if "ledger" in figures else samples - figures["lost"]


def _run(server: Server, garden: Garden, loop: Loop, samples: int, **behaviour: Any) -> Row:
    """The figures of one process, with the counters of the server."""
    server.reset(**behaviour)
    task = Task(
        server.base_url,
        samples,
        warm_up=0,
        in_flight=IN_FLIGHT,
        timeout_s=PATIENCE_S if behaviour.get("rate_timeout") else 30.0,
        home=str(garden.home),
        discipline_id=garden.discipline_id,
        prompt=garden.prompt,
        retries=BARE_RETRIES,
    )
    return run_loop(loop, task) | {"counters": server.counters}


# What goes wrong, and the server's options for it.
FAULTS: dict[str, Row] = {
    "30 % 500": {"rate_500": 0.3},
    "30 % time-out": {"rate_timeout": 0.3},
    "30 % malformed": {"rate_malformed": 0.3},
    "30 % truncated": {"rate_truncated": 0.3},
    "20 % of each of the four": {
        "rate_500": 0.2,
        "rate_timeout": 0.2,
        "rate_malformed": 0.2,
        "rate_truncated": 0.2,
    },
    "10 % 429, 10 % 500": {"rate_429": 0.1, "rate_500": 0.1},
    "15 % dropped before the reply, 15 % in the middle of it": {"rate_drop": 0.15, "rate_cut": 0.15},
    "30 % slow bodies, half a second": {"rate_slow": 0.3, "slow_for": 0.5},
    "30 % bodies that are no JSON": {"rate_garbled": 0.3},
}


def measure_faults(*, quick: bool = False, say: Say = silent) -> list[Row]:
    """One row per kind of fault: the ledger, its reasons, and what the server saw."""
    samples = 60 if quick else 150
    with endpoint() as server, planted() as garden:
        rows: list[Row] = []
        for fault, behaviour in FAULTS.items():
            say(fault)
            figures = _run(server, garden, "glan", samples, seed=1, **behaviour)
            rows.append(_ledger(fault, figures))
        return rows


def _ledger(fault: str, figures: Row) -> Row:
    ledger, counters = figures["ledger"], figures["counters"]
    made = sum(ledger[name] for name in ("accepted", "rejected", "failed", "asked", "pending"))
    reasons = figures["reasons"]
    return {
        "fault": fault,
        "requested": ledger["requested"],
        "delivered": ledger["accepted"],
        "reasons": ", ".join(f"{n} {reason}" for reason, n in sorted(reasons.items())) or "none",
        "still to do": ledger["asked"] + ledger["pending"],
        "adds up": "yes" if made == ledger["requested"] and _explained(figures) else "NO",
        "state": figures["state"],
        "seconds": f"{figures['seconds']:.1f}",
        "requests": f"{counters['requests']:,}",
        "paid twice": counters["good_again"],
    }


def _explained(figures: Row) -> bool:
    """Whether everything that failed or was rejected has a reason."""
    ledger = figures["ledger"]
    return sum(figures["reasons"].values()) == ledger["failed"] + ledger["rejected"]


if __name__ == "__main__":
    from bench.report import run_alone

    run_alone("429", "faults")
