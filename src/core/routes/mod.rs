//! The URLs of the core, and who may call them.

mod organization;

use axum::http::StatusCode;

use crate::core::accounts::{
    address, claim, dispute, help, login, password, preferences, profile, reset, sign_ins, signup,
    signup_link, verify,
};
use crate::core::factors::noun::{PasskeyId, TotpFactorId as AppId};
use crate::core::factors::{
    apps, confirm, factor, keys, passkey_sign_in, recovery_codes, security, sign_in,
};
use crate::core::operators::{self, first, people, system, visits};
use crate::core::{deletion, invitations, join, notices, organizations, pictures, preview};
use crate::platform::App;
use crate::platform::web::route::{Route, anyone, operator, signed_in};
use crate::platform::web::typed::KEPT_LENGTH;
use crate::platform::web::{assets, echo, well_known};

/// The core's routes.
pub(super) fn routes() -> Vec<Route> {
    [at_the_door(), of_a_person(), organization::routes(), of_operators()]
        .into_iter()
        .flatten()
        .collect()
}

/// For everyone: signing up, in and out, and the links in emails.
fn at_the_door() -> Vec<Route> {
    vec![
        Route::get("/", anyone(organizations::home)),
        Route::get("/healthz", anyone(echo::healthz)),
        Route::get("/readyz", anyone(readyz)),
        Route::get("/static/{*path}", anyone(assets::serve)),
        // At addresses that are the same on every site
        Route::get("/favicon.ico", anyone(well_known::favicon)),
        Route::get("/apple-touch-icon.png", anyone(well_known::apple_touch_icon)),
        Route::get("/manifest.webmanifest", anyone(well_known::manifest)),
        Route::get("/robots.txt", anyone(well_known::robots)),
        Route::get("/.well-known/security.txt", anyone(well_known::security_txt)),
        Route::get("/.well-known/change-password", anyone(password::well_known)),
        // Signing up, in and out
        Route::get("/signup", anyone(signup::show)),
        Route::post("/signup", anyone(signup::create)).once(),
        Route::get("/signup/{token}", anyone(signup_link::open)),
        Route::get("/signup/link/{link}", anyone(signup_link::show)),
        Route::post("/signup/link/{link}", anyone(signup_link::finish)),
        // The first operator's account, by the link that is printed at the first start
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
        Route::post("/verify/link/{link}/discard", anyone(deletion::discard)),
        Route::get("/email/{token}", anyone(address::open)),
        Route::get("/email/link/{link}", anyone(address::ask)),
        Route::post("/email/link/{link}", anyone(address::confirm)),
        Route::get("/not-me/{token}", anyone(dispute::open)),
        Route::get("/not-me/link/{link}", anyone(dispute::show)),
        Route::post("/not-me/link/{link}", anyone(dispute::take_back)),
        // Links in earlier versions' emails
        Route::get("/email/undo/{token}", anyone(dispute::open)),
        Route::get("/help/{token}", anyone(help::open)),
        Route::get("/help/link/{link}", anyone(help::show)),
        Route::post("/help/link/{link}", anyone(help::stop)),
        // Unsubscribing from notices
        Route::get("/unsubscribe/{text}", anyone(notices::ask)),
        Route::post("/unsubscribe/{text}", anyone(notices::stop)).from_anywhere(),
        Route::post("/unsubscribe/{text}/undo", anyone(notices::resume)),
    ]
}

/// For signed-in people, in any organization or none.
fn of_a_person() -> Vec<Route> {
    vec![
        Route::post("/preview", signed_in(preview::show)).taking_text(preview::TEXT_LENGTH),
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
        Route::get("/account/preferences", signed_in(preferences::show)),
        Route::post("/account/preferences", signed_in(preferences::update)),
        Route::post("/account/preferences/theme", signed_in(preferences::update_theme)),
        Route::get("/account/confirm", signed_in(confirm::show)),
        Route::post("/account/confirm", signed_in(confirm::update)).taking_text(KEPT_LENGTH),
        Route::get("/account/security", signed_in(security::show)),
        Route::post("/account/security/recovery-codes", signed_in(recovery_codes::create)),
        Route::post("/account/security/totp", signed_in(apps::begin)).once(),
        Route::get("/account/security/totp/{id}", signed_in(apps::show)),
        Route::get("/account/security/totp/{id}/qr", signed_in(apps::picture)),
        Route::post("/account/security/totp/{id}/confirm", signed_in(apps::confirm)),
        Route::post("/account/security/totp/{id}/rename", signed_in(factor::rename::<AppId>)),
        Route::get("/account/security/totp/{id}/remove", signed_in(factor::ask_to_remove::<AppId>)),
        Route::post("/account/security/totp/{id}/remove", signed_in(factor::remove::<AppId>)),
        Route::get("/account/security/passkeys/new", signed_in(keys::new)),
        Route::post("/account/security/passkeys", signed_in(keys::create)),
        Route::post(
            "/account/security/passkeys/{id}/rename",
            signed_in(factor::rename::<PasskeyId>),
        ),
        Route::get(
            "/account/security/passkeys/{id}/remove",
            signed_in(factor::ask_to_remove::<PasskeyId>),
        ),
        Route::post(
            "/account/security/passkeys/{id}/remove",
            signed_in(factor::remove::<PasskeyId>),
        ),
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
        Route::get("/invitations/waiting/{id}", signed_in(invitations::show_waiting)),
        Route::post("/invitations/waiting/{id}", signed_in(invitations::join)),
        // A join link
        Route::get("/join/{token}", anyone(join::open)),
        Route::get("/join/link/{link}", anyone(join::show)),
        Route::post("/join/link/{link}", signed_in(join::join)),
    ]
}

/// For operators of the installation.
fn of_operators() -> Vec<Route> {
    vec![
        // Operators of the installation
        Route::get("/operator/organizations", operator(operators::organizations::index)),
        Route::get(
            "/operator/organizations/{id}/suspend",
            operator(operators::organizations::confirm_suspend),
        ),
        Route::post(
            "/operator/organizations/{id}/suspend",
            operator(operators::organizations::suspend),
        ),
        Route::post(
            "/operator/organizations/{id}/reactivate",
            operator(operators::organizations::reactivate),
        ),
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
    ]
}

/// `GET /readyz`: the process answers, and the database accepts changes.
async fn readyz(
    axum::extract::State(app): axum::extract::State<App>,
) -> (StatusCode, &'static str) {
    match app.is_ready().await {
        true => (StatusCode::OK, "ready\n"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "not ready\n"),
    }
}
