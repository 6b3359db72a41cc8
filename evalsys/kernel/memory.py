"""How a server's process asks the system for memory, and gives it back."""

import ctypes
import gc

# Numbers of malloc.h in the GNU C library.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
_SMALL = 64 * 1024  # bytes


def hold_little() -> None:
    """Let threads share one heap, and give back what is large as soon as it is free.

    The C library's own way, a heap for each of many threads and a threshold that rises with what was freed,
    kept 70 MB more under load. Called before threads and workers begin; a library without the knobs is left.
    """
    turn = getattr(ctypes.CDLL(None), "mallopt", None)
    if turn is not None:
        for knob, value in ((_ARENA_MAX, 1), (_MMAP_THRESHOLD, _SMALL), (_TRIM_THRESHOLD, _SMALL)):
            turn(knob, value)


def settle() -> None:
    """Let the collector pass by all that is there for good; called by a worker once it has loaded everything.

    It looks at everything only when a quarter as much has come since: with half a million lasting objects
    that is late, after megabytes of rings nobody holds, and takes long. From now on it counts what is new.
    """
    gc.collect()
    gc.freeze()
