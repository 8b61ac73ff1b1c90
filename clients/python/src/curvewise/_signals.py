"""SIGTERM as a wish to pause: the training saves at its next report and ends."""

import atexit
import logging
import os
import signal
import sys
import threading
import weakref
from types import FrameType
from typing import Callable, List, Optional


class _Listener:
    """What this process knows of signals that asked it to end."""

    def __init__(self) -> None:
        self.asked = False
        self.installed = False
        #: Called in the main thread when the signal arrives, to wake what waits.
        self.wake: Optional[Callable[[], None]] = None
        #: Whether to die of the signal in the end, as the process would have without a handler.
        self.dies = False

    def on_signal(self, _number: int, _frame: Optional[FrameType]) -> None:
        self.asked = True
        if self.wake is not None:
            self.wake()


_listener = _Listener()


def listen() -> None:
    """Takes SIGTERM as a wish to pause, unless the program has a handler of its own, or this is not its main thread."""
    if threading.current_thread() is not threading.main_thread() or _listener.installed:
        return
    if signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        return
    signal.signal(signal.SIGTERM, _listener.on_signal)
    _listener.installed = True
    atexit.register(_die)


def is_asked() -> bool:
    """Whether this process was asked to end."""
    return _listener.asked


def when_asked(wake: Optional[Callable[[], None]]) -> None:
    """Has a function called in the main thread when the signal arrives; None: no longer."""
    _listener.wake = wake


def die_of_it() -> None:
    """Has this process end by SIGTERM, not with exit code 0, which would say that the training is complete."""
    _listener.dies = True


def _die() -> None:
    if not _listener.dies:
        return
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            pass
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGTERM)


def _forget() -> None:
    """In a forked child, which must end at SIGTERM: whoever started it counts on that."""
    if _listener.installed:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _listener.__init__()  # type: ignore[misc]


#: Methods to call in forked children, of objects that still exist.
_forked: "List[weakref.WeakMethod[Callable[[], None]]]" = []


def _after_fork() -> None:
    _forget()
    for reference in _forked:
        action = reference()
        if action is not None:
            action()


def after_fork(action: Callable[[], None]) -> None:
    """Has a method called in every child that this process forks, as long as its object exists."""
    _forked[:] = [each for each in _forked if each() is not None]
    _forked.append(weakref.WeakMethod(action))


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
