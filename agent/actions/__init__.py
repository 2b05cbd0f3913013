"""Stopping and starting what the owner named in `[[service]]`: one file a kind.

Each has `stop`, `start` and `is_up`, which looks for the effect itself: True, False, or None while
it is neither. They raise ActionRefused and ActionUnconfirmed with what happened to what, and what
a person can do.
"""
