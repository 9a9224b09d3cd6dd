// The latest events of one thing, as a card on its page.
import { Link } from "react-router";
import { Card } from "../../ui/Page";
import { History } from "./History";

export function LastChanges({ address, limit }: { address: string; limit: number }) {
  return (
    <Card title="Last changes" aside={<Link to={`/events?stream=${encodeURIComponent(address)}`}>All events</Link>}>
      <History filter={{ stream: address }} limit={limit} />
    </Card>
  );
}
