"""Looking around on loopback: the real programs are found, and others are not taken for them."""

import socket

import pytest

from agent.discovery import Place, Ports, look_around
from models.connect import Kind
from tests.processes import free_port
from tests.servers.http import Page, garbage, half_closed, hanging, pages, serving
from tests.servers.node_exporter import node_exporter
from tests.servers.postgres import running_postgres
from tests.servers.redis import running_redis
from tests.standins.n8n import N8n

pytestmark = pytest.mark.slow

NOBODY = Ports((), (), (), (), ())


def found(ports: Ports, **more) -> dict[Kind, str]:
    place = Place(ports, **more)
    kinds = (Kind.GPU, Kind.UNITS)
    return {thing.kind: thing.where for thing in look_around(place) if thing.kind not in kinds}


@pytest.mark.slow
def test_the_real_programs_are_found_by_what_they_speak(tmp_path):
    with (
        running_postgres() as postgres,
        running_redis(requirepass="secret") as redis,
        node_exporter() as exporter,
        N8n("2.40.7") as n8n,
        pages({"/api/version": Page(b'{"version": "0.9.1"}')}) as ollama,
        socket.socket(socket.AF_UNIX) as docker,
    ):
        docker.bind(str(tmp_path / "docker.sock"))
        n8n_port = int(n8n.url.rpartition(":")[2])
        exporter_port = int(exporter.url.rpartition(":")[2].partition("/")[0])
        ports = Ports(
            (postgres.port,), (redis.port,), (n8n_port,), (ollama.port,), (exporter_port,)
        )
        seen = found(ports, docker_socket=tmp_path / "docker.sock")

    assert seen == {
        Kind.POSTGRES: f"127.0.0.1:{postgres.port}",
        Kind.REDIS: f"127.0.0.1:{redis.port}",
        Kind.N8N: f"http://127.0.0.1:{n8n_port}",
        Kind.OLLAMA: f"http://127.0.0.1:{ollama.port}",
        Kind.NODE_EXPORTER: f"http://127.0.0.1:{exporter_port}/metrics",
        Kind.DOCKER: str(tmp_path / "docker.sock"),
    }


def test_where_nobody_listens_nothing_is_found(tmp_path):
    port = (free_port(),)

    assert found(Ports(port, port, port, port, port), docker_socket=tmp_path / "no") == {}


@pytest.mark.parametrize("behaviour", [hanging, half_closed, garbage])
def test_whatever_answers_instead_is_taken_for_nothing(behaviour, tmp_path):
    with serving(behaviour) as server:
        port = (server.port,)

        assert found(Ports(port, port, port, port, port), docker_socket=tmp_path / "no") == {}


def test_another_program_with_a_healthz_is_no_n8n(tmp_path):
    healthy = {"/healthz": Page(b'{"status": "ok"}'), "/": Page(b"<title>Grafana</title>")}
    with pages(healthy) as server:
        assert found(NOBODY._replace(n8n=(server.port,)), docker_socket=tmp_path / "no") == {}
