"""The learning diary: a line kept from ordinary chat, seen by nobody but its owner."""

from handlers.diary import entries, habits, keeping, nudges
from handlers.diary.entries import follow_delete, follow_edit
from handlers.diary.owning import ENTRY
from handlers.diary.rules import KEEP, LEARNED, TODAY_I
from handlers.diary.words import EDIT, NOTE, TAG
from handlers.registry import Conversation, command

__all__ = ["CONVERSATION", "follow_delete", "follow_edit"]

CONVERSATION = Conversation(
    name="diary",
    actions={
        "diary.keep": keeping.keep,
        "diary.reply": keeping.reply,
        "diary.keep_message": keeping.keep_message,
        "diary.noted": keeping.noted,
        "diary.reacted": keeping.reacted,
        "diary.unreacted": keeping.unreacted,
        "diary.keep_draft": keeping.keep_draft,
        "diary.undo": entries.undo,
        "diary.undo_typed": entries.undo_typed,
        "diary.forget": entries.forget,
        "diary.edit": entries.edit,
        "diary.edited": entries.edited,
        "diary.tag": entries.tag,
        "diary.tagged": entries.tagged,
        "diary.open": entries.open_entry,
        "diary.open_here": entries.open_here,
        "diary.page": entries.page,
        "diary.show": entries.show,
        "diary.search": entries.search,
        "diary.settings": habits.show,
        "diary.offer": habits.offer,
        "diary.often": habits.often,
        "diary.weekday": habits.weekday,
        "diary.today_i": habits.today_i,
        "diary.question": nudges.ask_anew,
        "diary.answer": nudges.answer,
        "diary.write": nudges.write,
        "diary.answered": nudges.answered,
        "diary.another": nudges.another,
        "diary.not_now": nudges.not_now,
        "diary.stop": nudges.stop,
    },
    forms=(EDIT, TAG, NOTE, nudges.ANSWER),
    notices={"diary.entry": entries.card, "diary.settings": habits.settings_card, nudges.NUDGE: nudges.nudge},
    replies={"diary.entry": "diary.reply", nudges.NUDGE: "diary.answer"},
    commands=(
        KEEP,
        LEARNED,
        TODAY_I,
        command(
            r"(?:diary search|search (?:my )?diary(?: for)?|find in (?:my )?diary)\s*:?\s+(?P<words>.+)",
            "diary.search",
            "diary search coaching",
            "find what you kept",
        ),
        command(
            r"(?:my )?diary settings|settings (?:of|for) my diary",
            "diary.settings",
            "diary settings",
            "what is kept without asking, and whether I ask you now and then",
        ),
        command(
            r"(?:show |open )?(?:my )?diary|"
            r"what (?:did|have) i (?:learn(?:ed|t)?|kept?)(?: (?:so far|this year|lately|recently))?\??",
            "diary.show",
            "diary",
            "your latest entries",
        ),
        command(r"what (?:did|have) i (?:learn(?:ed|t)?|kept?) (?:about|on) (?P<words>\S.*?)\s*\??", "diary.search"),
        command(
            r"(?:please )?(?:undo(?: (?:it|that|this))?|remove (?:it|that|this)|"
            r"take (?:it|that|this) (?:out|back))[.!]?",
            "diary.undo_typed",
            yields=True,
        ),
        command(r"diary\s+(?P<words>\S.*)", "diary.keep"),
    ),
    keeps={"entry": ENTRY},
    recurring=(nudges.ask_in_time,),
    hears={"shortcut": "diary.keep_message", "react": "diary.reacted", "unreact": "diary.unreacted"},
)
