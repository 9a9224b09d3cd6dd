// Zone, NTP, the box's name and DNS are changed by these.
import { answered, client } from "../../../api/client";
import { patch, put } from "../../../api/command";
import type { Dns, Hostname, Ntp } from "../../../api/types";
import type { Action } from "../../../ui/action/CommandDialog";
import { list, text } from "../../../ui/action/values";
import { lineOf, serversOf } from "./servers";

const versions = {
  time: () => answered(client.GET("/api/v1/system/time")).then((now) => now.version),
  ntp: () => answered(client.GET("/api/v1/system/ntp")).then((now) => now.version),
  hostname: () => answered(client.GET("/api/v1/system/hostname")).then((now) => now.version),
  dns: () => answered(client.GET("/api/v1/system/dns")).then((now) => now.version),
};

export const changeZone = (now: string, zones: readonly string[]): Action => ({
  title: "Change the time zone",
  verb: "Change",
  about: "The clock itself stays as it is; it is told in another zone.",
  fields: [{ kind: "choice", name: "timezone", label: "Zone", options: zones.map((zone) => ({ value: zone, label: zone })) }],
  initial: { timezone: now },
  ask: (values) => put("/api/v1/system/time", { path: {}, body: { timezone: text(values, "timezone") }, version: versions.time }),
});

export const switchNtp = (on: boolean): Action => ({
  title: on ? "Switch NTP on" : "Switch NTP off",
  verb: on ? "Switch on" : "Switch off",
  about: on ? "The clock follows its servers from then on." : "Nothing keeps the clock right any more, and it drifts.",
  ask: () => patch("/api/v1/system/ntp", { path: {}, body: { enabled: on }, version: versions.ntp }),
});

export const changeServers = ({ servers }: Ntp): Action => ({
  title: "Change the NTP servers",
  verb: "Change",
  about: "Only the lines that name servers are changed in the file; all others stay.",
  fields: [
    {
      kind: "lines",
      name: "servers",
      label: "Servers, one a line",
      hint: "A name or an address. “pool” before it: the name stands for many. “prefer” behind it: it is believed first.",
      placeholder: "pool 2.debian.pool.ntp.org",
    },
  ],
  initial: { servers: servers.map(lineOf) },
  ask: (values) =>
    patch("/api/v1/system/ntp", { path: {}, body: { servers: serversOf(list(values, "servers"), servers) }, version: versions.ntp }),
});

export const changeHostname = (row: Hostname): Action => ({
  title: "Rename the box",
  verb: "Rename",
  about: "In /etc/hosts it is changed as well, where that has the old name.",
  fields: [{ kind: "text", name: "hostname", label: "Name", mono: true, required: "The box needs a name." }],
  initial: { hostname: row.static || row.hostname },
  ask: (values) =>
    put("/api/v1/system/hostname", { path: {}, body: { hostname: text(values, "hostname") }, version: versions.hostname }),
});

/** The form begins with what was set here: others that are asked came with the network. */
export const changeDns = (row: Dns): Action => ({
  title: "Change DNS",
  verb: "Change",
  fields: [
    { kind: "lines", name: "servers", label: "Servers, one a line", hint: "Addresses, asked in this order." },
    { kind: "lines", name: "search", label: "Domains that are tried for short names, one a line" },
  ],
  initial: { servers: row.wanted.servers ?? row.servers, search: row.wanted.search ?? row.search },
  ask: (values) =>
    put("/api/v1/system/dns", {
      path: {},
      body: { servers: list(values, "servers"), search: list(values, "search") },
      version: versions.dns,
    }),
});
