"""What an analysis costs: the calls that name it, beside its runs that ended well."""

# ruff: noqa: S608  Put together out of constants.

from collections.abc import Sequence

from data.analyses import WHOLE_RUNS
from data.analysis_runs import RUNS, mapped_workflows, run_params
from data.rows import Answers, rows_of
from models.costs.shapes import AnalysisCost
from models.settings.analysis import Analysis

# A key is what was analysed: all calls with it are its own, of whichever try. A call before the
# span, of a run that ended in it, is left out.
COSTS = (
    WHOLE_RUNS
    + """
, successes AS (
    SELECT analysis, count(*) AS succeeded FROM whole_runs
    WHERE succeeded AND NOT superseded GROUP BY analysis),
done AS (
    SELECT DISTINCT analysis, run_key FROM whole_runs
    WHERE succeeded AND NOT superseded AND run_key <> ''),
named AS MATERIALIZED (
    SELECT analysis, job_key, sum(won) AS won, count(*) FILTER (is_call) AS calls FROM cost_facts
    WHERE analysis <> '' AND opened_at >= to_timestamp($1) AND opened_at < to_timestamp($2)
    GROUP BY analysis, job_key),
keyed AS (
    SELECT named.analysis, count(*) AS keyed, quantile_disc(won, 0.5) AS median_won,
           quantile_disc(won, 0.95) AS p95_won
    FROM named JOIN done ON done.analysis = named.analysis AND done.run_key = named.job_key
    GROUP BY named.analysis),
sums AS (SELECT analysis, sum(won) AS won, sum(calls)::BIGINT AS calls FROM named GROUP BY analysis)
SELECT sums.analysis, sums.won, sums.calls, coalesce(succeeded, 0) AS succeeded,
       coalesce(keyed, 0) AS keyed, median_won, p95_won
FROM sums LEFT JOIN successes ON successes.analysis = sums.analysis
LEFT JOIN keyed ON keyed.analysis = sums.analysis
ORDER BY sums.won DESC, sums.analysis
"""
)


def analysis_costs(
    reader: Answers, since: float, until: float, settings: Sequence[Analysis] = ()
) -> list[AnalysisCost]:
    """Of every analysis that calls name in [since, until), the dearest first."""
    params = run_params(since, until, mapped_workflows(reader, settings))
    return [AnalysisCost(**row) for row in rows_of(reader.columns(RUNS + COSTS, params))]
