from tests.support.auth import jay  # noqa: F401  fixtures
from tests.support.network_story import network, network_admin  # noqa: F401  fixtures
from tests.support.rest import _as_new, box, plain_box, tank  # noqa: F401  fixtures
from tests.support.time_story import clock_admin, clock_box  # noqa: F401  fixtures
