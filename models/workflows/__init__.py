"""Workflows and their runs: what n8n says of them, and what follows: silent, stuck, failing.

`payloads` reads n8n's answers, `feed` finds what is new in them, `runs` counts, `silence` and
`stuck` judge, `counters` reads its metrics, `board` puts it all together for series and pages.
"""
