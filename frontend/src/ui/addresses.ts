// From a resource's address in the ledger to its page.
const PAGES: Record<string, (name: string) => string> = {
  "storage.pool": (name) => `/storage/pools/${encodeURIComponent(name)}`,
  "storage.disk": (name) => `/storage/disks/${encodeURIComponent(name)}`,
  "storage.dataset": (name) => `/storage/datasets?under=${encodeURIComponent(name)}`,
  "storage.snapshot": (name) => `/storage/snapshots?search=${encodeURIComponent(name)}`,
  "storage.schedule": (name) => `/storage/schedules/${encodeURIComponent(name)}`,
};

/** The page of a resource, or null where it has none. */
export function pageOf(address: string): string | null {
  const [context = "", kind = "", ...name] = address.split(".");
  const page = PAGES[`${context}.${kind}`];
  return page && name.length > 0 ? page(name.join(".")) : null;
}
