"""Runs a program in a user namespace in which root is ``nobody``: ``python namespace.py PROGRAM [ARGUMENT]...``.

A process of its own, not a fork that goes on: only a process of one thread may enter a namespace, and libraries start
threads in the forks of their process.
"""

import ctypes
import os
import pwd
import sys
from pathlib import Path

_CLONE_NEWUSER = 0x10000000
REFUSED = 125
"""The exit status where the kernel does not let it."""


def enter() -> None:
    """Maps root to an account that is not root.

    To ``nobody``, as initdb asks for the name of its account and that one is everywhere.

    Raises:
        OSError: The kernel refuses.
    """
    nobody = pwd.getpwnam("nobody")
    uid_map, gid_map = f"{nobody.pw_uid} {os.geteuid()} 1", f"{nobody.pw_gid} {os.getegid()} 1"
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    # In this order: a process may map its group only once it has given up setgroups().
    for name, text in (("setgroups", "deny"), ("uid_map", uid_map), ("gid_map", gid_map)):
        Path("/proc/self", name).write_text(text)


if __name__ == "__main__":
    try:
        enter()
    except (OSError, AttributeError, KeyError) as error:
        print(f"no user namespace: {error}", file=sys.stderr)
        sys.exit(REFUSED)
    os.execv(sys.argv[1], sys.argv[1:])  # noqa: S606  it is what this is for
