"""What an object repeats: addresses that follow from its numbers, facts about other objects."""

from __future__ import annotations

from typing import Any, Final

# What GitHub works out from the names and numbers beside it. Addresses that say something else,
# such as `parent_issue_url`, are kept.
_DERIVED: Final = frozenset({
    "_links", "archive_url", "assignees_url", "avatar_url", "blobs_url", "branches_url",
    "clone_url", "collaborators_url", "comments_url", "commit_url", "commits_url", "compare_url",
    "contents_url", "contributors_url", "deployments_url", "diff_url", "downloads_url",
    "events_url", "followers_url", "following_url", "forks_url", "gists_url", "git_commits_url",
    "git_refs_url", "git_tags_url", "git_url", "hooks_url", "issue_comment_url", "issue_events_url",
    "issue_url", "issues_url", "keys_url", "labels_url", "languages_url", "members_url",
    "merges_url", "milestones_url", "node_id", "notifications_url", "organizations_url",
    "patch_url", "public_members_url", "pull_request_url", "pulls_url", "received_events_url",
    "releases_url", "repos_url", "repository_url", "review_comment_url", "review_comments_url",
    "ssh_url", "stargazers_url", "starred_url", "statuses_url", "subscribers_url",
    "subscription_url", "subscriptions_url", "svn_url", "tags_url", "teams_url", "timeline_url",
    "trees_url", "url",
})  # fmt: skip

# People and repositories are objects of their own: inside another one they are named, and what
# changes by itself (stars, the last push) is left out, or each star would be a version of a pull.
# Fields that are in no list are kept.
_OF_A_PERSON: Final = frozenset({
    "gravatar_id", "html_url", "site_admin", "user_view_type",
})  # fmt: skip
_OF_A_REPOSITORY: Final = frozenset({
    "allow_auto_merge", "allow_forking", "allow_merge_commit", "allow_rebase_merge",
    "allow_squash_merge", "allow_update_branch", "archived", "created_at", "custom_properties",
    "default_branch", "delete_branch_on_merge", "description", "disabled", "fork", "forks",
    "forks_count", "has_discussions", "has_downloads", "has_issues", "has_pages", "has_projects",
    "has_pull_requests", "has_wiki", "homepage", "html_url", "is_template", "language", "license",
    "master_branch", "merge_commit_message", "merge_commit_title", "mirror_url", "name",
    "open_issues", "open_issues_count", "organization", "owner", "permissions", "private",
    "pull_request_creation_policy", "pushed_at", "size", "squash_merge_commit_message",
    "squash_merge_commit_title", "stargazers", "stargazers_count", "subscribers_count", "topics",
    "updated_at", "use_squash_pr_title_as_default", "visibility", "watchers", "watchers_count",
    "web_commit_signoff_required",
})  # fmt: skip


def reduce(value: Any, *, top: bool = True) -> Any:
    """A value without what GitHub works out from the rest of it."""
    if isinstance(value, list):
        return [reduce(item, top=False) for item in value]
    if not isinstance(value, dict):
        return value
    known = _DERIVED
    if not top and "login" in value:
        known |= _OF_A_PERSON
    elif not top and "full_name" in value:
        known |= _OF_A_REPOSITORY
    return {key: reduce(item, top=False) for key, item in value.items() if key not in known}
