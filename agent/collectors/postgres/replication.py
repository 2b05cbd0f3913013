"""How far copies of the server are behind, and how far it is behind itself if it is one."""

from agent.collectors.postgres.parts import Found, Round
from agent.collectors.postgres.queries import REPLICAS, STANDBY


def ask_replication(tick: Round) -> Found:
    behind = None
    readings = []
    if tick.server.is_standby:
        [(behind,)] = tick.session.rows(STANDBY)
        readings.append(tick.reading("postgresql.replication.lag", behind, replica="itself"))
    replicas = []
    for name, host, state, mode, seconds, behind_bytes in tick.session.rows(REPLICAS):
        if state is None:
            # Without pg_monitor only its name is told.
            continue
        # A replica that is idle and up to date has no lag to tell.
        lag = 0.0 if seconds is None and behind_bytes == 0 else seconds
        label = f"{name} {host}" if host else name
        readings += [
            tick.reading("postgresql.replication.lag", lag, replica=label),
            tick.reading("postgresql.replication.data_delay", behind_bytes, replica=label),
        ]
        replicas.append(
            {
                "name": label,
                "state": state,
                "mode": mode,
                "lag_seconds": lag,
                "lag_bytes": behind_bytes,
            }
        )
    told = {"is_standby": tick.server.is_standby, "lag_seconds": behind, "replicas": replicas}
    return Found(readings, {"replication": told})
