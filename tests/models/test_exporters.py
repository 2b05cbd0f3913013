"""What becomes of recorded answers of exporters; each pair of texts is fifteen seconds apart."""

from pathlib import Path

import pytest

from models.exporters.presets import PRESETS, recognised
from models.exporters.target import Exporter
from models.monitoring import Reading

PAYLOADS = Path(__file__).parents[1] / "payloads" / "exporters"


def exporter(name, *prefixes, samples_max=2000):
    return Exporter("gpu-1", PRESETS.get(name), prefixes, samples_max)


def after(one, *texts, seconds=15.0):
    """Readings of the last text, as {name and labels without the source: value}."""
    readings = []
    for round_, text in enumerate(texts):
        readings = one.readings(one.read(text.encode()), 100.0 + round_ * seconds)
    return {_shown(reading): reading.value for reading in readings}


def _shown(reading):
    rest = [f"{name}={value}" for name, value in reading.labels if name != "source"]
    return " ".join([reading.name, *rest])


def recorded(name):
    return [(PAYLOADS / f"{name}{end}.txt").read_text() for end in ("", "_15s_later")]


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_every_known_exporter_is_recognised_by_its_answer(name):
    for path in PAYLOADS.glob(f"{name}*.txt"):
        assert recognised(path.read_bytes()).name == name, path


def test_vllm_v1_shows_queue_cache_tokens_and_latencies():
    shown = after(exporter("vllm"), *recorded("vllm_v1"))
    model = "engine=0 model_name=qwen2.5-7b"

    assert shown == {
        f"vllm:num_requests_running {model}": 3.0,
        f"vllm:num_requests_waiting {model}": 7.0,
        f"vllm:kv_cache_usage_perc {model}": 0.4375,
        f"vllm:num_preemptions_total {model}": pytest.approx(1 / 15),
        f"vllm:prompt_tokens_total {model}": 200.0,
        f"vllm:generation_tokens_total {model}": 100.0,
        f"vllm:prefix_cache_queries_total {model}": 10.0,
        f"vllm:prefix_cache_hits_total {model}": 5.0,
        "vllm:request_success_total engine=0 finished_reason=stop model_name=qwen2.5-7b": 2.0,
        "vllm:request_success_total engine=0 finished_reason=length model_name=qwen2.5-7b": 0.0,
        f"vllm:time_to_first_token_seconds_count {model}": 2.0,
        f"vllm:time_to_first_token_seconds {model} quantile=0.5": pytest.approx(0.075),
        f"vllm:time_to_first_token_seconds {model} quantile=0.95": pytest.approx(0.44),
        f"vllm:inter_token_latency_seconds_count {model}": 20.0,
        f"vllm:inter_token_latency_seconds {model} quantile=0.5": pytest.approx(0.0175),
        f"vllm:inter_token_latency_seconds {model} quantile=0.95": pytest.approx(0.02425),
        f"vllm:e2e_request_latency_seconds_count {model}": 2.0,
        f"vllm:e2e_request_latency_seconds {model} quantile=0.5": pytest.approx(1.75),
        f"vllm:e2e_request_latency_seconds {model} quantile=0.95": pytest.approx(2.425),
        f"vllm:request_queue_time_seconds_count {model}": 2.0,
        f"vllm:request_queue_time_seconds {model} quantile=0.5": pytest.approx(0.15),
        f"vllm:request_queue_time_seconds {model} quantile=0.95": pytest.approx(0.285),
    }


def test_vllm_v0_comes_under_the_names_of_v1():
    shown = after(exporter("vllm"), *recorded("vllm_v0"))

    assert shown["vllm:kv_cache_usage_perc model_name=mistral-7b"] == 0.25
    assert shown["vllm:inter_token_latency_seconds_count model_name=mistral-7b"] == 2.0
    assert shown["vllm:inter_token_latency_seconds model_name=mistral-7b quantile=0.5"] > 0
    assert not any("gpu_cache" in name or "per_output" in name for name in shown)


def test_vllm_behind_a_gateway_that_knows_no_colons_is_the_same():
    plain, spelled = recorded("vllm_v1"), [t.replace("vllm:", "vllm_") for t in recorded("vllm_v1")]

    assert after(exporter("vllm"), *spelled) == after(exporter("vllm"), *plain)


def test_tgi_shows_queue_batch_and_durations():
    shown = after(exporter("tgi"), *recorded("tgi"))

    assert shown["tgi_queue_size"] == 4.0
    assert shown["tgi_batch_current_size"] == 16.0
    assert shown["tgi_request_count"] == 2.0
    assert shown["tgi_request_failure err=overloaded"] == 0.0
    assert shown["tgi_request_duration quantile=0.5"] == pytest.approx(1.5)


def test_triton_shows_requests_and_the_queue():
    shown = after(exporter("triton"), *recorded("triton"))

    assert shown["nv_inference_request_success model=yolo version=1"] == 10.0
    assert shown["nv_inference_queue_duration_us model=yolo version=1"] == 50_000.0
    assert shown["nv_inference_pending_request_count model=yolo version=1"] == 2.0
    assert 0.73 in shown.values()


def test_haproxy_shows_requests_errors_and_who_is_up():
    one = exporter("haproxy")
    shown = after(one, *recorded("haproxy"))

    assert shown["haproxy_frontend_http_requests_total proxy=web"] == 10.0
    assert shown["haproxy_backend_http_responses_total code=5xx proxy=app"] == 1.0
    assert shown["haproxy_backend_status proxy=app state=UP"] == 1.0
    assert not any("bytes_out" in name for name in shown)
    assert one.version == "2.6.12-1+deb12u1"


def test_n8n_shows_failures_and_durations():
    one = exporter("n8n")
    shown = after(one, *recorded("n8n"))

    assert shown["n8n_workflow_failed_total workflow_id=a1"] == pytest.approx(0.2)
    mode = "n8n_workflow_execution_duration_seconds_count mode=trigger status=success"
    assert shown[mode] == 1.0
    assert one.version == "v2.40.7"


def test_every_series_says_its_source_and_has_sorted_labels():
    one = exporter("vllm")

    for reading in one.readings(one.read(recorded("vllm_v1")[0].encode()), 0.0):
        assert ("source", "gpu-1") in reading.labels
        assert reading.labels == tuple(sorted(reading.labels))


def test_a_label_of_the_exporter_does_not_pass_for_ours():
    one = exporter("", "up")
    readings = one.readings(one.read(b'up{source="elsewhere",a="1"} 1\n'), 0.0)

    assert readings == [Reading("up", 1.0, (("a", "1"), ("source", "gpu-1")))]


def test_the_first_text_has_gauges_and_gaps():
    shown = after(exporter("vllm"), recorded("vllm_v1")[0])

    assert shown["vllm:num_requests_running engine=0 model_name=qwen2.5-7b"] == 3.0
    assert shown["vllm:prompt_tokens_total engine=0 model_name=qwen2.5-7b"] is None


def test_a_restart_is_a_gap_and_never_a_spike():
    first, later = recorded("vllm_v1")
    shown = after(exporter("vllm"), later, first)

    counted = {name: value for name, value in shown.items() if "_total" in name or "_sec" in name}
    moved = {name for name, value in counted.items() if value is not None}
    assert moved <= {
        "vllm:request_success_total engine=0 finished_reason=length model_name=qwen2.5-7b"
    }


def test_a_quiet_time_has_no_latency():
    text = recorded("vllm_v1")[0]
    shown = after(exporter("vllm"), text, text)

    name = "vllm:e2e_request_latency_seconds"
    assert shown[f"{name} engine=0 model_name=qwen2.5-7b quantile=0.95"] is None
    assert shown[f"{name}_count engine=0 model_name=qwen2.5-7b"] == 0.0


def test_a_series_that_is_told_twice_counts_once():
    shown = after(exporter("", "x"), "x_total 5\nx_total 9\n", "x_total 20\nx_total 50\n")

    assert list(shown) == ["x_total"]


def test_a_summary_keeps_its_own_quantiles():
    text = '# TYPE s summary\ns{quantile="0.5"} 0.2\ns_sum 9\ns_count 10\n'
    shown = after(exporter("", "s"), text, text.replace("count 10", "count 25"))

    assert shown == {"s quantile=0.5": 0.2, "s_count": 1.0}


def test_counters_of_openmetrics_are_counters():
    text = '# TYPE r counter\nr_total{a="b"} 10\nr_created{a="b"} 1.7e9\n# EOF\n'
    shown = after(exporter("", "r"), text, text.replace("} 10", "} 25"))

    assert shown == {"r_total a=b": 1.0}


def test_own_prefixes_are_kept_beside_a_preset():
    text = (PAYLOADS / "node_exporter.txt").read_text()
    shown = after(exporter("node_exporter", "node_sockstat_TCP_inuse", "node_load1"), text)

    assert "node_sockstat_TCP_inuse" in shown
    assert "system.cpu.load_average.1m" in shown
    assert "node_load1" not in shown


def test_what_is_left_out_is_told():
    one = exporter("", "x", samples_max=10)
    text = one.read(b"x oops\n" + b"".join(b'x{n="%d"} 1\n' % n for n in range(12)))
    told = [str(message) for message in one.left_out(text).values()]

    assert told[0].startswith("1 lines are no samples and were left out, for example `x oops`")
    assert told[1].startswith("3 samples left out: the limit is 10; raise samples_max")


def test_a_secret_in_a_malformed_line_is_not_shown():
    one = exporter("", "x")
    [told] = one.left_out(one.read(b'x{token="abcdefgh12345678" 1\n')).values()

    assert "abcdefgh12345678" not in str(told)


@pytest.mark.parametrize(
    ("preset", "body", "sentence"),
    [
        ("vllm", b"<html>sign in</html>", "is no text of metrics; check the path"),
        ("vllm", b"", "is no text of metrics"),
        ("vllm", b"node_load1 1\n", "it shows nothing of vllm: set another preset"),
        ("", b"# TYPE up gauge\nup 1\nfoo 2\n", "it has up, foo ..."),
    ],
)
def test_an_answer_with_nothing_in_it_says_what_to_set(preset, body, sentence):
    assert sentence in str(exporter(preset).nothing_kept(body))
