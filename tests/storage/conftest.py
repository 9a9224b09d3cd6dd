from tests.support.devices import image, real_tools  # noqa: F401  fixtures
from tests.support.pool_story import story  # noqa: F401  fixture
from tests.support.rest import _as_new, box, plain_box, tank  # noqa: F401  fixtures
from tests.support.schedule_clock import clock  # noqa: F401  fixture
from tests.support.seen_datasets import data  # noqa: F401  fixture
