"""The parts of the agent: what is made once, and what is made anew whenever settings are read."""

import os
from dataclasses import dataclass

from agent.beats import Beats
from agent.budgeting import Budgeting
from agent.collectors.itself import Vitals
from agent.costs import Costs, one_after_the_other
from agent.dues import Dues
from agent.folding import Folder
from agent.intake import HubIntake
from agent.jobs import Jobs
from agent.live import LiveBoard
from agent.machines import Machines
from agent.metered_items import Eyes
from agent.metering import Metering
from agent.openings import Openings
from agent.prepaid import Prepaid
from agent.probe.archive import built_apart
from agent.records import RecordQueue
from agent.requests.state import audit_problem
from agent.sampling import Audience, Clocks, Runner, Sinks
from agent.storing import StoreLoop
from agent.view import AgentView, Identity, QueryLimits
from agent.wiring import (
    as_started,
    beat_states,
    beats_source,
    machine_name,
    machine_states,
    pools_source,
    sources_of,
)
from agent.wiring.money import money_sources
from agent.wiring.steering import Steering, steering_of
from data.home import Home
from data.ops.store import Store
from data.settings_file import LoadedSettings
from models.settings import Settings
from sallim import __version__


@dataclass(frozen=True, slots=True)
class Parts:
    """What lives as long as the agent; the runners in force stand in `view.runners`."""

    store: Store
    store_loop: StoreLoop
    sinks: Sinks
    audience: Audience
    view: AgentView
    beats: Beats
    intake: HubIntake
    budgeting: Budgeting
    dues: Dues
    openings: Openings
    prepaid: Prepaid
    metering: Metering
    steering: Steering
    home: Home
    clocks: Clocks

    def take_over(self, loaded: LoadedSettings) -> None:
        """Make these settings the ones in force; the old runners end, the new ones are not started.

        What is read at a start only is listed in docs/settings.md.
        """
        identity = self.view.identity
        settings = as_started(loaded.settings, identity.machine, demo=identity.demo)
        self.view.settings = _settings_shape(loaded, self.clocks.wall())
        self.view.limits = QueryLimits(settings.query.rows_max, settings.query.seconds_max)
        self.budgeting.take_over(settings)
        self.dues.take_over(settings)
        self.openings.take_over(settings)
        self.prepaid.take_over(settings)
        self.metering.take_over(settings)
        self.steering.take_over(settings)
        self.stop_runners()
        self.beats.expect(settings.beat)
        sources = sources_of(settings, self.vitals, self.clocks.wall, self.store)
        sources += money_sources(
            settings, identity.machine, self.home, self.clocks.wall, self.budgeting.renew
        )
        sources.append(beats_source(self.view.beats, identity.machine))
        sources += pools_source(settings, self.steering.planning.plans, identity.machine)
        self.view.runners = [
            Runner(
                each.collector, each.timing, each.machine, self.sinks, self.audience, self.clocks
            )
            for each in sources
        ]

    def stop_runners(self) -> None:
        for runner in self.view.runners:
            runner.stop()

    def vitals(self) -> Vitals:
        written = self.store_loop.written
        status = self.store.status()
        runners = self.view.runners
        now = self.clocks.monotonic()
        return Vitals(
            tick_latency_seconds=max(
                (runner.take_latency_seconds() for runner in runners), default=0.0
            ),
            dropped=self.sinks.folder.dropped,
            stored=written.rows,
            flush_seconds=written.duration_seconds,
            store_bytes=status.size_bytes,
            store_bytes_max=status.size_max_bytes,
            series=status.series,
            collector_seconds={
                runner.collector.name: runner.state(now).duration_seconds for runner in runners
            },
        )


def compose(home: Home, store: Store, settings: Settings, clocks: Clocks) -> Parts:
    """Everything made and joined, nothing started, no source chosen yet."""
    sinks = Sinks(LiveBoard(), Folder(), RecordQueue())
    audience = Audience(clocks)
    view = AgentView(_identity(settings, clocks), sinks.board, store, audience, clocks)
    machines = Machines(store, sinks.board, clocks, view.identity.machine)
    machines.sources = view.sources
    view.machines = machine_states(settings, machines.states, clocks.wall)
    jobs = Jobs(home.ledger, store, clocks)
    costs = Costs(home.ledger, home.archive, store, clocks)
    budgeting = Budgeting(home, clocks, store.control)
    dues = Dues(home, view.machines, clocks, sinks.records.add)
    openings = Openings(home, sinks.records.add, clocks)
    prepaid = Prepaid(home, store, sinks.records.add, clocks)
    metering = Metering(home, Eyes(store, view.identity.machine), sinks.records.add, clocks)
    stores = (store, budgeting)
    steering = steering_of(home, stores, view, settings, clocks, lambda: dues.full)
    store_loop = StoreLoop(
        store,
        sinks.folder,
        clocks,
        settings.store.batch_seconds,
        sinks.records,
        one_after_the_other(
            steering.asking.requests.step,
            *(jobs.step, budgeting.step, dues.step, metering.step, openings.step, costs.step),
            prepaid.step,
        ),
    )
    beats = Beats(store.control, clocks)
    view.beats = beat_states(settings, beats.states, clocks.wall)
    view.audit_problem = audit_problem(store.control)
    view.store_loop = store_loop
    view.jobs = jobs
    view.costs = costs
    view.budgeting = budgeting
    view.dues = dues
    view.prepaid = prepaid
    view.metering = metering
    view.stopping = steering.stops.stopping
    view.steering = steering
    intake = HubIntake(machines, beats, jobs.take, built_apart)
    return Parts(
        *(store, store_loop, sinks, audience, view, beats, intake),
        *(budgeting, dues, openings, prepaid, metering),
        *(steering, home, clocks),
    )


def _identity(settings: Settings, clocks: Clocks) -> Identity:
    return Identity(
        machine=machine_name(settings),
        version=__version__,
        demo=settings.demo,
        pid=os.getpid(),
        started_at=clocks.wall(),
    )


def _settings_shape(loaded: LoadedSettings, at: float) -> dict[str, object]:
    return {
        "source": loaded.source,
        "path": None if loaded.path is None else str(loaded.path),
        "error": loaded.error,
        "problems": [problem.as_json() for problem in loaded.problems],
        "loaded_at": at,
    }
