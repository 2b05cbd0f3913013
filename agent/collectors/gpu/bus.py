"""What the kernel knows of NVIDIA cards; reading it never wakes one."""

from pathlib import Path

NVIDIA = "0x10de"
DISPLAY_CLASS = "0x03"


class PciBus:
    """The PCI devices under `sys_root` (a parameter, so that a test can bring a tree)."""

    def __init__(self, sys_root: Path) -> None:
        self._devices = sys_root / "bus/pci/devices"

    def nvidia_cards(self) -> list[str]:
        """Addresses as sysfs writes them, in its order; empty where there is no PCI (WSL)."""
        try:
            addresses = sorted(path.name for path in self._devices.iterdir())
        except OSError:
            return []
        return [address for address in addresses if self._is_nvidia_card(address)]

    def sleeps(self, address: str) -> bool:
        """True while the kernel holds the card in its power-saving state."""
        return self._read(address, "power/runtime_status") == "suspended"

    def _is_nvidia_card(self, address: str) -> bool:
        # A card brings sound and USB devices of the same vendor: only the display class counts.
        return self._read(address, "vendor") == NVIDIA and self._read(address, "class").startswith(
            DISPLAY_CLASS
        )

    def _read(self, address: str, name: str) -> str:
        try:
            return (self._devices / address / name).read_text().strip()
        except OSError:
            return ""
