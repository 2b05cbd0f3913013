"""A probe: the collectors of another machine, a spool, and pushes to the hub.

It runs out of one file on a bare Python, so nothing below here may import more than the standard
library, but for `pynvml` where there is a card.
"""
