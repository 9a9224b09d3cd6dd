// What can be done to a thing: the usual ones as buttons, the rest in a menu, each opening its dialog.
import { Ellipsis, type LucideIcon } from "lucide-react";
import { Button } from "../Button";
import { Menu, MenuItem, MenuLine } from "../Menu";
import { useAct } from "./ActionHost";
import type { Action } from "./CommandDialog";

export interface Offer {
  label: string;
  icon?: LucideIcon;
  /** A button of its own instead of a line in the menu. */
  prominent?: boolean;
  /** Set off from those above: it destroys. */
  danger?: boolean;
  open: () => Action;
  /** After success, when the dialog is closed. */
  onDone?: () => void;
}

interface Props {
  offers: readonly Offer[];
  /** What the menu is about, read aloud: `More for tank`. */
  label: string;
  /** At the end of a row: without a border, so that many of them do not shout. */
  quiet?: boolean;
}

export function ActionBar({ offers, label, quiet = false }: Props) {
  const act = useAct();
  const open = (offer: Offer) => act(offer.open(), offer.onDone);
  const buttons = offers.filter((offer) => offer.prominent);
  const rest = offers.filter((offer) => !offer.prominent);
  return (
    <>
      {buttons.map((offer) => (
        <Button key={offer.label} onClick={() => open(offer)}>
          <Content offer={offer} />
        </Button>
      ))}
      {rest.length > 0 && (
        <Menu
          label={label}
          trigger={
            <Button look={quiet ? "quiet" : "plain"} aria-label={label} title={label} className="px-2">
              <Ellipsis aria-hidden size={16} />
            </Button>
          }
        >
          {rest.map((offer, at) => (
            <div key={offer.label}>
              {offer.danger && at > 0 && !rest[at - 1]?.danger && <MenuLine />}
              <MenuItem onSelect={() => open(offer)}>
                <Content offer={offer} />
              </MenuItem>
            </div>
          ))}
        </Menu>
      )}
    </>
  );
}

function Content({ offer }: { offer: Offer }) {
  const Icon = offer.icon;
  return (
    <>
      {Icon && <Icon aria-hidden size={14} className={offer.danger ? "text-bad" : ""} />}
      {offer.label}
    </>
  );
}
