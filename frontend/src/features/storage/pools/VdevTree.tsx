// The pool's vdevs with state and error counters, as `zpool status` tells them.
import { Link } from "react-router";
import type { Disk, Pool, Vdev } from "../../../api/types";
import { ActionBar, type Offer } from "../../../ui/action/ActionBar";
import { ZfsState } from "../../../ui/Badge";
import { Mono } from "../../../ui/Page";
import { diskPage, Temperature } from "../disks/DiskState";
import { useMay } from "../../auth/queries";
import { memberOffers } from "./members";
import { ROLE_WORDS, vdevsOf } from "./layout";

type Disks = ReadonlyMap<string, Disk>;

export function VdevTree({ pool, disks }: { pool: Pool; disks: Disks }) {
  const may = { operate: useMay("operate"), administer: useMay("administer") };
  return (
    <div role="region" aria-label="Devices of the pool" tabIndex={0} className="overflow-x-auto">
      <table className="w-full">
        <thead>
          <tr className="text-xs text-muted">
            <Head>Device</Head>
            <Head>State</Head>
            <Head right>Read</Head>
            <Head right>Write</Head>
            <Head right>Cksum</Head>
            <Head>Disk</Head>
            <Head>{""}</Head>
          </tr>
        </thead>
        {vdevsOf(pool).map(([role, vdevs]) => (
          <tbody key={role}>
            <tr>
              <th colSpan={7} scope="rowgroup" className="h-9 border-t border-line px-3 text-left text-xs text-muted">
                {ROLE_WORDS[role] ?? role}
              </th>
            </tr>
            {vdevs.flatMap((vdev) => flat(vdev, null, 0)).map(({ vdev, parent, depth }, at) => (
              <Row
                key={at}
                vdev={vdev}
                depth={depth}
                disk={disks.get(vdev.disk)}
                offers={memberOffers({ pool, role, vdev, parent, disk: diskOf(vdev, disks) }, may)}
              />
            ))}
          </tbody>
        ))}
      </table>
    </div>
  );
}

function diskOf(vdev: Vdev, disks: Disks): Disk | undefined {
  return disks.get(vdev.disk) ?? vdev.children.map((child) => diskOf(child, disks)).find(Boolean);
}

interface Placed {
  vdev: Vdev;
  parent: Vdev | null;
  depth: number;
}

function flat(vdev: Vdev, parent: Vdev | null, depth: number): Placed[] {
  return [{ vdev, parent, depth }, ...vdev.children.flatMap((child) => flat(child, vdev, depth + 1))];
}

function Head({ children, right = false }: { children: string; right?: boolean }) {
  return (
    <th scope="col" className={`h-9 px-2 font-medium first:pl-3 ${right ? "text-right" : "text-left"}`}>
      {children}
    </th>
  );
}

interface RowProps {
  vdev: Vdev;
  depth: number;
  disk: Disk | undefined;
  offers: readonly Offer[];
}

function Row({ vdev, depth, disk, offers }: RowProps) {
  return (
    <tr className="hover:bg-hover">
      <td
        className="h-9 max-w-64 truncate border-t border-line pr-2 whitespace-nowrap"
        style={{ paddingLeft: 12 + depth * 20 }}
        title={vdev.name}
      >
        <Mono>{vdev.name}</Mono>
      </td>
      <td className="border-t border-line px-2 whitespace-nowrap">
        <ZfsState state={vdev.state} />
        {vdev.note && <span className="ml-2 text-xs text-muted">{vdev.note}</span>}
      </td>
      <Count value={vdev.read} />
      <Count value={vdev.write} />
      <Count value={vdev.checksum} />
      <td className="w-full min-w-40 border-t border-line px-2 whitespace-nowrap text-muted">
        {disk && <DiskCell disk={disk} />}
      </td>
      <td className="sticky right-0 border-t border-line bg-surface pr-1 text-right">
        <ActionBar quiet label={`Actions for ${vdev.name}`} offers={offers} />
      </td>
    </tr>
  );
}

/** Which one of the box it is, where it sits, how warm it is. */
function DiskCell({ disk }: { disk: Disk }) {
  return (
    <span title={`${disk.model} ${disk.serial}`}>
      <Link to={diskPage(disk)}>
        <Mono>{disk.name}</Mono>
      </Link>
      {disk.slot && ` · slot ${disk.slot}`}
      {disk.smart?.temperature != null && (
        <>
          {" · "}
          <Temperature disk={disk} /> °C
        </>
      )}
    </span>
  );
}

function Count({ value }: { value: number | null }) {
  return (
    <td className={`border-t border-line px-2 text-right ${value ? "font-semibold text-warn" : "text-muted"}`}>
      {value === null ? "–" : value.toLocaleString("en")}
    </td>
  );
}
