from types import SimpleNamespace

from agent.collectors.gpu.fields import FIELDS


def test_a_card_that_says_it_has_no_memory_has_no_share_of_it():
    nvml = SimpleNamespace(
        nvmlMemory_v2=2,
        nvmlDeviceGetMemoryInfo=lambda handle, version: SimpleNamespace(used=0, total=0),
    )

    measures = FIELDS["memory"].read(nvml, None)

    assert {measure.name for measure in measures} == {"hw.gpu.memory.usage", "hw.gpu.memory.limit"}
