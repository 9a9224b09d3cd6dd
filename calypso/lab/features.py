"""The feature flags of OpenZFS 2.3.2, in the tool's order."""

from __future__ import annotations

from typing import Any

FEATURES = (
    "async_destroy", "empty_bpobj", "lz4_compress", "multi_vdev_crash_dump", "spacemap_histogram", "enabled_txg",
    "hole_birth", "extensible_dataset", "embedded_data", "bookmarks", "filesystem_limits", "large_blocks",
    "large_dnode", "sha512", "skein", "edonr", "userobj_accounting", "encryption", "project_quota", "device_removal",
    "obsolete_counts", "zpool_checkpoint", "spacemap_v2", "allocation_classes", "resilver_defer", "bookmark_v2",
    "redaction_bookmarks", "redacted_datasets", "bookmark_written", "log_spacemap", "livelist", "device_rebuild",
    "zstd_compress", "draid", "zilsaxattr", "head_errlog", "blake3", "block_cloning", "vdev_zaps_v2",
    "redaction_list_spill", "raidz_expansion", "fast_dedup", "longname", "large_microzap",
)  # fmt: skip
ACTIVE = (  # on every new pool, as recorded
    "lz4_compress", "spacemap_histogram", "enabled_txg", "hole_birth", "extensible_dataset", "embedded_data",
    "userobj_accounting", "project_quota", "spacemap_v2", "log_spacemap", "head_errlog", "vdev_zaps_v2",
)  # fmt: skip


def disabled(pool: dict[str, Any]) -> list[str]:
    """What `zpool upgrade` would enable; nothing where `compatibility` limits the features on purpose."""
    if pool["properties"].get("compatibility", "off") != "off":
        return []
    return [name for name in FEATURES if name in pool.get("disabled_features", [])]


def feature(pool: dict[str, Any], name: str) -> str:
    """disabled, enabled or active."""
    if name in pool.get("disabled_features", []):
        return "disabled"
    return "active" if name in ACTIVE or name in _used(pool) else "enabled"


def _used(pool: dict[str, Any]) -> set[str]:
    kinds = {vdev["kind"] for vdevs in pool["groups"].values() for vdev in vdevs}
    used = {"device_removal", "obsolete_counts"} if "indirect" in kinds else set()
    used |= {"draid"} if "draid" in kinds else set()
    used |= {"allocation_classes"} if pool["groups"].get("special") or pool["groups"].get("dedup") else set()
    used |= {"raidz_expansion"} if pool.get("expansion") else set()
    return used | ({"zpool_checkpoint"} if pool.get("checkpoint") else set())
