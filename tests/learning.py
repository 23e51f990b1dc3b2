"""A learning record as two people see it grow, across the March clock change: lived the same everywhere."""

from bot.importing import import_standards
from tests.hands import Hands
from tests.life import MONDAY, Look, at
from tests.running import Running


def learn(program: Running, amina: Hands, ben: Hands, look: Look = lambda step, who: None) -> None:
    """Keep, correct, share and take back a line; log time; agree a target; go on a course; forget; who has read.

    `look` is told the name of each step once it is seen, and who sees most of it.
    """
    program.wait_until(MONDAY)
    assert import_standards(program.bot, "learning-support", posts=(), dry_run=False) == 0
    keep_a_line(amina, look)
    share_it_until_a_day(amina, ben, look)
    log_time(amina, look)
    agree_a_target(amina, ben, look)
    look_at_oneself(program, amina, ben, look)
    go_on_a_course(program, amina, ben, look)
    take_back_and_forget(amina, ben, look)
    see_the_year(amina, look)


def keep_a_line(amina: Hands, look: Look) -> None:
    """A line of the diary, with what it is for; corrected in a form."""
    amina.say("diary: I let *them* finish _first_").wait_for("Kept in your diary.")
    amina.wait_for("I let *them* finish _first_").wait_for("no legal privilege")
    look("kept", amina)
    amina.press("Edit").wait_for("Edit diary entry").fill("What you learned", "I let everybody finish first")
    amina.press("Save").wait_for("I let everybody finish first")


def share_it_until_a_day(amina: Hands, ben: Hands, look: Look) -> None:
    """With a mistake first: what was typed stays, nothing goes before it was seen, and the reader sees just that."""
    amina.press("Share").wait_for("With whom?").fill("With whom?", "Bne").press("Show me first")
    amina.wait_for("I know nobody else called “Bne”")
    look("no-such-name", amina)
    amina.fill("With whom?", "Ben Carter").fill("Until which day?", "2026-04-12").press("Show me first")
    amina.wait_for("This is exactly what Ben Carter will see")
    ben.wait_gone("I let everybody finish first")
    look("preview", amina)
    amina.press("Share it with Ben").wait_for("Ben Carter can read it now.")
    ben.wait_for("Amina Khan lets you read a diary entry:").wait_for("I let everybody finish first")
    ben.wait_for("It is shared until Sun 12 Apr 2026.")
    look("shared", ben)


def log_time(amina: Hands, look: Look) -> None:
    """In a sentence; what is still owed is said."""
    amina.say("log half a day shadowing at Bitterne").wait_for("Logged: ").wait_for("2.5 still owed to you")
    look("logged", amina)


def agree_a_target(amina: Hands, ben: Hands, look: Look) -> None:
    """Named in a sentence, made clearer in a form, put to the partner, agreed."""
    amina.say("target: run the spring moderation by myself by 30 April").wait_for("It is in your learning plan.")
    amina.wait_for("By Thu 30 Apr 2026.").wait_for("How will you know that it went well?")
    look("target", amina)
    amina.press("Make it clearer").wait_for("How will you know that you are there?")
    amina.fill("How will you know that you are there?", "Two schools agree with *my* grades").press("Save")
    amina.wait_for("Two schools agree with *my* grades")
    amina.press("Put it to Ben (learning partner)").wait_for("Nothing has been sent yet.")
    ben.wait_gone("run the spring moderation by myself")
    amina.press("Put it to Ben").wait_for("Put to Ben Carter.")
    ben.wait_for("asks whether you agree with this target").wait_for("Two schools agree with *my* grades")
    look("target-asked", ben)
    ben.press("I agree").wait_for("You agreed with it.")
    amina.wait_for("Agreed with Ben Carter on Mon 23 Mar 2026.")
    look("target-agreed", amina)


def look_at_oneself(program: Running, amina: Hands, ben: Hands, look: Look) -> None:
    """Against the standard of one's post: an area at a time, put off and gone on with; nobody else sees any of it."""
    amina.say("self-review").wait_for("How do you see yourself against Learning support?")
    amina.press("Begin: Supporting learning").wait_for("Leave out what you cannot say")
    for statement, level in (
        ("L1 Helps pupils to do for themselves what they can, and steps back in time", "A strength"),
        ("L2 Explains, models and asks questions that move thinking on", "A need"),
    ):
        amina.fill(statement, level)
    amina.press("Save").wait_for("2 of 5")
    look("self-review", amina)
    amina.press("Finish with what there is").wait_for("How you see yourself")
    look("self-review-picture", amina)
    ben.wait_gone("Learning support")


def go_on_a_course(program: Running, amina: Hands, ben: Hands, look: Look) -> None:
    """Told in a sentence; asked two working days after, in summer time by then; accounted for."""
    amina.say("I'm on Safeguarding level 2 on Friday 27 March").wait_for("Safeguarding level 2")
    program.wait_until(at(31, 8, 29))
    amina.wait_gone("What did you make of it?")
    program.wait_until(at(31, 8, 30))  # 09:30 in summer time
    amina.wait_for("What did you make of it?").say("Thresholds, with real cases")
    amina.wait_for("What does it mean for you").say("I ask earlier").wait_for("What will you do with it")
    amina.say("Tell the team in April").wait_for("Saved. Thank you.")
    look("reflected", amina)
    amina.press("Account for it to Ben (learning partner)").wait_for("This is exactly what Ben Carter will see.")
    ben.wait_gone("Thresholds, with real cases")
    amina.press("Send it to Ben").wait_for("Sent to Ben Carter.")
    ben.wait_for("Thresholds, with real cases")
    look("accounted", ben)


def take_back_and_forget(amina: Hands, ben: Hands, look: Look) -> None:
    """Who has read what is told; taken back it goes from the reader's screen; forgotten it goes from everywhere."""
    amina.say("who has read").wait_for("Ben Carter: a diary entry, “I let everybody finish first”")
    look("who-has-read", amina)
    amina.say("diary").press("Open").wait_for("Ben Carter can read this.").say("forget this")
    amina.wait_for("Ben Carter can't read it any more then.").press("Forget it for good").wait_for("Forgotten.")
    ben.wait_for("Amina Khan no longer shares this.").wait_gone("I let everybody finish first")
    look("forgotten", ben)


def see_the_year(amina: Hands, look: Look) -> None:
    """The year at a glance has all of it."""
    amina.say("home").wait_for("1.5 of 3 days")
    look("home", amina)
