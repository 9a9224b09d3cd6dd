"""What a dataset is like right after a command on it: it goes on record together with the command's own events.

Otherwise who asks for the next thing at once would be planned for by what was known before.
"""

from __future__ import annotations

from uuid import UUID

from apps.storage import reading
from apps.storage.adapters.zfs.scan import own_argv, parse_own, parse_scan, scan_argv
from apps.storage.domain.datasets import DatasetCreated, DatasetPropertiesSet, DatasetRenamed, pool_of
from apps.storage.domain.observed import MOST_ITEMS, ChangedItem, DatasetsChanged
from apps.storage.domain.snapshots import snapshot_stream
from calypso.kernel import box
from calypso.kernel.events import Change
from calypso.kernel.models import Operation

TOLD = (DatasetCreated.TYPE, DatasetPropertiesSet.TYPE, DatasetRenamed.TYPE)


@box.finds("storage.CreateDataset")
@box.finds("storage.SetDatasetProperties")
@box.finds("storage.RenameDataset")
def changed_datasets(operation: Operation) -> list[Change]:
    """The datasets that the operation's own events speak of; the scan that follows looks at what is below them."""
    facts = [outcome["data"] for outcome in operation.plan["outcome"] if outcome["type"] in TOLD]
    ids = {fact["name"]: UUID(fact["dataset"]) for fact in facts}
    names = sorted(ids)[:MOST_ITEMS]
    own = parse_own(reading.read(own_argv(*names, deep=False)))
    seen = parse_scan(reading.read(scan_argv(*names, changed=False, deep=False)), own, changed=False)
    items = tuple(ChangedItem(dataset=ids[each.state.name], state=each.state) for each in seen)
    pool = UUID(facts[0]["pool"])
    return [Change(snapshot_stream(pool), DatasetsChanged(pool=pool, name=pool_of(names[0]), items=items))]
