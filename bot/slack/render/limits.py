"""Slack's limits, all in one table; and the error for what cannot be made to keep them. It imports nothing of ours."""

from typing import Final


class Limit:
    """Slack's limits, from its Block Kit reference. What is not documented is named as such, and kept well inside."""

    MESSAGE_BLOCKS: Final = 50
    VIEW_BLOCKS: Final = 100
    MESSAGE_WEIGHT: Final = 12_000  # undocumented: about 13,200 characters, some for each block, were seen refused
    FALLBACK_TEXT: Final = 4_000  # the `text` of a message; past 40,000 Slack cuts it
    TEXT: Final = 3_000  # a text object; rich text has no documented limit and is held to the same
    CONTEXT_ELEMENTS: Final = 10
    ACTIONS: Final = 25
    BUTTON_TEXT: Final = 75
    BUTTON_VALUE: Final = 2_000
    OPTIONS: Final = 100
    OPTION_GROUPS: Final = 100
    RADIO_BUTTONS: Final = 10
    CHECKBOXES: Final = 10
    OPTION_TEXT: Final = 75
    OPTION_VALUE: Final = 150
    PLACEHOLDER: Final = 150
    ACTION_ID: Final = 255
    BLOCK_ID: Final = 255
    LABEL: Final = 2_000
    HINT: Final = 2_000
    INPUT: Final = 3_000
    VIEW_TITLE: Final = 24
    VIEW_SUBMIT: Final = 24
    PRIVATE_METADATA: Final = 3_000
    CALLBACK_ID: Final = 255
    URL: Final = 3_000
    TABLES: Final = 1  # in a message
    TABLE_ROWS: Final = 100  # the headings too
    TABLE_COLUMNS: Final = 20
    CHARTS: Final = 2  # in a message
    CHART_TITLE: Final = 50
    CHART_SERIES: Final = 6
    CHART_CATEGORIES: Final = 20
    CHART_LABEL: Final = 20


class TooLarge(ValueError):
    """Something of our own making that Slack would refuse and that cannot be shortened without changing its meaning."""


def remembered(metadata: str) -> str:
    """What a view has to remember, as it is: cut short it would lead nowhere."""
    if len(metadata) > Limit.PRIVATE_METADATA:
        raise TooLarge("what a view has to remember is too long for Slack")
    return metadata
