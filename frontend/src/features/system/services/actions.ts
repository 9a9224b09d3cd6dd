// What can be done to a unit.
import { Ban, CirclePlay, CircleStop, Power, PowerOff, RefreshCw, RotateCw, Undo2 } from "lucide-react";
import { answered, client } from "../../../api/client";
import { post } from "../../../api/command";
import type { Service } from "../../../api/types";
import type { Offer } from "../../../ui/action/ActionBar";

type Deed = "start" | "stop" | "restart" | "reload" | "enable" | "disable" | "mask" | "unmask";

const OFFERS: Record<Deed, Pick<Offer, "icon"> & { verb: string; about: string }> = {
  start: { icon: CirclePlay, verb: "Start", about: "" },
  stop: { icon: CircleStop, verb: "Stop", about: "" },
  restart: { icon: RotateCw, verb: "Restart", about: "" },
  reload: { icon: RefreshCw, verb: "Reload", about: "It reads its configuration again, and runs on." },
  enable: { icon: Power, verb: "Enable", about: "It starts with the box from now on. Now it stays as it is." },
  disable: { icon: PowerOff, verb: "Disable", about: "It does not start with the box any more. Now it stays as it is." },
  mask: { icon: Ban, verb: "Mask", about: "Nobody can start it any more, and no other unit either. If it runs, it runs on." },
  unmask: { icon: Undo2, verb: "Unmask", about: "It can be started again." },
};

const versionOf = (name: string) => () =>
  answered(client.GET("/api/v1/system/services/{name}", { params: { path: { name } } })).then((now) => now.version);

function offer(unit: string, deed: Deed, prominent = false): Offer {
  const { icon, verb, about } = OFFERS[deed];
  return {
    label: `${verb}…`,
    ...(icon ? { icon } : {}),
    prominent,
    open: () => ({
      title: `${verb} ${unit}`,
      verb,
      ...(about ? { about } : {}),
      ask: () => post(`/api/v1/system/services/{name}/${deed}`, { path: { name: unit }, body: {}, version: versionOf(unit) }),
    }),
  };
}

const RUNS = new Set(["active", "activating", "reloading"]);

/** What the unit's state leaves to do; the server has the last word. */
export function serviceOffers(row: Service, may: { operate: boolean; administer: boolean }): Offer[] {
  const { unit, file_state: file } = row;
  const masked = file.startsWith("masked") || row.load === "masked";
  const running = RUNS.has(row.active);
  const operating = running
    ? [offer(unit, "restart", true), offer(unit, "stop", true), offer(unit, "reload")]
    : masked
      ? []
      : [offer(unit, "start", true)];
  const administering = masked
    ? [offer(unit, "unmask", true)]
    : [
        ...(file.startsWith("disabled") ? [offer(unit, "enable")] : []),
        ...(file.startsWith("enabled") ? [offer(unit, "disable")] : []),
        offer(unit, "mask"),
      ];
  return [...(may.operate ? operating : []), ...(may.administer ? administering : [])];
}
