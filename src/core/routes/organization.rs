//! The URLs inside organizations.

use crate::core::audit::noun::ViewAudit;
use crate::core::members::noun::{InviteMembers, ManageMembers, ViewMembers};
use crate::core::organizations::noun::ManageOrganization;
use crate::core::{
    activity, audit, filters, invitations, join, members, notices, organizations, pictures, search,
};
use crate::platform::list::chosen::TEXT_LENGTH as CHOSEN_LENGTH;
use crate::platform::tenant::permission::AnyMember;
use crate::platform::web::route::{Route, can, signed_in};

/// The routes.
pub(super) fn routes() -> Vec<Route> {
    vec![
        // Organizations
        Route::get("/orgs", signed_in(organizations::index)),
        Route::post("/orgs", signed_in(organizations::create_page)).once(),
        Route::get("/orgs/new", signed_in(organizations::new)),
        Route::get("/orgs/switcher", signed_in(organizations::search)),
        Route::get("/orgs/{slug}", can(AnyMember, organizations::show)),
        Route::get("/orgs/{slug}/settings", can(AnyMember, organizations::settings)),
        Route::post(
            "/orgs/{slug}/settings",
            can(ManageOrganization, organizations::update_settings),
        ),
        Route::post(
            "/orgs/{slug}/settings/security",
            can(ManageOrganization, organizations::update_security),
        ),
        // The inbox
        Route::get("/orgs/{slug}/inbox", can(AnyMember, notices::show_inbox)),
        Route::post("/orgs/{slug}/inbox/{id}/open", can(AnyMember, notices::open)),
        Route::post("/orgs/{slug}/inbox/{id}/read", can(AnyMember, notices::mark_read)),
        Route::post("/orgs/{slug}/inbox/{id}/unread", can(AnyMember, notices::mark_unread)),
        Route::post("/orgs/{slug}/inbox/{id}/read-all", can(AnyMember, notices::mark_all)),
        Route::get("/orgs/{slug}/notices", can(AnyMember, notices::show)),
        Route::post("/orgs/{slug}/notices", can(AnyMember, notices::update)),
        Route::post("/orgs/{slug}/steps/dismiss", can(AnyMember, organizations::dismiss_steps)),
        Route::get("/orgs/{slug}/leave", can(AnyMember, members::confirm_leave)),
        Route::post("/orgs/{slug}/leave", can(AnyMember, members::leave)),
        Route::get("/orgs/{slug}/pictures/{id}", can(AnyMember, pictures::of_member)),
        // Activity
        Route::get("/orgs/{slug}/activity", can(AnyMember, activity::index)),
        // Search
        Route::get("/orgs/{slug}/search", can(AnyMember, search::index)),
        Route::get("/orgs/{slug}/search/menu", can(AnyMember, search::show_menu)),
        Route::get("/orgs/{slug}/keys", can(AnyMember, search::show_keys)),
        // Saved filters
        Route::post("/orgs/{slug}/filters", can(AnyMember, filters::save)).once(),
        Route::post("/orgs/{slug}/filters/{id}/delete", can(AnyMember, filters::delete)),
        // Members
        Route::get("/orgs/{slug}/members", can(ViewMembers, members::index)),
        Route::get("/orgs/{slug}/members/former", can(ManageMembers, members::former)),
        Route::post("/orgs/{slug}/members/choose", can(ManageMembers, members::choose)),
        Route::post("/orgs/{slug}/members/choose/apply", can(ManageMembers, members::apply))
            .taking_text(CHOSEN_LENGTH),
        Route::post("/orgs/{slug}/members/export", can(ManageMembers, members::export)),
        Route::get("/orgs/{slug}/members/{id}", can(ViewMembers, members::show)),
        Route::get("/orgs/{slug}/members/{id}/row", can(ViewMembers, members::show_row)),
        Route::post("/orgs/{slug}/members/{id}/role", can(ManageMembers, members::change_role)),
        Route::get("/orgs/{slug}/members/{id}/remove", can(ManageMembers, members::confirm_remove)),
        Route::post("/orgs/{slug}/members/{id}/remove", can(ManageMembers, members::remove)),
        Route::get(
            "/orgs/{slug}/members/{id}/suspend",
            can(ManageMembers, members::confirm_suspend),
        ),
        Route::post("/orgs/{slug}/members/{id}/suspend", can(ManageMembers, members::suspend)),
        Route::post(
            "/orgs/{slug}/members/{id}/reactivate",
            can(ManageMembers, members::reactivate),
        ),
        Route::post("/orgs/{slug}/owners", can(ManageMembers, members::add_owner)).once(),
        // Invitations
        Route::get("/orgs/{slug}/invitations", can(InviteMembers, invitations::new)),
        Route::post("/orgs/{slug}/invitations", can(InviteMembers, invitations::create))
            .once()
            .taking_text(invitations::TEXT_LENGTH),
        Route::get(
            "/orgs/{slug}/invitations/{id}/link",
            can(InviteMembers, invitations::copy_link),
        ),
        Route::post(
            "/orgs/{slug}/invitations/{id}/resend",
            can(InviteMembers, invitations::resend),
        ),
        Route::post(
            "/orgs/{slug}/invitations/{id}/revoke",
            can(InviteMembers, invitations::revoke),
        ),
        Route::post(
            "/orgs/{slug}/invitations/{id}/readdress",
            can(InviteMembers, invitations::readdress),
        ),
        Route::post("/orgs/{slug}/invitations/choose", can(InviteMembers, invitations::choose)),
        Route::post(
            "/orgs/{slug}/invitations/choose/apply",
            can(InviteMembers, invitations::apply),
        )
        .taking_text(CHOSEN_LENGTH),
        // The join link
        Route::get("/orgs/{slug}/join-link", can(InviteMembers, join::manage)),
        Route::post("/orgs/{slug}/join-link", can(InviteMembers, join::create)).once(),
        Route::get("/orgs/{slug}/join-link/qr", can(InviteMembers, join::picture)),
        Route::post("/orgs/{slug}/join-link/{id}/end", can(InviteMembers, join::turn_off)),
        // The audit log
        Route::get("/orgs/{slug}/audit", can(ViewAudit, audit::index)),
        Route::get("/orgs/{slug}/audit/verify", can(ViewAudit, audit::verify)),
        Route::post("/orgs/{slug}/audit/export", can(ViewAudit, audit::export)),
    ]
}
