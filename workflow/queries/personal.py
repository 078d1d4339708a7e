"""What people keep for themselves: what they type, filters under a name, a calendar's address.

And what they have done lately.

Nothing here writes.
"""

from workflow.store import calendar_feeds, form_drafts, history_search, saved_views

latest_acts = history_search.latest_acts
has_feed = calendar_feeds.has_feed
feed_at = calendar_feeds.feed_at
Typed = form_drafts.Typed
others_typing = form_drafts.others_typing
typing_of = form_drafts.typing_of
HISTORY = saved_views.HISTORY
SavedView = saved_views.SavedView
views_of = saved_views.views_of
