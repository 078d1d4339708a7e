"""The demo: a sample agency with a clock that one can move, a mailbox, and the headless run."""
