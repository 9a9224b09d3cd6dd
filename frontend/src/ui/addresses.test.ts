import { expect, test } from "vitest";
import { pageOf } from "./addresses";

test.each([
  ["storage.pool.tank", "/storage/pools/tank"],
  ["storage.pool.tank.old", "/storage/pools/tank.old"],
  ["storage.disk.nvme-eui.0025", "/storage/disks/nvme-eui.0025"],
  ["storage.dataset.tank/a b", "/storage/datasets?under=tank%2Fa%20b"],
  ["storage.snapshot.tank@x", "/storage/snapshots?search=tank%40x"],
  ["system.service.ssh.service", "/system/services/ssh.service"],
  ["system.health.disk", "/system/health"],
  ["system.ntp", "/system/time"],
  ["storage.pool", null],
  ["tape.drive.1", null],
  ["", null],
])("%s has the page %s", (address, page) => expect(pageOf(address)).toBe(page));
