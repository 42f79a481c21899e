"""From an issue, what was said about it, and the change that closed it to one training pair."""
