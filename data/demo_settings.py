"""The settings of the demo's home: what it forecasts, and the machines it plans with."""

from models.demo import VPS

SETTINGS = f"""\
# Made by `python -m agent demo`: everything that this home shows is made up.
demo = true

[machine]
name = "{VPS}"

[[target]]
name = "videos"
kind = "arrivals"
only = "video"

[[target]]
name = "calls"
kind = "calls"

[[target]]
name = "spend"
kind = "spend"
only = "api"

[[target]]
name = "reports"
kind = "arrivals"
only = "report"

[[target]]
name = "vps-cpu"
kind = "metric"
metric = "machine.cpu.utilization"
machine = "{VPS}"

[[pool]]
name = "gpu"
target = "videos"
capacity = 2.2
instances_more_max = 3
start_seconds = 180
hour_price = "12 KRW"
increment_seconds = 3600

[[pool]]
name = "reports"
target = "reports"
batch_jobs = 3
deadline_seconds = 14400
job_seconds = 300
hour_price = "12 KRW"
increment_seconds = 3600
"""
