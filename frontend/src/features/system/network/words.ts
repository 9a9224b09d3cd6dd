// Interfaces in words.
import type { Interface } from "../../../api/types";

/** `10 Gbit/s full`, `100 Mbit/s` */
export function speedWords({ speed, duplex }: Pick<Interface, "speed" | "duplex">): string {
  if (speed === null) return "–";
  const words = speed >= 1000 ? `${speed / 1000} Gbit/s` : `${speed} Mbit/s`;
  return duplex ? `${words} ${duplex}` : words;
}

/** Errors and drops, both ways. */
export function troubles({ counters }: Pick<Interface, "counters">): number {
  return counters ? counters.rx_errors + counters.tx_errors + counters.rx_dropped + counters.tx_dropped : 0;
}

/** `vlan 7 on bond0`, `bond of eth1, eth2` */
export function kindWords({ kind, vlan, parent, members }: Pick<Interface, "kind" | "vlan" | "parent" | "members">): string {
  if (kind === "vlan") return `vlan ${vlan ?? "?"} on ${parent}`;
  return members.length > 0 ? `${kind} of ${members.join(", ")}` : kind;
}
