//! What an owner can send to the routes of an organization that are always there.

use super::fixture::RouteForm;

/// The forms that are sent before those of features.
pub(super) const FIRST: &[RouteForm] = &[
    ("/orgs/{slug}/settings", &[("name", "Renamed"), ("slug", "{slug}")]),
    ("/orgs/{slug}/settings/security", &[]),
    ("/orgs/{slug}/steps/dismiss", &[]),
    ("/orgs/{slug}/notices", &[("mentions", "digest")]),
    ("/orgs/{slug}/inbox/{id}/read-all", &[]),
    ("/orgs/{slug}/inbox/{id}/open", &[]),
    ("/orgs/{slug}/inbox/{id}/read", &[("show", "all")]),
    ("/orgs/{slug}/inbox/{id}/unread", &[]),
];

/// The forms that are sent after them, the last of which ends the owner's membership.
pub(super) const LAST: &[RouteForm] = &[
    ("/orgs/{slug}/filters", &[("list", "clients"), ("name", "Another filter"), ("query", "?q=a")]),
    ("/orgs/{slug}/filters/{id}/delete", &[]),
    ("/orgs/{slug}/audit/export", &[("format", "csv")]),
    ("/orgs/{slug}/owners", &[("member", "{members}")]),
    ("/orgs/{slug}/members/export", &[]),
    ("/orgs/{slug}/members/choose", &[("act", "suspend"), ("row", "{members}")]),
    ("/orgs/{slug}/members/choose/apply", &[("act", "reactivate"), ("row", "{members}")]),
    ("/orgs/{slug}/members/{id}/role", &[("role", "viewer")]),
    ("/orgs/{slug}/members/{id}/suspend", &[]),
    ("/orgs/{slug}/members/{id}/reactivate", &[]),
    ("/orgs/{slug}/members/{id}/remove", &[]),
    ("/orgs/{slug}/invitations", &[("email", "somebody.else@example.test"), ("role", "viewer")]),
    ("/orgs/{slug}/invitations/{id}/readdress", &[("email", "{slug}.other@example.test")]),
    ("/orgs/{slug}/invitations/choose", &[("act", "resend"), ("row", "{invitations}")]),
    ("/orgs/{slug}/invitations/choose/apply", &[("act", "resend"), ("row", "{invitations}")]),
    ("/orgs/{slug}/invitations/{id}/resend", &[]),
    ("/orgs/{slug}/invitations/{id}/revoke", &[]),
    (
        "/orgs/{slug}/join-link",
        &[("role", "member"), ("domains", "example.test"), ("max_uses", "5"), ("lifetime", "7")],
    ),
    ("/orgs/{slug}/join-link/{id}/end", &[]),
    ("/orgs/{slug}/leave", &[]),
];
