"""How a server's process asks the system for memory, and gives it back."""

import gc
import os
import sys

# Of the GNU C library, which reads them when a program begins; others pass them by.
TUNABLES = "GLIBC_TUNABLES"
BEGAN = "_EVALSYS_BEGAN_ANEW"
_SMALL = 64 * 1024  # bytes
OURS = (
    # One heap: a heap for each of many threads kept 70 MB more under load.
    "glibc.malloc.arena_max=1",
    # No store of each thread: those of eighty threads filled up by 15 MB over 100,000 requests.
    "glibc.malloc.tcache_count=0",
    # What is large is given back as soon as it is free, not kept for the next of its size.
    f"glibc.malloc.mmap_threshold={_SMALL}",
    f"glibc.malloc.trim_threshold={_SMALL}",
)
LOOKS = (400, 4, 2)  # new objects until the youngest are looked at, and how many such looks until the older


def hold_little() -> None:
    """Begin this program anew in a C library that holds little; goes on where it does already."""
    given = os.environ.get(TUNABLES, "")
    missing = [one for one in OURS if one not in given.split(":")]
    # The number stays the same: whatever became of the words on the way, it begins anew once.
    if missing and os.environ.get(BEGAN) != str(os.getpid()):
        os.environ[BEGAN] = str(os.getpid())
        os.environ[TUNABLES] = ":".join([*filter(None, [given]), *missing])
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def settle() -> None:
    """Let the collector pass by all that is there for good; called by a worker once it has loaded everything.

    It looks at everything only when a quarter as much has come since: with half a million lasting objects
    that is late, after megabytes of rings nobody holds, and takes long. From now on it counts what is new,
    and as that is little it may look often: 4 MB less of rings lie about between two looks.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*LOOKS)
