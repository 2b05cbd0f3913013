"""What the page of the analyses reads, shared by all sessions."""

import time

import streamlit as st

from data.analyses import analyses, analysis_buckets, last_failures, running_now
from data.bottlenecks import bottleneck_inputs
from data.rows import Columns
from models.analyses import AnalysisSummary, Failure, Running
from models.bottlenecks.report import bottlenecks
from models.bottlenecks.shapes import Report
from models.spans import Span
from pages.parts.house import settings
from pages.parts.source import reader_of

BUCKETS = 60

# Each raises AgentSilent and QueryRefused.


@st.cache_resource(show_spinner=False, ttl=8, max_entries=16)
def analyses_over(folder: str, span: Span) -> list[AnalysisSummary]:
    now = time.time()
    return analyses(reader_of(folder), now - span.seconds, now, settings().analysis)


@st.cache_resource(show_spinner=False, ttl=8, max_entries=32)
def buckets_over(folder: str, analysis: str, span: Span) -> Columns:
    now = time.time()
    return analysis_buckets(
        reader_of(folder),
        analysis,
        (now - span.seconds, now),
        span.seconds / BUCKETS,
        settings().analysis,
    )


@st.cache_resource(show_spinner=False, ttl=8, max_entries=32)
def failures_over(folder: str, analysis: str, span: Span) -> list[Failure]:
    now = time.time()
    return last_failures(
        reader_of(folder), (now - span.seconds, now), settings().analysis, analysis
    )


@st.cache_resource(show_spinner=False, ttl=8, max_entries=32)
def running_over(folder: str, analysis: str, span: Span) -> list[Running]:
    now = time.time()
    return running_now(reader_of(folder), (now - span.seconds, now), settings().analysis, analysis)


@st.cache_resource(show_spinner=False, ttl=30, max_entries=16)
def report_over(folder: str, span: Span) -> Report:
    now = time.time()
    inputs = bottleneck_inputs(reader_of(folder), now - span.seconds, now, settings().analysis)
    return bottlenecks(inputs)
