"""`[[service]]` and `[automation]`: what can be stopped, and what Sallim may do by itself."""

import pytest

from models.settings import Settings
from models.settings.problems import settings_of
from tests.told import problem, problems

COMMANDS = 'stop = ["/bin/false"]\nstart = ["/bin/true"]\ncheck = ["/bin/true"]'
CIRCLE = '[[service]]\nname = "a"\nrequires = ["b"]\n[[service]]\nname = "b"\nrequires = ["a"]'


def services(text):
    return settings_of(text, "sallim.toml").service


def test_a_new_house_counts_and_blocks_and_asks_before_it_stops():
    automation = Settings().automation

    assert (automation.count, automation.block) == ("on", "on")
    assert (automation.stop, automation.scale, automation.repair) == ("ask", "off", "off")


def test_what_is_meant_is_named_like_the_service_unless_said():
    units = services(
        '[[service]]\nname = "ocr"\n[[service]]\nname = "n8n"\nkind = "docker"\n'
        '[[service]]\nname = "w"\ntarget = "video@1.service"'
    )

    assert [each.subject for each in units] == ["ocr.service", "n8n", "video@1.service"]


@pytest.mark.parametrize(
    "unit", ["n8n", "--force.service", "a b.service", "x;reboot.service", "$(x).service", "n8n.\n"]
)
def test_only_the_name_of_a_unit_is_one(unit):
    text = f"[[service]]\ntarget = {unit!r}".replace("'", '"')
    if unit.startswith("--"):
        # A dash is allowed in names of units; systemctl is told where its options end.
        assert services(text)[0].subject == unit
    else:
        assert "is no name of systemd; it takes one" in problem(text)


@pytest.mark.parametrize(
    ("kind", "target"),
    [("docker", "../x"), ("n8n_workflow", "a/b"), ("gateway_token", "A?"), ("docker", "-x")],
)
def test_nothing_else_becomes_part_of_a_path_or_a_command(kind, target):
    text = f'[[n8n]]\n[[service]]\nkind = "{kind}"\ntarget = "{target}"'

    assert f"is no name of {kind}; it takes one, for example" in problem(text)


def test_a_command_says_how_it_stops_starts_and_is_looked_at():
    assert services(f'[[service]]\nkind = "command"\n{COMMANDS}')[0].stop == ("/bin/false",)
    assert problem('[[service]]\nkind = "command"\nstop = ["/bin/false"]') == (
        'sallim.toml line 1: service.start is empty, and kind = "command" takes stop, start and '
        'check; write the program and its words, for example start = ["/usr/local/bin/gpu", '
        '"start"]'
    )


@pytest.mark.parametrize(
    "argv",
    [
        '["gpu", "stop"]',
        '["./gpu"]',
        '["/opt/{name}/gpu"]',
        '["/bin/sh", "-c", "echo {reason}"]',
        '["/bin/sh", "{"]',
        r'["/bin/echo", "a\nb"]',
    ],
)
def test_words_that_could_come_from_outside_are_refused(argv):
    told = problem(f"[[service]]\nstop = {argv}")

    assert "service.stop takes a program by its whole path and its words" in told
    assert '["/usr/local/bin/gpu", "stop"]' in told


def test_the_name_and_the_verb_may_be_filled_in():
    argv = '["/opt/gpu", "{verb}", "--name={name}"]'
    text = f'[[service]]\nkind = "command"\nstop = {argv}\nstart = {argv}\ncheck = {argv}'

    assert services(text)[0].start[1] == "{verb}"


def test_a_circle_is_refused_when_the_settings_are_read():
    told = problem(CIRCLE)

    assert "line 3: service.requires closes a circle (a → b → a)" in told
    assert "for example requires = []" in told


def test_what_is_required_must_be_there():
    told = problem('[[service]]\nname = "a"\n[[service]]\nname = "b"\nrequires = ["c"]')

    assert 'line 5: service.requires has "c", and no [[service]] is named so' in told
    assert 'for example ["a"]' in told


def test_a_workflow_runs_in_an_n8n_that_is_there():
    workflow = '[[service]]\nkind = "n8n_workflow"\ntarget = "VmwOO9HeTEj20kxM"'

    assert services(f"[[n8n]]\n{workflow}")[0].subject == "VmwOO9HeTEj20kxM"
    assert "or remove this [[service]]" in problem(workflow)
    assert "no [[n8n]] is named so" in problem(f'[[n8n]]\nname = "x"\n{workflow}')


def test_every_mistake_is_told_with_its_line():
    told = problems('[automation]\nstop = true\ndocker_socket = "x"\n[[service]]\nhour_krw = 1.5')

    assert [line.partition(":")[0] for line in told] == [f"sallim.toml line {n}" for n in (2, 3, 5)]
