"""Moment: an instant, known to be one, and the same instant on a Japanese clock.

Shape:  every instant in this library is a `datetime` that is aware; `aware` is the gate, and what it returns is in UTC.
Errors: TypeError for a naive datetime: the programmer's mistake, nothing that a customer can cause.
Source: ARCHITECTURE "Time"; HRS-01 (service hours are Japanese ones).
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

JST = ZoneInfo("Asia/Tokyo")


def aware(moment: datetime) -> datetime:
    """*moment* in UTC; TypeError where it names no instant."""
    if moment.utcoffset() is None:
        msg = "an instant is an aware datetime"
        raise TypeError(msg)
    return moment.astimezone(UTC)


def in_japan(moment: datetime) -> datetime:
    """The same instant in Japanese standard time; TypeError where *moment* names none."""
    return aware(moment).astimezone(JST)
