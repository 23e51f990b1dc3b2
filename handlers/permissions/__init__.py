"""Who may do what: one table, denied by default. Every action has a row; a handler without one fails the build.

A rule looks at the database inside the transaction, never at what a button says. It answers True, or False for "this
is not yours", which is told in the same words as "this does not exist".
"""

from handlers.permissions.rules import NotTheLead, Rule, leads_a_team
from handlers.permissions.table import MAY

__all__ = ["MAY", "NotTheLead", "Rule", "leads_a_team"]
