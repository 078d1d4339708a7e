"""Speed as ratios within one run: floors and ours in interleaved rounds. Run by hand: ``thidua bench``."""
