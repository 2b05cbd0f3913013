"""Limits that providers keep themselves: one file a provider.

Each has `read` and `write`, in whole cents of USD a month; None is no limit. They raise
ActionRefused, with what a person can do, ActionPostponed and ActionUnconfirmed.
"""
