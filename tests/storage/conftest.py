from tests.support.devices import image, real_tools  # noqa: F401  fixtures
from tests.support.rest import _as_new, box, plain_box, tank  # noqa: F401  fixtures
