"""The projection of disks, pools and ZFS itself."""

from __future__ import annotations

from apps.storage.models.disks import Disk
from apps.storage.models.pools import Pool
from apps.storage.models.zfs import ZfsState
from calypso.kernel.projections import Projection

projection = Projection("storage", 2, lambda: [Disk, Pool, ZfsState])
