"""How Slack shows things, and how answers are read back. Nothing here talks to anybody.

`limits` is what Slack refuses, in one table. `text` and `controls` are the pieces that everything shown is made of
and `blocks` draws parts with them. `messages` and `forms` are what is shown whole: a message, the home tab, a window; a
form. `filled` reads a form back.
"""
