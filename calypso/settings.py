"""Django's settings, read from the data folder (secrets.env, calypso.yaml) and the environment.

| variable | means |
|---|---|
| CALYPSO_HOME | the data folder; `./.calypso` |
| CALYPSO_HOST, CALYPSO_PORT | where the web process listens; 127.0.0.1, 8000 |
| CALYPSO_LAB | 1: the simulated box even where real tools are at hand |
| CALYPSO_SYSTEM_BUS | the D-Bus address of the system that is managed; unix:path=/run/dbus/system_bus_socket |
| CALYPSO_BOX_ROOT | the root of the system that is managed, for its configuration files; / |
| CALYPSO_TOOL_PATH | folders with tools that come before all others, for a system that is managed from outside |
| CALYPSO_PROCESS | web, worker, observer, supervisor: set by those commands |
| CALYPSO_LOG | journal: lines for systemd's journal instead of for a person |
"""

from __future__ import annotations

import os
import shutil
import warnings
from datetime import timedelta

from calypso import home
from calypso.databases import databases
from calypso.kernel.logs import logging_settings
from calypso.kernel.redaction import mask

HOME = home.current()
CONFIG = home.config(HOME)
SECRETS = home.secrets(HOME)
for _secret in SECRETS.values():
    mask(_secret)

CALYPSO_PROCESS = os.environ.get("CALYPSO_PROCESS", "")
CALYPSO_HOST = os.environ.get("CALYPSO_HOST") or CONFIG.get("host", "127.0.0.1")
CALYPSO_PORT = home.port(os.environ.get("CALYPSO_PORT") or CONFIG.get("port", 8000))

# The box: the real tools, or the lab's stand-ins put before them
CALYPSO_LAB = os.environ.get("CALYPSO_LAB") == "1" or shutil.which("zpool") is None
CALYPSO_HOME = HOME.root
CALYPSO_LAB_STATE = HOME.lab / "state.db"
os.environ["CALYPSO_LAB_STATE"] = str(CALYPSO_LAB_STATE)  # the lab knows nothing of Django
_tool_folders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]
_tool_folders.append(str(home.CHECKOUT / "calypso/deploy/bin"))  # programs of ours, in a place that no name hides
_first = [folder for folder in os.environ.get("CALYPSO_TOOL_PATH", "").split(":") if folder]
_lab_tools = [str(home.CHECKOUT / "calypso/lab/bin")] if CALYPSO_LAB else []
CALYPSO_TOOL_PATH = ":".join(_first + _lab_tools + _tool_folders)
# systemd and its like: over this bus, or in the lab by its stand-in unless a bus is named
CALYPSO_SYSTEM_BUS = os.environ.get("CALYPSO_SYSTEM_BUS") or CONFIG.get("system.bus", "")
CALYPSO_LAB_SYSTEM = CALYPSO_LAB and not CALYPSO_SYSTEM_BUS
CALYPSO_SYSTEM_BUS = CALYPSO_SYSTEM_BUS or "unix:path=/run/dbus/system_bus_socket"
CALYPSO_BUS_TRANSPORT = "calypso.lab.bus.connect" if CALYPSO_LAB_SYSTEM else "calypso.kernel.buses.system.connect"
# its configuration files: below this folder, or in the lab below one that is made unless a folder is named
CALYPSO_BOX_ROOT = os.environ.get("CALYPSO_BOX_ROOT") or CONFIG.get("system.root", "")
CALYPSO_LAB_FILES = "calypso.lab.etc.prepare" if CALYPSO_LAB and not CALYPSO_BOX_ROOT else ""
CALYPSO_BOX_ROOT = CALYPSO_BOX_ROOT or (HOME.lab / "root" if CALYPSO_LAB else "/")
CALYPSO_BOOT_ID = f"{HOME.lab}/boot_id" if CALYPSO_LAB_SYSTEM else f"{CALYPSO_BOX_ROOT}/proc/sys/kernel/random/boot_id"
CALYPSO_TOOL_ENVIRONMENT = {"PATH": CALYPSO_TOOL_PATH, "CALYPSO_LAB_STATE": str(CALYPSO_LAB_STATE)}

# Django
DEBUG = False
SECRET_KEY = SECRETS["SECRET_KEY"]
FINGERPRINT_KEY = SECRETS["FINGERPRINT_KEY"]
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *CONFIG.get("allowed_hosts", [])]
ROOT_URLCONF = "calypso.urls"
ASGI_APPLICATION = "calypso.asgi.application"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # bytes

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "django_q",
    "ninja",  # its documentation pages and `export_openapi_schema`
    "ninja_jwt",
    "calypso.apps.CalypsoConfig",
    "calypso.kernel",
    "apps.system",
    "apps.storage",
    "apps.audit",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "apps.system.auth.ActingMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "apps.system.auth.LockoutMiddleware",  # last, as axes' documentation asks
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES = databases(HOME, CONFIG, SECRETS["DATABASE_PASSWORD"])
CALYPSO_APPLICATION_ROLE = DATABASES["default"]["USER"]  # may read the ledger and call its functions, no more
EMBEDDED_DATABASE = "database.url" not in CONFIG
for _database in DATABASES.values():
    mask(_database["PASSWORD"])

# Who may come in
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AXES_FAILURE_LIMIT = 5
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "apps.system.auth.locked_out"
AXES_USERNAME_CALLABLE = "apps.system.auth.counted_name"
AXES_SENSITIVE_PARAMETERS = ["password", "token"]
AXES_VERBOSE = False
SILENCED_SYSTEM_CHECKS = ["axes.W002"]  # it looks for its middleware by name; ours derives from it
AXES_ENABLE_ADMIN = False  # deleting an attempt there would leave no record
AXES_DISABLE_ACCESS_LOG = True  # the ledger has every login
NINJA_JWT = {
    "SIGNING_KEY": SECRETS["JWT_SIGNING_KEY"],
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=15),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=1),
}

# What the browser is told
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = bool(CONFIG.get("https", False))
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600  # seconds
CSRF_TRUSTED_ORIGINS = CONFIG.get("trusted_origins", [])
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"

# Static files: of Django's apps from where they lie, so that there is no collecting; the built front end likewise
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
FRONTEND_DIST = home.CHECKOUT / "frontend" / "dist"
STATICFILES_DIRS = [("app", FRONTEND_DIST)] if FRONTEND_DIST.is_dir() else []

# The queue. A step may take days (a scrub, a send), so nothing is timed out or given twice by the clock:
# kernel.queue keeps what is taken, and the crash rule settles what a dead worker left.
warnings.filterwarnings("ignore", message="Retry and timeout are misconfigured")
Q_CLUSTER = {
    "name": "calypso",
    "workers": 4,
    "orm": "default",
    "broker_class": "calypso.kernel.queue.Broker",
    "poll": 1,  # seconds; the broker is woken by NOTIFY
    "timeout": None,
    "retry": 60,
    "max_attempts": 3,
    "ack_failures": True,
    "queue_limit": 4,
    "recycle": 500,
    "save_limit": -1,  # pruning would unpickle rows, which the web process may write
    "scheduler": False,
    "catch_up": False,
    "daemonize_workers": True,
    "guard_cycle": 0.5,  # seconds until a dead worker is replaced
    "label": "Queue",
}

# Logs
LOGGING_CONFIG = "calypso.kernel.logs.configure"
LOGGING = logging_settings(CALYPSO_PROCESS or "shell", HOME.logs if HOME.logs.is_dir() else None)
