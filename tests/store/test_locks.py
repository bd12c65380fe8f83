"""Claims on clips: one holder at a time, on a server and beside a file."""

from knee_track.store import open_store
from knee_track.store.locks import Claims


def test_a_claim_is_held_by_one_run_until_it_ends(where, out):
    with open_store(where, out) as one, open_store(where, out) as two:
        with Claims(one) as first, Claims(two) as second:
            assert first.take("a") and not first.take("a") and not second.take("a")
            assert second.take("b")
            first.drop("a")
            assert second.take("a") and not first.take("a")
        with Claims(one) as third:  # those that ended hold nothing
            assert third.take("a") and third.take("b")
