"""What zfs(8) may refuse, as named errors with hints. errors.py tells from the tool's words which one it is."""

from __future__ import annotations

from calypso.kernel.errors import ToolError


class Refusal(ToolError):
    """A named refusal: `hint` says what to do next, `status` is 409 as the state of the box forbids the wish."""

    status = 409
    default_hint = ""


class NoSuchDataset(Refusal):
    code = "no_such_dataset"
    status = 404
    default_hint = "It may have been renamed or destroyed. Look at the list of datasets and snapshots."


class DatasetExists(Refusal):
    code = "dataset_exists"
    default_hint = "Choose another name."


class NoParent(Refusal):
    code = "no_parent"
    default_hint = "Create the datasets above it first, or let `parents` do it."


class BadName(Refusal):
    code = "bad_name"
    status = 422
    default_hint = "Use letters, digits and - _ . : in each part, with / between the parts."


class DatasetBusy(Refusal):
    code = "dataset_busy"
    default_hint = "Something uses it: an open file, a process in its folder, a share, or a LUN. End that first."


class HasChildren(Refusal):
    code = "has_children"
    default_hint = "Destroy recursively, if what is below it and its snapshots may go too."


class HasClones(Refusal):
    code = "has_clones"
    default_hint = "Clones depend on its snapshots. Promote them to keep them, or destroy them as well."


class IsPool(Refusal):
    code = "is_pool"
    default_hint = "This is the pool's own root dataset. Destroy the pool instead."


class NotAClone(Refusal):
    code = "not_a_clone"
    default_hint = "Only a clone can be promoted. It may have been promoted already."


class DifferentPools(Refusal):
    code = "different_pools"
    status = 422
    default_hint = "Both must be in one pool. Use replication to bring data to another pool."


class NewerSnapshots(Refusal):
    code = "newer_snapshots"
    default_hint = "Rolling back destroys the newer snapshots and bookmarks. Ask for that if they may go."


class ClonesInTheWay(Refusal):
    code = "clones_in_the_way"
    default_hint = "Newer snapshots have clones, which a rollback would destroy. Promote them first, or ask for that."


class SnapshotHeld(Refusal):
    code = "snapshot_held"
    default_hint = "Release its holds first, or let it be destroyed with the last of them."


class HoldExists(Refusal):
    code = "hold_exists"
    default_hint = "The snapshot has a hold of this tag already. Choose another tag."


class NoSuchHold(Refusal):
    code = "no_such_hold"
    status = 404
    default_hint = "The snapshot has no hold of this tag. Look at its holds."


class BookmarkExists(Refusal):
    code = "bookmark_exists"
    default_hint = "Choose another name for the bookmark."


class NoSuchSnapshot(Refusal):
    code = "no_such_snapshot"
    status = 404
    default_hint = "None of the named snapshots is there. Look at the list of snapshots."


class BelowUsed(Refusal):
    code = "below_used"
    default_hint = "More than this is used or reserved already. Choose a larger value, or free space first."


class BadValue(Refusal):
    code = "bad_value"
    status = 422
    default_hint = "Correct the value; zfsprops(7) and the table of properties say what it may be."


class UnknownProperty(Refusal):
    code = "unknown_property"
    status = 422
    default_hint = "There is no property of this name. One of your own has a colon in its name."


class ReadOnlyProperty(Refusal):
    code = "read_only_property"
    status = 422
    default_hint = "ZFS itself sets this property."


class NotForThisType(Refusal):
    code = "property_not_for_type"
    status = 422
    default_hint = "Some properties are only for file systems, some only for volumes."


class PassphraseTooShort(Refusal):
    code = "passphrase_too_short"
    status = 422
    default_hint = "A passphrase has 8 to 512 characters."


class KeyMissing(Refusal):
    code = "key_missing"
    status = 422
    default_hint = "Give the passphrase or the key in the form that keyformat says."


class KeyFormatMissing(Refusal):
    code = "key_format_missing"
    status = 422
    default_hint = "A dataset with a key of its own needs a key format."


class KeyInUse(Refusal):
    code = "key_in_use"
    default_hint = "Unmount the file systems of this key and stop what uses its volumes first."


class KeyUnavailable(Refusal):
    code = "key_unavailable"
    default_hint = "Load the key of its encryption root first."


class WrongKey(Refusal):
    code = "wrong_key"
    status = 422
    default_hint = "The passphrase or key is not that of this dataset."


class KeyAlreadyLoaded(Refusal):
    code = "key_already_loaded"
    default_hint = "There is nothing to do: its data can be used."


class KeyNotLoaded(Refusal):
    code = "key_not_loaded"
    default_hint = "There is nothing to unload, or the key must be loaded first."


class ParentNotEncrypted(Refusal):
    code = "parent_not_encrypted"
    default_hint = "A key can be inherited only from a parent that is encrypted."


class NotEncrypted(Refusal):
    code = "not_encrypted"
    default_hint = "Encryption can only be chosen when a dataset is created."


class NotEncryptionRoot(Refusal):
    code = "not_encryption_root"
    default_hint = "It takes its key from a dataset above it. Do this there."


class AlreadyMounted(Refusal):
    code = "already_mounted"
    default_hint = "There is nothing to do."


class NotMounted(Refusal):
    code = "not_mounted"
    default_hint = "There is nothing to do."


class NotMountable(Refusal):
    code = "not_mountable"
    default_hint = "Its canmount or mountpoint forbids it. Change that first."


class FolderNotEmpty(Refusal):
    code = "folder_not_empty"
    default_hint = "The folder it is mounted on holds files. Empty it, or set overlay=on."


class BadUsage(Refusal):
    code = "bad_usage"
    status = 502
    default_hint = "This version of zfs does not take the command. Check which OpenZFS is installed."


class NotAStream(Refusal):
    code = "not_a_stream"
    status = 422
    default_hint = "What came in is no stream of zfs send, or it was cut short."


class StreamToTerminal(Refusal):
    code = "stream_to_terminal"
    status = 502
    default_hint = "A stream goes to a file or another program."


class NotAnEarlierSnapshot(Refusal):
    code = "not_an_earlier_snapshot"
    status = 422
    default_hint = "An increment begins with an older snapshot of the same dataset."
