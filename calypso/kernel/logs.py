"""Logs: JSON lines in files, one readable line each on the terminal, the same ids in all, and no secret in any.

Everything that is logged in the process, by structlog or by the standard library, takes one way: context ids are
merged in, exceptions become text, and the masking goes over every value last. Knows no app and no database.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog
from structlog.contextvars import bind_contextvars, bound_contextvars, merge_contextvars
from structlog.typing import Processor, WrappedLogger

from calypso.kernel.redaction import masked_value, redact

MAX_BYTES = 20_000_000  # of one file, then it is rotated
KEEP = 5  # rotated files
IDS = ("request_id", "operation_id", "correlation_id", "actor")

Record = MutableMapping[str, Any]


def bind(**ids: Any) -> None:
    """Adds ids to every later line of this task or thread, until the next `bind` of the same name."""
    bind_contextvars(**ids)


@contextmanager
def bound(**ids: Any) -> Iterator[None]:
    """Adds ids to every line logged inside the block."""
    with bound_contextvars(**ids):
        yield


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def mask_secrets(_: WrappedLogger, __: str, record: Record) -> Record:
    """The last processor before rendering: exceptions are text by now."""
    return {key: masked_value(key, value) for key, value in record.items()}


def drop_formatted(_: WrappedLogger, __: str, record: Record) -> Record:
    """What another handler's formatter left on a standard record; the event has it already."""
    for name in ("message", "asctime"):
        record.pop(name, None)
    return record


def shared_processors() -> list[Processor]:
    """What happens to a line whichever way it came in, and before it's rendered."""
    return [
        merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.UnicodeDecoder(),
    ]


def configure(config: dict[str, Any]) -> None:
    """Django's LOGGING_CONFIG. `config` is LOGGING as `logging_settings` made it."""
    from logging.config import dictConfig

    structlog.configure(
        processors=[*shared_processors(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    logging.captureWarnings(True)
    dictConfig(config)


def logging_settings(process: str, folder: Path | None, level: str = "INFO") -> dict[str, Any]:
    """LOGGING for a process. folder: of `<process>.jsonl`, or None for no file (tests and linters)."""
    handlers: dict[str, Any] = {"terminal": {"class": "logging.StreamHandler", "formatter": terminal_style()}}
    if folder is not None:
        handlers["file"] = {
            "class": "calypso.kernel.logfile.LogFile",
            "formatter": "json",
            "path": str(folder / f"{process}.jsonl"),
            "max_bytes": MAX_BYTES,
            "keep": KEEP,
        }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            style: {"()": "calypso.kernel.logs.formatter", "style": style, "process": process}
            for style in ("json", "terminal", "journal")
        },
        "handlers": handlers,
        "root": {"handlers": list(handlers), "level": level},
        "loggers": {
            "django.server": {"level": "WARNING"},
            "django.request": {"level": "ERROR"},  # every 4xx is in the access log already
            "django-q": {"level": "WARNING"},
            "daphne": {"level": "WARNING"},
            "axes": {"level": "ERROR"},  # its warnings tell what was typed as user name, which may be a password
            "asyncio": {"level": "WARNING"},
        },
    }


def terminal_style() -> str:
    """`journal` under systemd, `terminal` for a person (also when `up` runs inside a pipe)."""
    return "journal" if os.environ.get("CALYPSO_LOG") == "journal" and not sys.stderr.isatty() else "terminal"


def formatter(style: str, process: str) -> logging.Formatter:
    """A formatter that merges ids, renders exceptions to text, masks, and then writes the given style."""

    def name_process(_: WrappedLogger, __: str, record: Record) -> Record:
        record["process"] = process
        return record

    renderer: Processor = structlog.processors.JSONRenderer(default=str, ensure_ascii=False)
    if style != "json":
        renderer = readable if style == "terminal" else journal
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared_processors(), structlog.stdlib.ExtraAdder(), drop_formatted],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            name_process,
            structlog.processors.format_exc_info,
            mask_secrets,
            renderer,
        ],
    )


def readable(_: WrappedLogger, __: str, record: Record) -> str:
    """``12:31:07 web      info  GET /api/v1/health  status=200 ms=3``: one line, an exception only by its last line."""
    when = str(record.pop("time", ""))[11:19]
    process, level, event = record.pop("process", ""), record.pop("level", ""), record.pop("event", "")
    exception = str(record.pop("exception", "")).strip().splitlines()
    for noise in ("logger", "correlation_id", "stack"):
        record.pop(noise, None)
    if exception:
        record["error"] = exception[-1]
    fields = " ".join(f"{key}={value}" for key, value in record.items() if value not in (None, ""))
    return one_line(f"{when} {process:<10} {level:<7} {event}  {fields}".rstrip())


PRIORITIES = {"critical": 2, "error": 3, "warning": 4, "info": 6, "debug": 7}  # sd-daemon(3)


def journal(_: WrappedLogger, __: str, record: Record) -> str:
    """The readable line with sd-daemon(3)'s priority prefix; the journal has its own clock."""
    prefix = f"<{PRIORITIES.get(str(record.get('level')), 6)}>"
    return prefix + readable(_, __, record)[9:]


def one_line(text: str) -> str:
    """Control characters, which could forge a line or drive the terminal, made visible."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


__all__ = ["bind", "bound", "configure", "get_logger", "logging_settings", "redact"]
