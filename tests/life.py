"""One interview from the first question to the next step, across the March clock change: lived the same everywhere."""

from collections.abc import Callable
from datetime import UTC, datetime

from tests.hands import Hands
from tests.running import Running

ROSTER = """\
name,email,team,lead,post,partner,zone,days,role
Amina Khan,amina.khan@southampton.example,Inclusion,no,{post},ben.carter@southampton.example,{amina},Mon-Fri,member
Ben Carter,ben.carter@southampton.example,Inclusion,no,,,{ben},Mon-Fri,member
"""
LONDON, NEW_YORK = "Europe/London", "America/New_York"
POST = "Teaching assistant"
MONDAY = datetime(2026, 3, 23, 9, 30, tzinfo=UTC)  # the clocks go forward in the night to Sunday the 29th

Look = Callable[[str, Hands], None]


def at(day: int, hour: int, minute: int = 0, *, month: int = 3) -> datetime:
    """An instant of 2026 in UTC: London's own time until 29 March, an hour behind it afterwards."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def roster(*, amina: str = LONDON, ben: str = LONDON) -> str:
    """Amina and her learning partner Ben, each in a zone."""
    return ROSTER.format(amina=amina, ben=ben, post=POST)


def live(program: Running, amina: Hands, ben: Hands, look: Look = lambda step, who: None) -> None:
    """Ask, offer, take, confirm, move by typing, cancel, rebook, brief, be reminded, meet, note, name a next step.

    `look` is told the name of each step once both see it, and who sees most of it.
    """
    book_for_after_the_change(program, amina, ben, look)
    move_by_typing(program, amina, ben, look)
    cancel_and_rebook(program, amina, ben, look)
    brief(program, amina, ben, look)
    meet(program, amina, ben, look)
    note(amina, ben, look)
    take_the_next_step(program, amina, ben, look)


def book_for_after_the_change(program: Running, amina: Hands, ben: Hands, look: Look) -> None:
    """On a Monday, for the Monday after the clocks have changed."""
    program.wait_until(MONDAY)
    amina.wait_for("It’s time for your second learning interview of the year").press("Choose a time")
    amina.wait_for("These times suit you and Ben, 45 minutes each.")
    look("offered", amina)
    amina.press("Mon 30 Mar, 09:30").wait_for("I’ve asked Ben to confirm it.").wait_gone("These times suit you")
    ben.wait_for("Amina Khan suggests Mon 30 Mar, 09:30–10:15")
    look("asked", ben)
    ben.press("Confirm").wait_for("Booked: Mon 30 Mar, 09:30–10:15").wait_gone("Amina Khan suggests")
    amina.wait_for("Ben said yes.").wait_for("Booked: Mon 30 Mar, 09:30–10:15").wait_gone("I’ve asked Ben")
    look("booked", amina)


def move_by_typing(program: Running, amina: Hands, ben: Hands, look: Look) -> None:
    """The partner moves it, after the reminder of the last working day before; what it was is not reminded of."""
    program.wait_until(at(27, 9, 29))
    for one in (amina, ben):
        one.wait_gone("Coming up: ")
    program.wait_until(at(27, 9, 30))
    amina.wait_for("Coming up: Ben Carter, Mon 30 Mar, 09:30–10:15")
    ben.wait_for("Coming up: Amina Khan, Mon 30 Mar, 09:30–10:15")
    look("reminded", amina)
    ben.say("can we do Thursday instead").wait_for("Thu 2 Apr")
    look("moving", ben)
    ben.press(next(label for label in ben.buttons() if label.startswith("Thu 2 Apr")))
    ben.wait_for("You suggested moving").wait_for("Mon 30 Mar, 09:30–10:15 stands until then.")
    amina.wait_for("Ben Carter suggests moving your learning interview to Thu 2 Apr").press("Confirm")
    amina.wait_for("Booked: Thu 2 Apr").wait_gone("suggests moving").wait_gone("Booked: Mon 30 Mar")
    ben.wait_for("Amina said yes.").wait_for("Booked: Thu 2 Apr").wait_gone("You suggested moving")
    look("moved", ben)
    program.wait_until(at(31, 9, 0))
    for one in (amina, ben):
        one.wait_gone("In 15 minutes")


def cancel_and_rebook(program: Running, amina: Hands, ben: Hands, look: Look) -> None:
    """The learner cancels and says why, and both find another time; what was cancelled is not reminded of."""
    amina.press("Cancel it").wait_for("Cancel this interview?")
    amina.fill("Why, if you like to say", "The *inspectors* come <b>then</b>").press("Cancel it")
    amina.wait_for("Cancelled: Thu 2 Apr").wait_gone("Booked: Thu 2 Apr")
    ben.wait_for("Amina cancelled it.").wait_for("The *inspectors* come <b>then</b>").wait_gone("Booked: Thu 2 Apr")
    look("cancelled", ben)
    program.wait_until(at(2, 16, month=4))
    for one in (amina, ben):
        one.wait_gone("Tomorrow: ").wait_gone("In 15 minutes").wait_gone("Did you meet")
    amina.press("Choose a new time").wait_for("These times suit you and Ben")
    amina.say("8 April at half two").wait_for("Wed 8 Apr, 14:30–15:15").wait_for("I’ve asked Ben")
    ben.wait_for("Amina Khan suggests Wed 8 Apr, 14:30–15:15").press("Confirm")
    amina.wait_for("Booked: Wed 8 Apr, 14:30–15:15")
    look("rebooked", amina)


def brief(program: Running, amina: Hands, ben: Hands, look: Look) -> None:
    """On the working day before both are reminded, and the learner lets the partner read something."""
    program.wait_until(at(7, 8, 29, month=4))
    for one in (amina, ben):
        one.wait_gone("Tomorrow: ")
    program.wait_until(at(7, 8, 30, month=4))  # 09:30 in summer time
    ben.wait_for("Tomorrow: Amina Khan, Wed 8 Apr, 14:30–15:15")
    amina.wait_for("Tomorrow: Ben Carter, Wed 8 Apr, 14:30–15:15").press("Choose what Ben sees")
    amina.wait_for("What would you like to talk about?")
    amina.fill("What would you like to talk about?", "How to say less in meetings").press("Show me first")
    amina.wait_for("This is what Ben will see")
    ben.wait_gone("How to say less in meetings")
    look("brief", amina)
    amina.press("Release it to Ben").wait_for("Ben can read it now.")
    ben.wait_for("Amina Khan lets you read this before your interview.").wait_for("How to say less in meetings")
    look("released", ben)


def meet(program: Running, amina: Hands, ben: Hands, look: Look) -> None:
    """A quarter of an hour before both are reminded; half an hour after the end both are asked."""
    program.wait_until(at(8, 13, 14, month=4))
    for one in (amina, ben):
        one.wait_gone("In 15 minutes")
    program.wait_until(at(8, 13, 15, month=4))  # 14:15 in summer time
    amina.wait_for("In 15 minutes: Ben Carter")
    ben.wait_for("In 15 minutes: Amina Khan")
    look("soon", amina)
    program.wait_until(at(8, 14, 44, month=4))
    for one in (amina, ben):
        one.wait_gone("Did you meet")
    program.wait_until(at(8, 14, 45, month=4))
    amina.wait_for("Did you meet Ben?")
    ben.wait_for("Did you meet Amina?")
    look("asked-afterwards", ben)
    amina.press("Yes, we met").wait_for("You said that you met Ben")
    ben.press("Yes, we met").wait_for("You met Amina on Wed 8 Apr.")
    amina.wait_for("You met Ben on Wed 8 Apr.").wait_for("That was interview 1 of 3.")
    look("met", amina)


def note(amina: Hands, ben: Hands, look: Look) -> None:
    """One half both see, and the other agrees with it; the other half stays with its author."""
    amina.say("We agreed that I *visit* Itchen").wait_for("Noted, for you both.")
    amina.say("private: I was nervous").wait_for("I was nervous")
    ben.wait_for("We agreed that I *visit* Itchen").wait_gone("I was nervous").press("I agree")
    ben.wait_for("You agreed with this on Wed 8 Apr.").wait_gone("I was nervous")
    amina.wait_for("Ben agreed with this on Wed 8 Apr.")
    look("noted", amina)


def take_the_next_step(program: Running, amina: Hands, ben: Hands, look: Look) -> None:
    """Named, seen by both, remembered on its day, done."""
    amina.press("Name a next step").fill("A next step", "visit Itchen by 15 April").press("Keep them")
    amina.wait_for("I’ll remind you on Wed 15 Apr.")
    ben.wait_for("visit Itchen by 15 April")
    look("next-step", ben)
    program.wait_until(at(15, 8, 29, month=4))
    amina.wait_gone("For today: a next step of yours")
    program.wait_until(at(15, 8, 30, month=4))
    amina.wait_for("For today: a next step of yours").press("Done").wait_for("Well done.")
    ben.wait_for("(done)").wait_gone("For today")
    look("done", amina)
