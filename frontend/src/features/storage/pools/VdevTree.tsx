// The pool's vdevs with state and error counters, as `zpool status` tells them.
import { Link } from "react-router";
import type { Disk, Pool, Vdev } from "../../../api/types";
import { ActionBar, type Offer } from "../../../ui/action/ActionBar";
import { ZfsState } from "../../../ui/Badge";
import { Mono } from "../../../ui/Page";
import { diskPage, Temperature } from "../disks/DiskState";
import { useMay } from "../../auth/queries";
import { memberOffers } from "./members";
import { ROLE_WORDS, shownName, shownNote, vdevsOf } from "./layout";

type Disks = ReadonlyMap<string, Disk>;

// Where the card is narrow, the disk stands below its name and only counters that are not zero are told.
const ROOMY = "@max-3xl:hidden";
const COUNTED = "@max-lg:hidden";

export function VdevTree({ pool, disks }: { pool: Pool; disks: Disks }) {
  const may = { operate: useMay("operate"), administer: useMay("administer") };
  return (
    <div role="region" aria-label="Devices of the pool" tabIndex={0} className="@container overflow-x-auto">
      <table className="w-full">
        <thead>
          <tr className="text-xs text-muted">
            <Head>Device</Head>
            <Head>State</Head>
            <Head right className={COUNTED}>Read</Head>
            <Head right className={COUNTED}>Write</Head>
            <Head right className={COUNTED}>Cksum</Head>
            <Head className={ROOMY}>Disk</Head>
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

function Head({ children, right = false, className = "" }: { children: string; right?: boolean; className?: string }) {
  return (
    <th scope="col" className={`h-9 px-2 font-medium first:pl-3 ${right ? "text-right" : "text-left"} ${className}`}>
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
  const [name, note] = [shownName(vdev), shownNote(vdev)];
  return (
    <tr className="group hover:bg-hover">
      <td
        className="h-9 max-w-64 border-t border-line py-1 pr-2 whitespace-nowrap"
        style={{ paddingLeft: 12 + depth * 12 }}
        title={name === vdev.name ? name : `${name}, in ZFS ${vdev.name}`}
      >
        <div className="max-w-44 truncate @lg:max-w-60">
          <Mono>{name}</Mono>
        </div>
        {disk && (
          <div className="truncate text-xs text-muted @3xl:hidden">
            <DiskCell disk={disk} />
          </div>
        )}
      </td>
      <td className="border-t border-line py-1 pr-1 @lg:px-2 @lg:whitespace-nowrap">
        <div className="flex flex-wrap items-center gap-x-2 @lg:flex-nowrap">
          <ZfsState state={vdev.state} />
          {note && <span className="text-xs text-muted">{note}</span>}
        </div>
        <Counted vdev={vdev} />
      </td>
      <Count value={vdev.read} />
      <Count value={vdev.write} />
      <Count value={vdev.checksum} />
      <td className={`w-full min-w-40 border-t border-line px-2 whitespace-nowrap text-muted ${ROOMY}`}>
        {disk && <DiskCell disk={disk} />}
      </td>
      <td className="sticky right-0 border-t border-line bg-surface pr-1 text-right group-hover:bg-hover">
        <ActionBar quiet label={`Actions for ${name}`} offers={offers} />
      </td>
    </tr>
  );
}

/** The errors in words, where there is no room for three columns. */
function Counted({ vdev }: { vdev: Vdev }) {
  const counts = [
    [vdev.read, "read"],
    [vdev.write, "write"],
    [vdev.checksum, "checksum"],
  ] as const;
  const told = counts.filter(([count]) => count).map(([count, kind]) => `${count?.toLocaleString("en")} ${kind}`);
  if (told.length === 0) return null;
  return <div className="text-xs font-semibold whitespace-normal text-warn @lg:hidden">{told.join(", ")} errors</div>;
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
    <td className={`border-t border-line px-2 text-right ${COUNTED} ${value ? "font-semibold text-warn" : "text-muted"}`}>
      {value === null ? "–" : value.toLocaleString("en")}
    </td>
  );
}
