"""What people keep for themselves: what they type, filters under a name, a calendar's address.

Nothing here writes.
"""

from workflow.store.calendar_feeds import has_feed, person_of_feed
from workflow.store.form_drafts import Typed, others_typing, typing_of
from workflow.store.saved_views import HISTORY, SavedView, views_of

__all__ = [
    "HISTORY",
    "SavedView",
    "Typed",
    "has_feed",
    "others_typing",
    "person_of_feed",
    "typing_of",
    "views_of",
]
