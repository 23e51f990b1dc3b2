"""How Teams shows things, and how answers are read back. Nothing here talks to anybody.

`limits` is what a card may hold, in one table. `text` and `controls` are the pieces that everything shown is made of
and `parts` draws parts with them. `cards` and `forms` are what is shown whole: a message; a form, among the messages or
in a dialog. `filled` reads a form and a tap back.
"""
