"""How a vdev is shown."""

from __future__ import annotations

from ninja import Schema


class VdevOut(Schema):
    """A vdev with its error counts (null where ZFS gives none) and what it is made of.

    ``disk``: the id of the disk that it is; "" for a group, and where the disk is away: then ``guid`` names it.
    """

    name: str
    guid: str = ""
    path: str = ""
    disk: str = ""
    type: str
    state: str
    read: int | None
    write: int | None
    checksum: int | None
    note: str
    children: list[VdevOut]
