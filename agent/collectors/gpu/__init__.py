"""NVIDIA cards of this machine, read in-process through NVML."""

from agent.collectors.gpu.collector import GpuCollector

__all__ = ["GpuCollector"]
