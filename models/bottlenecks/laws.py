"""Laws of queues, as formulas of measured numbers. All times are seconds.

Utilisation law, Little's law and the asymptotic bounds: Denning & Buzen, "The Operational
Analysis of Queueing Network Models", ACM Computing Surveys 10 (3), 1978. They hold for any
distribution, as long as about as much work ends as arrives. The wait of an open station: Allen
& Cunneen's approximation of G/G/m (Allen, "Probability, Statistics, and Queueing Theory", 1990,
5.2.2), which is Kingman's with one server.
"""

from math import inf

RATE_MIN = 1e-12


def utilisation(busy_seconds: float, servers: int, span_seconds: float) -> float:
    """Share of its servers' time in which a station worked.

    >>> utilisation(1800.0, 1, 3600.0), utilisation(1800.0, 2, 3600.0)
    (0.5, 0.25)
    """
    return min(1.0, busy_seconds / (servers * span_seconds)) if span_seconds > 0 else 0.0


def mean_queue(arrivals_per_second: float, wait_seconds: float) -> float:
    """Little's law, L = lambda W: how many wait on average.

    >>> mean_queue(0.5, 4.0)
    2.0
    """
    return arrivals_per_second * wait_seconds


def capacity_per_second(service_seconds: float, servers: int) -> float:
    """The most that a station can do; without end where it takes no time.

    >>> capacity_per_second(10.0, 2)
    0.2
    """
    return servers / service_seconds if service_seconds > 0 else inf


def probability_of_waiting(servers: int, load: float) -> float:
    """Erlang's C: the share of arrivals that find all servers busy; `load` is utilisation.

    >>> probability_of_waiting(1, 0.5), round(probability_of_waiting(2, 0.5), 4)
    (0.5, 0.3333)
    """
    if load >= 1.0:
        return 1.0
    offered = servers * load
    # By the recursion of Erlang's B: no factorial that overflows.
    blocked = 1.0
    for server in range(1, servers + 1):
        blocked = offered * blocked / (server + offered * blocked)
    return blocked / (1.0 - load * (1.0 - blocked))


def open_wait(
    arrivals_per_second: float, service_seconds: float, servers: int, variability: float
) -> float:
    """Mean wait where work arrives by itself; without end where more arrives than can be done.

    `variability` is (Ca² + Cs²) / 2: half the sum of the squared coefficients of variation of
    the times between arrivals and of the service times. 1 for M/M/m, 0.5 for M/D/1.

    >>> open_wait(0.5, 1.0, 1, 1.0), open_wait(0.5, 1.0, 1, 0.5)
    (1.0, 0.5)
    """
    if arrivals_per_second < RATE_MIN or service_seconds <= 0:
        return 0.0
    load = arrivals_per_second * service_seconds / servers
    if load >= 1.0:
        return inf
    waiting = probability_of_waiting(servers, load)
    return variability * waiting * service_seconds / (servers * (1.0 - load))


def closed_residence(residence_seconds: float, capacity: float, capacity_after: float) -> float:
    """Time in the pipeline when its capacity changes and the backlog stays as it is.

    While work waits at the bottleneck, X = capacity, and Little's law N = X R holds with N kept,
    so R changes as 1 / capacity (the heavy-load asymptote of Denning & Buzen).

    >>> closed_residence(100.0, 0.1, 0.2)
    50.0
    """
    return residence_seconds * capacity / capacity_after if capacity_after > 0 else inf
