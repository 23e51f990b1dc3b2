"""The two pages that the platforms link to: what happens to people's words, and on what terms the bot is used."""

PRIVACY = """The learning bot of {organisation}: privacy

What you write to the bot is kept for your own learning and development, and for nothing else: never for job evaluation,
redundancy, pay, performance appraisal or discipline.

A diary, a reflection or a note is read by nobody but you, unless you share it with somebody by name; you can take that
back. Your words are sealed with a key of your own.

Say "who has read" to see who was shown your words, "what do you hold about me" for what is kept, and "erase me" to have
it destroyed. Your learning coordinator answers questions.
"""

TERMS = """The learning bot of {organisation}: terms of use

The bot is provided by {organisation} to its staff and associates. Taking part is your own choice. Leave out the names
of pupils and colleagues. Reflective notes are not legally privileged.
"""

PAGES = {"/privacy": PRIVACY, "/terms": TERMS}
