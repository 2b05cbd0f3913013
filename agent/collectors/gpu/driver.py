"""Opening and closing NVML, and what its errors mean for the whole source."""

import _ctypes
from contextlib import suppress
from typing import Any

from models.errors import SourceRefused, SourceUnreachable
from models.messages import say
from models.monitoring import Absent

LIBRARY = "libnvidia-ml.so.1"

# NVML's numbers, which never change; its exception classes exist only once the binding is loaded.
UNINITIALIZED = 1
NO_PERMISSION = 4
NOT_FOUND = 6
DRIVER_NOT_LOADED = 9
LIBRARY_NOT_FOUND = 12
GPU_IS_LOST = 15
RESET_REQUIRED = 16
VERSION_MISMATCH = 18
OF_THE_WHOLE_DRIVER = frozenset(
    {UNINITIALIZED, DRIVER_NOT_LOADED, LIBRARY_NOT_FOUND, VERSION_MISMATCH}
)
OF_A_LOST_CARD = frozenset({GPU_IS_LOST, RESET_REQUIRED})
NOT_OURS = frozenset({NO_PERMISSION, NOT_FOUND})
"""A card that was given to a virtual machine or to another container."""
NEVER_SUPPORTED = frozenset({3, 13, 22, 25, 26})
"""NotSupported, FunctionNotFound, no ECC on a vGPU, unknown struct version, deprecated."""

NO_DRIVER = Absent(say("no NVIDIA driver here ({library} is not installed)", library=LIBRARY))
CARD_WITHOUT_DRIVER = Absent(
    say("an NVIDIA card is here but no driver for it: install the NVIDIA driver to watch the card")
)
NOT_LOADED = Absent(
    say(
        "the NVIDIA driver is installed but its kernel module is not loaded: "
        "run `modprobe nvidia` or reboot"
    )
)
NO_CARD = Absent(say("the NVIDIA driver is here but shows no card to this user"))
MISMATCH = say(
    "the NVIDIA driver was upgraded while it was in use, so its library and its kernel module "
    "no longer fit together: reboot or reload the driver"
)


class DriverGoneError(Exception):
    """The driver as a whole stopped answering; `code` is NVML's number."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Driver:
    """NVML, open or closed.

    The binding is imported only where the library is installed: it costs 2 to 5 MB, which
    a machine without a card need not pay.
    """

    def __init__(self) -> None:
        self.nvml: Any = None
        self._is_installed = False

    def is_installed(self) -> bool:
        """Loads the library for a moment; runs no function of it."""
        if not self._is_installed:
            try:
                _ctypes.dlclose(_ctypes.dlopen(LIBRARY, 0))
            except OSError:
                return False
            self._is_installed = True
        return True

    def open(self) -> Any:
        """The `pynvml` module, initialised. Raises DriverGoneError."""
        if self.nvml is None:
            import pynvml

            try:
                pynvml.nvmlInit()
            except pynvml.NVMLError as error:
                _unload(pynvml)
                raise DriverGoneError(error.value) from error
            self.nvml = pynvml
        return self.nvml

    def close(self) -> None:
        """Shut NVML down and let go of the library, so that the next try loads the one on disk.

        A driver upgrade replaces the file: a process that keeps the old one mapped would meet
        a version mismatch for the rest of its life.
        """
        self._is_installed = False
        if self.nvml is None:
            return
        with suppress(self.nvml.NVMLError):
            self.nvml.nvmlShutdown()
        _unload(self.nvml)
        self.nvml = None


def _unload(nvml: Any) -> None:
    # The binding offers no way to unload: these private names are where it remembers the library.
    if nvml.nvmlLib is not None:
        _ctypes.dlclose(nvml.nvmlLib._handle)  # noqa: SLF001
        nvml.nvmlLib = None
        nvml._nvmlGetFunctionPointer_cache.clear()  # noqa: SLF001


def verdict(code: int) -> Absent:
    """What an error of the whole driver means: absent, or one of the two SourceErrors, raised."""
    if code == LIBRARY_NOT_FOUND:
        return NO_DRIVER
    if code == DRIVER_NOT_LOADED:
        return NOT_LOADED
    if code == VERSION_MISMATCH:
        raise SourceRefused("gpu", MISMATCH)
    raise SourceUnreachable(
        "gpu",
        say("the NVIDIA driver failed with NVML error {code}: look at `nvidia-smi`", code=code),
    )
