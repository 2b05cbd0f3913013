"""Lines of Prometheus' text format, held against prometheus_client's parser."""

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from models.exporters.lines import LABEL_LENGTH_MAX, LABELS_MAX, Lines, Sample, labels_of

PAYLOADS = Path(__file__).parents[1] / "payloads" / "exporters"


def read(text, *prefixes, samples_max=2000):
    body = text if isinstance(text, bytes) else text.encode()
    return Lines(prefixes or ("",), samples_max).read(body)


def by_the_client(text):
    """The same samples as prometheus_client reads them, in our form."""
    found = set()
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            value = float(sample.value) if math.isfinite(sample.value) else None
            value = None if value == 2.0**63 else value
            labels = tuple(sorted((n, v) for n, v in sample.labels.items() if v))
            # It gives a counter the end of OpenMetrics, whatever the exporter called it.
            is_as_told = f"# TYPE {family.name} counter" not in text
            found.add(Sample(sample.name if is_as_told else family.name, labels, value))
    return found


@pytest.mark.parametrize("path", sorted(PAYLOADS.glob("*.txt")), ids=lambda path: path.stem)
def test_every_recorded_text_reads_as_prometheus_client_reads_it(path):
    text = path.read_text()
    ours = read(text)

    assert set(ours.samples) == by_the_client(text)
    assert (ours.malformed, ours.dropped) == (0, 0)


label_values = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)


@given(
    st.dictionaries(st.sampled_from(["a", "path", "_x", "le", "b2"]), label_values, max_size=5),
    st.floats(allow_nan=False),
)
def test_any_label_and_value_come_back_as_they_were(labels, value):
    def escaped(text):
        return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")

    inner = ",".join(f'{name}="{escaped(text)}"' for name, text in labels.items())
    [sample] = read(f"up{{{inner}}} {value!r}\n").samples

    assert dict(sample.labels) == {name: text for name, text in labels.items() if text}
    assert sample.value == (value if math.isfinite(value) and value != 2.0**63 else None)


@given(st.binary(max_size=300))
def test_no_bytes_whatever_end_the_reading(body):
    text = read(body + b"\nup 1\n")

    assert Sample("up", (), 1.0) in text.samples


def test_a_malformed_line_costs_itself_alone():
    text = read(
        "good 1\n"
        'bad{model="x" 2\n'
        "bad{model=x} 2\n"
        "bad\n"
        "bad 1_000\n"
        "bad one\n"
        "bad 1 2 3 4\n"
        '{model="x"} 1\n'
        "1bad 1\n"
        'good{model="x"} 2\n'
    )

    assert [(sample.name, sample.value) for sample in text.samples] == [("good", 1), ("good", 2)]
    assert text.malformed == 8
    assert text.example == 'bad{model="x" 2'


def test_bytes_that_are_no_text_are_malformed():
    text = read(b'up{name="\xff\xfe"} 1\nup 2\n')

    assert [sample.value for sample in text.samples] == [2.0]
    assert text.malformed == 1


def test_only_wanted_lines_are_read_at_all():
    text = read("a_one 1\nb_one oops\na_two 2\n", "a_")

    assert [sample.name for sample in text.samples] == ["a_one", "a_two"]
    assert text.malformed == 0


def test_without_prefixes_nothing_is_wanted():
    assert Lines((), 100).read(b"up 1\n").samples == []


@pytest.mark.parametrize(
    "value", ["NaN", "+Inf", "-Inf", "Inf", "9223372036854775794", "9.223372036854776e+18"]
)
def test_what_is_no_number_is_a_gap(value):
    assert read(f"x {value}\n").samples == [Sample("x", (), None)]


@pytest.mark.parametrize(
    "line",
    ["x 5 1795600000000", "x  5", "x\t5", "x{} 5", 'x{a=""} 5', "x 5\r", 'x 5 # {id="}"} 9 1.5'],
)
def test_timestamps_exemplars_and_blanks_are_left_aside(line):
    assert read(f"{line}\n{line}\n").samples == [Sample("x", (), 5.0)] * 2


def test_names_with_quotes_emoji_and_markup_stay_as_they_are():
    labels = labels_of(r'name="say \"hi\" 😀 <b>&amp;</b>, {x}=\\",b="한국어 a=\"1\""')

    assert labels == (
        ("b", '한국어 a="1"'),
        ("name", 'say "hi" 😀 <b>&amp;</b>, {x}=\\'),
    )


def test_labels_are_capped_in_number_and_length():
    many = ",".join(f'l{number:02}="{"x" * 200}"' for number in range(40))
    [sample] = read(f"up{{{many}}} 1\n").samples

    assert len(sample.labels) == LABELS_MAX
    assert all(len(value) == LABEL_LENGTH_MAX for _, value in sample.labels)


def test_a_name_of_no_reasonable_length_is_malformed():
    assert read("x" * 500 + " 1\n").malformed == 1


def test_samples_beyond_the_limit_are_counted():
    text = read("\n".join(f'up{{n="{n}"}} 1' for n in range(50)), samples_max=20)

    assert (len(text.samples), text.dropped) == (20, 30)


def test_malformed_lines_count_against_the_most():
    text = read("up{\n" * 1000 + "up 1\n", samples_max=20)

    assert (text.samples, text.malformed, text.dropped) == ([], 20, 981)


def test_a_line_without_end_is_malformed():
    text = read('up{name="' + "x" * 1_000_000 + '"} 1\nup 2\n')

    assert (len(text.samples), text.malformed, len(text.example)) == (1, 1, 80)


def test_ever_new_series_do_not_pile_up():
    lines = Lines(("up",), 10)
    for number in range(100):
        [sample] = lines.read(f'up{{request="{number}"}} {number}'.encode()).samples
        assert sample.value == number

    assert len(lines._known) <= 20  # noqa: SLF001
