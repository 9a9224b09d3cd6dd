"""zpool(8)'s refusals as named errors. Which words mean which is in errors.py."""

from __future__ import annotations

from calypso.kernel.errors import ToolError


class Refusal(ToolError):  # errors are nouns here, as in calypso.kernel.errors
    """A named refusal: `hint` says what to do next, `status` is 409 as the state of the box forbids the wish."""

    status = 409
    default_hint = ""


class PoolExists(Refusal):
    code = "pool_exists"
    default_hint = "Choose another name, or destroy or export the pool of that name first."


class DiskInUse(Refusal):
    code = "disk_in_use"
    default_hint = "The disk belongs to an imported pool or is mounted. Choose another one; force does not help."


class DiskHasData(Refusal):
    code = "disk_has_data"
    default_hint = "The disk holds a file system or a partition. If its contents may be lost, use force."


class DiskInExportedPool(Refusal):
    code = "disk_in_exported_pool"
    default_hint = "Import that pool to keep its data, or use force to overwrite the disk."


class NoSuchDevice(Refusal):
    code = "no_such_device"
    status = 404
    default_hint = "The disk may have been pulled. Look at the list of disks, and name it by its /dev/disk/by-id path."


class NoSuchPool(Refusal):
    code = "no_such_pool"
    status = 404
    default_hint = "No imported pool has this name. Look at the list of pools, or import it first."


class ReservedName(Refusal):
    code = "reserved_name"
    status = 422
    default_hint = "Names beginning with mirror, raidz, draid or spare, and log, are reserved. Choose another one."


class BadName(Refusal):
    code = "bad_name"
    status = 422
    default_hint = "Begin with a letter and use letters, digits and - _ . : only."


class BadProperty(Refusal):
    code = "bad_property"
    status = 422
    default_hint = "Correct the property's name or value; zpoolprops(7) and zfsprops(7) list them."


class BadUsage(Refusal):
    code = "bad_usage"
    default_hint = "This version of zpool does not take the command. Check which OpenZFS is installed."
    status = 502


class TooFewDisks(Refusal):
    code = "too_few_disks"
    status = 422
    default_hint = "A mirror and raidz1 need at least 2 disks, raidz2 3 and raidz3 4."


class SameDiskTwice(Refusal):
    code = "same_disk_twice"
    status = 422
    default_hint = "One disk was named twice, maybe by two paths, or it belongs to an md or LVM device."


class MixedReplication(Refusal):
    code = "mixed_replication"
    default_hint = "Give all data vdevs the same type and number of disks, or use force to mix them."


class DifferentSizes(Refusal):
    code = "different_sizes"
    default_hint = "Use disks of one size, or use force and lose what the bigger ones have more."


class DeviceTooSmall(Refusal):
    code = "device_too_small"
    default_hint = "Use a disk of at least the old one's size; ZFS takes no disk below 64 MiB."


class PoolBusy(Refusal):
    code = "pool_busy"
    default_hint = "Something uses the pool: a share, an open file, or a volume that is a LUN. Stop that first."


class PoolReadOnly(Refusal):
    code = "pool_read_only"
    default_hint = "Export the pool and import it without readonly."


class PoolSuspended(Refusal):
    code = "pool_suspended"
    default_hint = "Reconnect the pool's disks and clear its errors; until then all its I/O waits."


class DeviceIoError(Refusal):
    code = "device_io_error"
    default_hint = "The device still does not answer. Reconnect it, then try again."


class PermissionDenied(Refusal):
    code = "permission_denied"
    status = 502
    default_hint = "Changing pools needs root: the worker must run as root."


class AlreadyScrubbing(Refusal):
    code = "already_scrubbing"
    default_hint = "Wait for the scrub to end, or stop it."


class NotScrubbing(Refusal):
    code = "not_scrubbing"
    default_hint = "There is nothing to pause or stop; the scrub may just have ended."


class Resilvering(Refusal):
    code = "resilvering"
    default_hint = "Wait for the resilver to end: it reads and checks the data, too."


class NoReplicas(Refusal):
    code = "no_replicas"
    default_hint = "No other disk holds this data. Replace or reconnect the missing ones first."


class NotDetachable(Refusal):
    code = "not_detachable"
    default_hint = "Only a disk of a mirror, or one being replaced, can be detached. Use replace instead."


class DeviceIsSpare(Refusal):
    code = "device_is_spare"
    default_hint = "The hot spare is not in use. Remove it from the pool instead."


class OutOfSpace(Refusal):
    code = "out_of_space"
    default_hint = "Free space on the pool or add disks."


class CheckpointExists(Refusal):
    code = "checkpoint_exists"
    default_hint = "Discard the existing checkpoint first."


class PoolDamaged(Refusal):
    code = "pool_damaged"
    default_hint = "Too many disks are missing or damaged. Reconnect them and import again."


class MissingDevices(Refusal):
    code = "missing_devices"
    default_hint = "Reconnect the missing devices. A missing log can be given up when importing, with the last writes."


class PoolForeign(Refusal):
    code = "pool_foreign"
    default_hint = "Another system used the pool last. Make sure that it is off there, then import with force."


class FeatureDisabled(Refusal):
    code = "feature_disabled"
    default_hint = "Upgrade the pool first: a feature that this needs is not enabled in it."


class NoCheckpoint(Refusal):
    code = "no_checkpoint"
    default_hint = "The pool has no checkpoint; it may have been discarded meanwhile."


class NotRemovable(Refusal):
    code = "not_removable"
    default_hint = "Data vdevs can be removed only from pools of mirrors and single disks with one sector size."


class NotRemoving(Refusal):
    code = "not_removing"
    default_hint = "No vdev is being removed; the removal may just have ended."


class RemovalRunning(Refusal):
    code = "removal_running"
    default_hint = "Wait for the removal of a vdev to end, or cancel it."


class NotAttachable(Refusal):
    code = "not_attachable"
    default_hint = "A disk can be attached to a mirror, to a single disk, or to a raidz of OpenZFS 2.3 or later."


class AlreadyReplacing(Refusal):
    code = "already_replacing"
    default_hint = "Wait for the replacement to end, or detach one of the two disks."


class ExpansionRunning(Refusal):
    code = "expansion_running"
    default_hint = "A raidz of the pool is growing by a disk. Wait for its end."


class SectorSizeDiffers(Refusal):
    code = "sector_size_differs"
    default_hint = "Take a disk with sectors no larger than those the vdev was made for."


class TrimUnsupported(Refusal):
    code = "trim_unsupported"
    default_hint = "None of these disks can be told which blocks are free."


class ActivityRunning(Refusal):
    code = "activity_running"
    default_hint = "It runs already. Wait for its end, suspend or cancel it."


class NoActivity(Refusal):
    code = "no_activity"
    default_hint = "There is nothing to suspend or cancel; it may just have ended."


class UnsupportedFeatures(Refusal):
    code = "unsupported_features"
    default_hint = "A newer version of ZFS made this pool. Import it read-only, or update this system first."


class SparesShared(Refusal):
    code = "spares_shared"
    default_hint = "A spare of the pool stands in for a disk of another pool. Replace that disk first."
