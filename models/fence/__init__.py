"""The outer fence: the monthly limit that a provider keeps itself, at what our cap is worth there.

The ledger refuses first; the fence holds where calls go past it. Limits at a provider are whole
cents of USD, None: no limit.
"""
