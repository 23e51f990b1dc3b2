"""Mandatory trainings: recorded by whoever did them, and a kind word to them alone before one runs out."""

from handlers.registry import Conversation, command
from handlers.trainings import recording, reminding, words

CONVERSATION = Conversation(
    name="trainings",
    actions={
        "trainings.list": recording.list_,
        "trainings.typed": recording.typed,
        "trainings.form": recording.form,
        "trainings.again": recording.again,
        "trainings.recorded": recording.recorded,
        "trainings.open": recording.open_,
        "trainings.undo": recording.undo,
        "trainings.say": recording.say,
        "trainings.later": reminding.later,
        "trainings.quiet": reminding.quiet,
        "trainings.overview": reminding.overview,
    },
    forms=(words.RECORD,),
    notices={words.NOTICE: reminding.remind, words.CARD: reminding.card},
    commands=(
        command(
            r"(?:my |show (?:my )?)?(?:mandatory )?trainings?",
            "trainings.list",
            "my trainings",
            "your mandatory trainings, and until when each holds",
        ),
        command(r"(?:mandatory )?trainings? (?:overview|numbers)", "trainings.overview"),
        command(
            r"(?:i(?:['’]?ve|\s+have)\s+)?(?:done|completed|renewed)\s+(?P<training>.+)",
            "trainings.typed",
            "done safeguarding on 3 March",
            "record a mandatory training",
            yields=True,
        ),
    ),
    recurring=(reminding.owe_reminders,),
)
