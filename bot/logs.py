"""Structured logs without anybody's words: our own events as JSON, and of the libraries only what is wrong."""

import logging
import sys

import structlog

# These log whole requests and messages at DEBUG or INFO; nothing of theirs below WARNING is ever written.
# slack_bolt and microsoft_teams put bodies even into warnings. APScheduler warns whenever a tick is still busy when the
# next one is due, which is how it is meant to be, and writes out the whole trace of a job that is cut short when the
# process ends; what fails in a job is logged by the job.
WORDY = {
    "slack_bolt": logging.CRITICAL,
    "slack_sdk": logging.CRITICAL,
    "microsoft_teams": logging.CRITICAL,
    "apscheduler": logging.CRITICAL,
}


class _WithoutWords(logging.Formatter):
    """Of the libraries: level, logger and kind of exception. A message or a trace can quote what people wrote."""

    def format(self, record: logging.LogRecord) -> str:
        kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
        return " ".join(part for part in (record.levelname, record.name, kind) if part)


def set_up(level: str = "INFO", *, console: bool = False) -> None:
    """Log to standard output, one JSON object a line (readable lines with `console`)."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_WithoutWords())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    for name, quiet in WORDY.items():
        logging.getLogger(name).setLevel(quiet)
    renderer = structlog.dev.ConsoleRenderer() if console else structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(level),
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_traces,
            renderer,
        ],
        cache_logger_on_first_use=False,
    )


def _without_traces(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    # an exception's text can quote what was being handled; where it happened is logged by name and line instead
    event.pop("exc_info", None)
    return event
