"""A process that ends with the one that started it."""

import ctypes
import signal

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)


def end_with_parent() -> None:
    """To be called in a new process before it becomes the program; Linux only.

    A supervisor or command that was killed then leaves no process behind.
    """
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
