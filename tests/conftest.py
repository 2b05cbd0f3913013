"""For all tests: how many examples a property is held against."""

from hypothesis import settings

settings.register_profile("fast", max_examples=15)
