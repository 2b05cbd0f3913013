"""Ends that another thread tells, at the end of a program."""

import threading

from sallim.guard import abandoned


def test_an_end_that_is_being_told_is_waited_for():
    begun, go, told = threading.Event(), threading.Event(), []

    def end():
        begun.set()
        go.wait(10)
        told.append(True)

    abandoned.watch()
    abandoned.later(end)
    begun.wait(10)
    threading.Timer(0.05, go.set).start()
    abandoned.flush()

    assert told == [True]
