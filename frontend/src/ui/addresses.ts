// From a resource's address in the ledger to its page.
const PAGES: Record<string, (name: string) => string> = {
  "storage.pool": (name) => `/storage/pools/${encodeURIComponent(name)}`,
  "storage.disk": (name) => `/storage/disks/${encodeURIComponent(name)}`,
  "storage.dataset": (name) => `/storage/datasets?under=${encodeURIComponent(name)}`,
  "storage.snapshot": (name) => `/storage/snapshots?search=${encodeURIComponent(name)}`,
  "storage.schedule": (name) => `/storage/schedules/${encodeURIComponent(name)}`,
  "system.service": (name) => `/system/services/${encodeURIComponent(name)}`,
  "system.interface": () => "/system/network",
  "system.health": () => "/system/health",
};

/** Things of which there is one; their address has no name. */
const ONLY: Record<string, string> = {
  "system.services": "/system/services",
  "system.network": "/system/network",
  "system.time": "/system/time",
  "system.ntp": "/system/time",
  "system.hostname": "/system/time",
  "system.dns": "/system/time",
  "system.power": "/system/health",
};

/** The page of a resource, or null where it has none. */
export function pageOf(address: string): string | null {
  if (Object.hasOwn(ONLY, address)) return ONLY[address] ?? null;
  const [context = "", kind = "", ...name] = address.split(".");
  const page = PAGES[`${context}.${kind}`];
  return page && name.length > 0 ? page(name.join(".")) : null;
}
