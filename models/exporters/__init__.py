"""Prometheus' text format: keep the wanted lines, read them, make series of what they count."""
