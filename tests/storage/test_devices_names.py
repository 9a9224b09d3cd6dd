"""The names of disks: serials, ids and bays, and that no id is given twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.storage.devices import Use, naming
from apps.storage.devices.nodes import Node, enclosure_bay, unit_serial
from apps.storage.devices.simulated import lab_disk

pytestmark = pytest.mark.process

GIB = 1024**3


def test_serial_by_order_of_trust() -> None:
    properties = {"ID_SERIAL": "shared", "ID_SERIAL_SHORT": "short", "ID_SCSI_SERIAL": "own"}
    found = []
    for drop in ("ID_SCSI_SERIAL", "ID_SERIAL_SHORT", "ID_SERIAL", ""):
        found.append(naming.serial(Node("sda", "sda", properties=properties, attributes={"unit_serial": "page80"})))
        properties.pop(drop, None)
    assert found == ["own", "short", "shared", "page80"]


def test_unit_serial_and_bay() -> None:
    assert unit_serial(bytes.fromhex("0080000843414C5930303031")) == "CALY0001"
    assert unit_serial(b"\x00\x83\x00\x01x") == unit_serial(b"") == ""
    assert enclosure_bay(["block", "enclosure_device:Slot 07"]) == "Slot 07"


@given(st.binary())
def test_any_page_gives_text(page: bytes) -> None:
    assert unit_serial(page) == unit_serial(page).strip()


def test_links_by_content_are_no_id() -> None:
    links = "/dev/disk/by-id/lvm-pv-uuid-x /dev/disk/by-id/ata-WD_1 /dev/disk/by-id/wwn-0x5 /dev/disk/by-path/p"
    assert naming.candidates(Node("sda", "sda", properties={"DEVLINKS": links})) == ("wwn-0x5", "ata-WD_1", "sda")


def test_ids_computed_without_udev() -> None:
    ata = {"device/wwid": "t10.ATA     Samsung SSD 870             S5SXNG0N000", "device/vendor": "ATA"}
    scsi = {"device/vendor": "QEMU", "device/model": "QEMU HARDDISK", "unit_serial": "drive0"}
    nvme = {"wwid": "eui.0025385b71b00000", "device/model": "X 1", "device/serial": "S1", "nsid": "1"}
    assert naming.candidates(Node("sda", "sda", attributes=ata))[0] == "ata-Samsung_SSD_870_S5SXNG0N000"
    assert naming.candidates(Node("sda", "sda", attributes=scsi))[0] == "scsi-SQEMU_QEMU_HARDDISK_drive0"
    assert naming.candidates(Node("nvme0n1", "nvme0n1", attributes=nvme)) == (
        "nvme-eui.0025385b71b00000",
        "nvme-X_1_S1_1",
        "nvme0n1",
    )


def test_no_id_is_given_twice() -> None:
    wanted = {"sdaa": ("wwn-1", "scsi-2", "sdaa"), "sdb": ("wwn-1", "sdb"), "sdc": ("wwn-1", "sdc")}
    assert naming.assign_ids(wanted, {}) == {"sdb": "wwn-1", "sdc": "sdc", "sdaa": "scsi-2"}
    assert naming.assign_ids(wanted, {"wwn-1": "sdc"}) == {"sdb": "sdb", "sdc": "wwn-1", "sdaa": "scsi-2"}


_names = st.sampled_from(["sda", "sdb", "sdc", "vda", "nvme0n1"])


@given(st.dictionaries(_names, st.lists(st.sampled_from("pqr"))), st.dictionaries(st.sampled_from("pqr"), _names))
def test_ids_are_unique_and_complete(wanted: dict[str, list[str]], owners: dict[str, str]) -> None:
    ids = naming.assign_ids({name: (*links, name) for name, links in wanted.items()}, owners)
    assert ids.keys() == wanted.keys()
    assert len(set(ids.values())) == len(ids)


def test_a_lab_disk_has_the_shape_of_a_real_one() -> None:
    disk = lab_disk({"id": "wwn-1", "name": "sim0", "size": GIB, "slot": 3, "pool": "tank", "broken": True})
    assert (disk.id, disk.path, disk.slot, disk.simulated, disk.broken) == (
        "wwn-1",
        "/dev/disk/by-id/wwn-1",
        "3",
        True,
        True,
    )
    assert disk.uses == (Use("zfs_member", "tank"),)
