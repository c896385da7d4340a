//! Every URL of the product, once, with who may call it.

use axum::http::StatusCode;

use crate::accounts::{
    address, claim, deletion, dispute, help, login, password, profile, reset, sign_ins, signup,
    signup_link, verify,
};
use crate::factors::{apps, confirm, keys, passkey_sign_in, recovery_codes, security, sign_in};
use crate::operators::{first, organizations, people, system, visits};
use crate::platform::App;
use crate::platform::mail::outbox::has_mailbox;
use crate::platform::tenant::permission::{
    AnyMember, CreateProjects, EditClients, InviteMembers, ManageMembers, ManageOrganization,
    ViewAudit, ViewMembers,
};
use crate::platform::web::assets;
use crate::platform::web::echo;
use crate::platform::web::route::{Route, anyone, can, in_project, operator, signed_in};
use crate::platform::web::typed::KEPT_LENGTH;
use crate::projects::{Contribute, Lead, LeadDeleted, Read};
use crate::{
    activity, audit, clients, comments, filters, invitations, mailbox, members, notices, orgs,
    pictures, projects, tasks,
};

/// The table. Development routes are in it only where they exist.
pub fn routes(app: &App) -> Vec<Route> {
    let mut routes = vec![
        Route::get("/", anyone(orgs::home)),
        Route::get("/healthz", anyone(echo::healthz)),
        Route::get("/readyz", anyone(readyz)),
        Route::get("/static/{*path}", anyone(assets::serve)),
        // Coming in and going out
        Route::get("/signup", anyone(signup::show)),
        Route::post("/signup", anyone(signup::create)).once(),
        Route::get("/signup/{token}", anyone(signup_link::open)),
        Route::get("/signup/link/{link}", anyone(signup_link::show)),
        Route::post("/signup/link/{link}", anyone(signup_link::finish)),
        // The first operator's account, by the link that is printed at the start
        Route::get("/first/{token}", anyone(first::open)),
        Route::get("/first/link/{link}", anyone(first::show)),
        Route::post("/first/link/{link}", anyone(first::create)),
        Route::get("/login", anyone(login::show)),
        Route::post("/login", anyone(login::create)).taking_text(KEPT_LENGTH),
        Route::get("/login/factor", anyone(sign_in::show)),
        Route::post("/login/factor", anyone(sign_in::create)).taking_text(KEPT_LENGTH),
        Route::get("/login/passkey", anyone(passkey_sign_in::show)),
        Route::post("/login/passkey", anyone(passkey_sign_in::create)).taking_text(KEPT_LENGTH),
        Route::post("/logout", anyone(login::end)),
        Route::get("/password/forgot", anyone(reset::forgot)),
        Route::post("/password/forgot", anyone(reset::request)),
        Route::get("/password/reset/{token}", anyone(reset::open)),
        Route::get("/password/reset", anyone(reset::show)),
        Route::post("/password/reset", anyone(reset::update)),
        Route::get("/verify/{token}", anyone(verify::open)),
        Route::get("/verify/link/{link}", anyone(verify::show)),
        Route::post("/verify/link/{link}", anyone(verify::confirm)),
        Route::post("/verify/link/{link}/claim", anyone(claim::claim)),
        Route::post("/verify/link/{link}/discard", anyone(claim::discard)),
        Route::get("/email/{token}", anyone(address::open)),
        Route::get("/email/link/{link}", anyone(address::ask)),
        Route::post("/email/link/{link}", anyone(address::confirm)),
        Route::get("/not-me/{token}", anyone(dispute::open)),
        Route::get("/not-me/link/{link}", anyone(dispute::show)),
        Route::post("/not-me/link/{link}", anyone(dispute::take_back)),
        // Links in mails from before there was the one above.
        Route::get("/email/undo/{token}", anyone(dispute::open)),
        Route::get("/help/{token}", anyone(help::open)),
        Route::get("/help/link/{link}", anyone(help::show)),
        Route::post("/help/link/{link}", anyone(help::stop)),
        // The way out of a notice
        Route::get("/unsubscribe/{text}", anyone(notices::ask)),
        Route::post("/unsubscribe/{text}", anyone(notices::stop)).from_anywhere(),
        Route::post("/unsubscribe/{text}/undo", anyone(notices::resume)),
        // The account
        Route::get("/account", signed_in(profile::show)),
        Route::post("/account", signed_in(profile::update)),
        Route::post("/account/picture", signed_in(pictures::update))
            .taking(pictures::MAX_FORM_BYTES),
        Route::post("/account/picture/remove", signed_in(pictures::remove)),
        Route::get("/account/pictures/{id}", signed_in(pictures::own)),
        Route::post("/account/verify", signed_in(verify::send)),
        Route::get("/account/email", signed_in(address::show)),
        Route::post("/account/email", signed_in(address::request)),
        Route::post("/account/email/call-off", signed_in(address::call_off)),
        Route::get("/account/password", signed_in(password::show)),
        Route::post("/account/password", signed_in(password::update)),
        Route::get("/account/confirm", signed_in(confirm::show)),
        Route::post("/account/confirm", signed_in(confirm::update)).taking_text(KEPT_LENGTH),
        Route::get("/account/security", signed_in(security::show)),
        Route::post("/account/security/recovery-codes", signed_in(recovery_codes::create)),
        Route::post("/account/security/totp", signed_in(apps::begin)).once(),
        Route::get("/account/security/totp/{id}", signed_in(apps::show)),
        Route::get("/account/security/totp/{id}/qr", signed_in(apps::picture)),
        Route::post("/account/security/totp/{id}/confirm", signed_in(apps::confirm)),
        Route::post("/account/security/totp/{id}/rename", signed_in(apps::rename)),
        Route::get("/account/security/totp/{id}/remove", signed_in(apps::ask_to_remove)),
        Route::post("/account/security/totp/{id}/remove", signed_in(apps::remove)),
        Route::get("/account/security/passkeys/new", signed_in(keys::new)),
        Route::post("/account/security/passkeys", signed_in(keys::create)),
        Route::post("/account/security/passkeys/{id}/rename", signed_in(keys::rename)),
        Route::get("/account/security/passkeys/{id}/remove", signed_in(keys::ask_to_remove)),
        Route::post("/account/security/passkeys/{id}/remove", signed_in(keys::remove)),
        Route::get("/account/sessions", signed_in(sign_ins::index)),
        Route::post("/account/sessions/{id}/end", signed_in(sign_ins::end)),
        Route::post("/account/sessions/end-others", signed_in(sign_ins::end_others)),
        Route::get("/account/delete", signed_in(deletion::show)),
        Route::post("/account/delete", signed_in(deletion::delete)),
        Route::get("/account/deleted", anyone(deletion::done)),
        // An invitation's link
        Route::get("/invitations/{token}", anyone(invitations::open)),
        Route::get("/invitations/link/{link}", anyone(invitations::show)),
        Route::post("/invitations/link/{link}/accept", anyone(invitations::accept)),
        Route::post("/invitations/link/{link}/decline", anyone(invitations::decline)),
        Route::post("/invitations/link/{link}/ask", signed_in(invitations::ask)),
        Route::get("/join/{id}", signed_in(invitations::show_waiting)),
        Route::post("/join/{id}", signed_in(invitations::join)),
        // Organizations
        Route::get("/orgs", signed_in(orgs::index)),
        Route::post("/orgs", signed_in(orgs::create_page)).once(),
        Route::get("/orgs/new", signed_in(orgs::new)),
        Route::get("/orgs/switcher", signed_in(orgs::search)),
        Route::get("/orgs/{slug}", can(AnyMember, orgs::show)),
        Route::get("/orgs/{slug}/settings", can(AnyMember, orgs::settings)),
        Route::post("/orgs/{slug}/settings", can(ManageOrganization, orgs::update_settings)),
        Route::post(
            "/orgs/{slug}/settings/security",
            can(ManageOrganization, orgs::update_security),
        ),
        Route::get("/orgs/{slug}/notices", can(AnyMember, notices::show)),
        Route::post("/orgs/{slug}/notices", can(AnyMember, notices::update)),
        Route::get("/orgs/{slug}/leave", can(AnyMember, members::confirm_leave)),
        Route::post("/orgs/{slug}/leave", can(AnyMember, members::leave)),
        Route::get("/orgs/{slug}/pictures/{id}", can(AnyMember, pictures::of_member)),
        // Clients
        Route::get("/orgs/{slug}/clients", can(AnyMember, clients::index)),
        Route::get("/orgs/{slug}/clients/new", can(EditClients, clients::new)),
        Route::post("/orgs/{slug}/clients", can(EditClients, clients::create))
            .once()
            .taking_text(clients::TEXT_LENGTH),
        Route::get("/orgs/{slug}/clients/{id}", can(AnyMember, clients::show)),
        Route::get("/orgs/{slug}/clients/{id}/edit", can(EditClients, clients::edit)),
        Route::post("/orgs/{slug}/clients/{id}/edit", can(EditClients, clients::update))
            .once()
            .taking_text(clients::TEXT_LENGTH),
        Route::post("/orgs/{slug}/clients/{id}/archive", can(EditClients, clients::archive)),
        Route::post("/orgs/{slug}/clients/{id}/unarchive", can(EditClients, clients::unarchive)),
        Route::post("/orgs/{slug}/clients/{id}/delete", can(EditClients, clients::delete)),
        Route::post("/orgs/{slug}/clients/{id}/restore", can(EditClients, clients::restore)),
        // Projects
        Route::get("/orgs/{slug}/projects", can(AnyMember, projects::index)),
        Route::get("/orgs/{slug}/projects/new", can(CreateProjects, projects::new)),
        Route::post("/orgs/{slug}/projects", can(CreateProjects, projects::create))
            .once()
            .taking_text(projects::TEXT_LENGTH),
        Route::get("/orgs/{slug}/projects/{project}", in_project(Read, projects::show)),
        Route::get("/orgs/{slug}/projects/{project}/edit", in_project(Lead, projects::edit)),
        Route::post("/orgs/{slug}/projects/{project}/edit", in_project(Lead, projects::update))
            .once()
            .taking_text(projects::TEXT_LENGTH),
        Route::post("/orgs/{slug}/projects/{project}/archive", in_project(Lead, projects::archive)),
        Route::post(
            "/orgs/{slug}/projects/{project}/unarchive",
            in_project(Lead, projects::unarchive),
        ),
        Route::post(
            "/orgs/{slug}/projects/{project}/delete",
            in_project(LeadDeleted, projects::delete),
        ),
        Route::post(
            "/orgs/{slug}/projects/{project}/restore",
            in_project(LeadDeleted, projects::restore),
        ),
        Route::get("/orgs/{slug}/projects/{project}/members", in_project(Read, projects::members)),
        Route::post(
            "/orgs/{slug}/projects/{project}/members",
            in_project(Lead, projects::add_member),
        )
        .once(),
        Route::post(
            "/orgs/{slug}/projects/{project}/members/{id}/role",
            in_project(Lead, projects::change_member),
        ),
        Route::post(
            "/orgs/{slug}/projects/{project}/members/{id}/remove",
            in_project(Lead, projects::remove_member),
        ),
        // Tasks
        Route::get("/orgs/{slug}/tasks", can(AnyMember, tasks::index)),
        Route::post("/orgs/{slug}/projects/{project}/tasks", in_project(Contribute, tasks::create))
            .once(),
        Route::get("/orgs/{slug}/projects/{project}/tasks/{id}", in_project(Read, tasks::show)),
        Route::get(
            "/orgs/{slug}/projects/{project}/tasks/{id}/edit",
            in_project(Contribute, tasks::edit),
        ),
        Route::post(
            "/orgs/{slug}/projects/{project}/tasks/{id}/edit",
            in_project(Contribute, tasks::update),
        )
        .once()
        .taking_text(tasks::TEXT_LENGTH),
        Route::post(
            "/orgs/{slug}/projects/{project}/tasks/{id}/status",
            in_project(Contribute, tasks::set_status),
        ),
        Route::post(
            "/orgs/{slug}/projects/{project}/tasks/{id}/move",
            in_project(Contribute, tasks::move_task),
        ),
        Route::post(
            "/orgs/{slug}/projects/{project}/tasks/{id}/archive",
            in_project(Contribute, tasks::archive),
        ),
        Route::post(
            "/orgs/{slug}/projects/{project}/tasks/{id}/unarchive",
            in_project(Contribute, tasks::unarchive),
        ),
        Route::post(
            "/orgs/{slug}/projects/{project}/tasks/{id}/delete",
            in_project(Contribute, tasks::delete),
        ),
        Route::post(
            "/orgs/{slug}/projects/{project}/tasks/{id}/restore",
            in_project(Contribute, tasks::restore),
        ),
        // Comments
        Route::post(
            "/orgs/{slug}/projects/{project}/comments",
            in_project(Contribute, comments::create_on_project),
        )
        .once()
        .taking_text(comments::TEXT_LENGTH),
        Route::post(
            "/orgs/{slug}/projects/{project}/tasks/{id}/comments",
            in_project(Contribute, comments::create_on_task),
        )
        .once()
        .taking_text(comments::TEXT_LENGTH),
        Route::get(
            "/orgs/{slug}/projects/{project}/comments/{id}/edit",
            in_project(Contribute, comments::edit),
        ),
        Route::post(
            "/orgs/{slug}/projects/{project}/comments/{id}/edit",
            in_project(Contribute, comments::update),
        )
        .once()
        .taking_text(comments::TEXT_LENGTH),
        Route::post(
            "/orgs/{slug}/projects/{project}/comments/{id}/delete",
            in_project(Contribute, comments::delete),
        ),
        Route::post(
            "/orgs/{slug}/projects/{project}/comments/{id}/restore",
            in_project(Contribute, comments::restore),
        ),
        // Activity
        Route::get("/orgs/{slug}/activity", can(AnyMember, activity::index)),
        Route::get(
            "/orgs/{slug}/projects/{project}/activity",
            in_project(Read, activity::index_of_project),
        ),
        // Saved filters
        Route::post("/orgs/{slug}/filters", can(AnyMember, filters::save)).once(),
        Route::post("/orgs/{slug}/filters/{id}/delete", can(AnyMember, filters::delete)),
        // Members
        Route::get("/orgs/{slug}/members", can(ViewMembers, members::index)),
        Route::get("/orgs/{slug}/members/{id}", can(ViewMembers, members::show)),
        Route::post("/orgs/{slug}/members/{id}/role", can(ManageMembers, members::change_role)),
        Route::get("/orgs/{slug}/members/{id}/remove", can(ManageMembers, members::confirm_remove)),
        Route::post("/orgs/{slug}/members/{id}/remove", can(ManageMembers, members::remove)),
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
        // The audit log
        Route::get("/orgs/{slug}/audit", can(ViewAudit, audit::index)),
        Route::get("/orgs/{slug}/audit/verify", can(ViewAudit, audit::verify)),
        Route::post("/orgs/{slug}/audit/export", can(ViewAudit, audit::export)),
        // Operators of the installation
        Route::get("/operator/organizations", operator(organizations::index)),
        Route::get(
            "/operator/organizations/{id}/suspend",
            operator(organizations::confirm_suspend),
        ),
        Route::post("/operator/organizations/{id}/suspend", operator(organizations::suspend)),
        Route::post("/operator/organizations/{id}/reactivate", operator(organizations::reactivate)),
        Route::get("/operator/organizations/{id}/enter", operator(visits::ask_to_enter)),
        Route::post("/operator/organizations/{id}/enter", operator(visits::enter)).once(),
        Route::get("/operator/people", operator(people::index)),
        Route::get("/operator/people/{id}", operator(people::show)),
        Route::post("/operator/people/{id}/end-sign-ins", operator(people::end_sign_ins)),
        Route::post("/operator/people/{id}/reset", operator(people::reset)),
        Route::get("/operator/people/{id}/help", operator(people::confirm_help)),
        Route::post("/operator/people/{id}/help", operator(people::ask_help)),
        Route::post("/operator/people/{id}/help/stop", operator(people::stop_help)),
        Route::get("/operator/people/{id}/suspend", operator(people::confirm_suspend)),
        Route::post("/operator/people/{id}/suspend", operator(people::suspend)),
        Route::post("/operator/people/{id}/reactivate", operator(people::reactivate)),
        Route::get("/operator/sign-ins/end", operator(people::confirm_everybody)),
        Route::post("/operator/sign-ins/end", operator(people::end_everybody)),
        Route::post("/operator/visits/{id}/end", operator(visits::end_visit)),
        Route::get("/operator/system", operator(system::show)),
        Route::post("/operator/mails/send", operator(system::send_all_again)),
        Route::post("/operator/mails/{id}/send", operator(system::send_again)),
        Route::post("/operator/jobs/{id}/run", operator(system::do_again)),
    ];
    if has_mailbox(app) {
        routes.extend([
            Route::get("/dev/mailbox", anyone(mailbox::index)),
            Route::get("/dev/mailbox/{id}", anyone(mailbox::show)),
            Route::get("/dev/mailbox/{id}/html", anyone(mailbox::html)),
        ]);
    }
    routes
}

/// `GET /readyz`: the database takes changes, too.
async fn readyz(
    axum::extract::State(app): axum::extract::State<App>,
) -> (StatusCode, &'static str) {
    match app.is_ready().await {
        true => (StatusCode::OK, "ready\n"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "not ready\n"),
    }
}
