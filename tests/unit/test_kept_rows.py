"""What an entry says to have changed makes of what was kept before it what is kept after it."""

from hypothesis import given
from hypothesis import strategies as st

from workflow.lookups.kept_rows import after_changes, changes, differences

ROWS = st.dictionaries(
    st.sampled_from(["1", "1:2", "3"]),
    st.dictionaries(st.sampled_from("ab"), st.integers(0, 2)),
    min_size=1,
)
KEPT = st.dictionaries(st.sampled_from(["round_seats", "round_votes"]), ROWS)


@given(st.lists(KEPT, min_size=1, max_size=6))
def test_step_by_step_leads_to_what_is_kept(states):
    kept = {}
    for each in states:
        told = changes(differences(kept, each))
        assert (told == {}) == (kept == each)
        kept = after_changes(kept, told)
        assert kept == each
