//! Accepting: one request, which takes effect once however many send it.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;
use tower_sessions::Session;

use super::landing::{InvitationLink, LandingPage};
use super::mail::Joined;
use super::model::View;
use super::sql::{self, Found};
use crate::core::accounts::noun::USER_EMAIL;
use crate::core::accounts::{NewAccount, create_account, mark_verified, person_name};
use crate::core::members;
use crate::core::members::noun::{InviteMembers, MEMBER_JOINED};
use crate::core::notices::{self, Notice};
use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::UserId;
use crate::platform::mail::{Quoted, outbox, strangers};
use crate::platform::passwords::{About, Chosen};
use crate::platform::session::known::{self, NewToken};
use crate::platform::session::{self, CurrentUser, Device, MaybeUser, NewSession, SessionKey};
use crate::platform::tenant::{OrgTx, UnscopedTx, role};
use crate::platform::throttle::{self, Kind};
use crate::platform::web::form::Fields;
use crate::platform::web::opened::Opened;
use crate::platform::web::{Flash, Form, Shell, see_other};

/// What a new person types; empty for everybody else.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AcceptForm {
    name: String,
    password: String,
}

impl Fields for AcceptForm {}

/// `POST /invitations/link/{link}/accept`
pub async fn accept(
    State(app): State<App>,
    MaybeUser(user): MaybeUser,
    session: Session,
    device: Device,
    link: Opened<InvitationLink>,
    Form(form): Form<AcceptForm>,
) -> Result<Response> {
    let shell = Shell::default();
    let page = LandingPage::load(&app, user.as_ref(), &link, shell.clone()).await?;
    let accepted = match (page.view, &user) {
        (View::Invited, Some(user)) => accept_as(&app, user, &page.found).await,
        (View::NewPerson, None) => accept_as_new(&app, &session, &device, page, form).await,
        (View::AlreadyMember, _) => return Ok(see_other(&format!("/orgs/{}", page.found.slug))),
        (View::SignedOut, None) => {
            return Ok(see_other(&page.path));
        }
        (View::SomebodyElse, _) => Err(AppError::Refused(
            format!(
                "This invitation is for {}; you are signed in as {}.",
                page.invited, page.my_email
            )
            .into(),
        )),
        _ => return page.respond(),
    };
    match accepted {
        // Somebody else was quicker with the same link: the page says how it stands now.
        Err(AppError::Gone(_)) => {
            let page = LandingPage::load(&app, user.as_ref(), &link, shell).await?;
            match page.view {
                View::AlreadyMember => Ok(see_other(&format!("/orgs/{}", page.found.slug))),
                View::Over(_) => page.respond(),
                _ => accepted,
            }
        }
        other => other,
    }
}

/// Accepts for an account that exists.
pub(super) async fn accept_as(app: &App, user: &CurrentUser, found: &Found) -> Result<Response> {
    let now = app.clock.now();
    let mut tx = user.write(app).await?;
    if found.proves_address {
        mark_verified(&mut tx, user.id, &found.email, now).await?;
    }
    let mut tx = tx.enter(found.organization_id).await?;
    let is_proved = found.proves_address || user.is_verified();
    let joined = take_up(&mut tx, found, user.id, &user.name, is_proved, now).await?;
    tx.commit().await?;
    Ok(landed(found, &joined, ""))
}

/// Creates the account that the invitation is for, signs it in, and accepts. Anything wrong with
/// what was typed brings the page back.
async fn accept_as_new(
    app: &App,
    session: &Session,
    device: &Device,
    mut page: LandingPage,
    form: AcceptForm,
) -> Result<Response> {
    let name = page.errors.take("name", person_name(&form.name));
    let about = About::person(&form.name, page.found.email.as_str())
        .and_organization(&page.found.organization);
    let Chosen { password, field } = app.passwords.choose(&form.password, about).await?;
    let remark = field.remark();
    let password = page.errors.take("password", password);
    page.password = field;
    let (Some(name), Some(password)) = (name, password) else {
        page.typed_name = form.name;
        return page.respond();
    };
    let found = &page.found;
    let _counted = throttle::take(app, Kind::Invitation, found.email.as_str(), device).await?;
    let hash = app.passwords.hash(password).await?;
    let replaced = SessionKey::of(session);
    let key = session::renew(session, false).await?;
    let now = app.clock.now();
    let verified = found.proves_address;
    let account = NewAccount { name, email: found.email.clone(), hash, verified };
    let mut tx = UnscopedTx::write(app).await?.from(device);
    let created = create_account(&mut tx, &account, now).await;
    let user = match created {
        Err(error) if error.breaks(USER_EMAIL) => {
            return Err(AppError::Gone("The account was created a moment ago. Sign in.".into()));
        }
        created => created?,
    };
    let new_session =
        NewSession { key: &key, replaced, device, keep: false, with: "an invitation" };
    session::start(&mut tx, user, new_session, now).await?;
    let token = NewToken::new();
    known::remember(&mut tx, user, device, &token).await?;
    let mut tx = tx.enter(found.organization_id).await?;
    let joined = take_up(&mut tx, found, user, &account.name, verified, now).await?;
    tx.commit().await?;
    Ok(token.put_into(app, landed(found, &joined, &remark)))
}

/// `remark` follows, with a space before it.
fn landed(found: &Found, role: &str, remark: &str) -> Response {
    let words = format!("Welcome to {}. Your role is {role}.{remark}", found.organization);
    Flash::redirect(&format!("/orgs/{}", found.slug), words).into_response()
}

/// Makes `user` a member, in the caller's transaction, and tells the inviter; gives the name of
/// the role the person has then. Where the address is proved, it counts for whoever has invited it.
///
/// # Errors
/// [`AppError::Gone`] when the invitation waits no more, or the inviter may not offer it any more.
async fn take_up(
    tx: &mut OrgTx,
    found: &Found,
    user: UserId,
    name: &str,
    is_proved: bool,
    now: Timestamp,
) -> Result<String> {
    tx.lock_organization().await?;
    let gone = |words: &'static str| AppError::Gone(words.into());
    let invitation = sql::find(tx, found.id)
        .await?
        .filter(|invitation| invitation.is_pending() && invitation.expires_at > now)
        .filter(|invitation| invitation.email == found.email)
        .ok_or_else(|| gone("This invitation is no longer open."))?;
    // The link may have been replaced while this request was on its way.
    let newest = sql::newest_link(tx, found.id).await?.map(|(link, _)| link);
    if found.link_id.is_some_and(|link| newest != Some(link)) {
        return Err(gone("This link was replaced by a newer one."));
    }
    if sql::is_suspended(tx).await? {
        return Err(gone("The organization is suspended: nobody can join it right now."));
    }
    let withdrawn = || {
        gone("The person who invited you can no longer offer this role. Ask for a new invitation.")
    };
    let inviter = members::find_by_user(tx, invitation.invited_by).await?.ok_or_else(withdrawn)?;
    if invitation.inviter_suspended
        || inviter.is_suspended
        || !inviter.role.can(InviteMembers::PERMISSION)
    {
        return Err(withdrawn());
    }
    let offered = role::grant(tx, &inviter.role, &invitation.role.key).await?;
    let offered = offered.ok_or_else(withdrawn)?;
    if !members::may_hold(tx, user, offered.role().rank).await? {
        return Err(AppError::AddressUnproved);
    }
    if !sql::answer(tx, found.id, "accepted", now).await? {
        return Err(gone("This invitation is no longer open."));
    }
    let role = match members::find_by_user(tx, user).await? {
        // An invitation never lowers a role that somebody has.
        Some(member) if member.role.reaches(offered.role().rank) => member.role.name,
        Some(member) => {
            members::set_role(tx, member.membership_id, &offered).await?;
            offered.role().name.clone()
        }
        None => {
            members::add(tx, user, &offered, now).await?;
            offered.role().name.clone()
        }
    };
    if is_proved {
        strangers::joined(tx, invitation.invited_by, &invitation.email).await?;
    }
    if let Some(way_out) = notices::wanted(tx, inviter.membership_id, Notice::Invitations).await? {
        let mail = Joined {
            inviter: Quoted::name(&invitation.inviter),
            member: Quoted::name(name),
            member_email: invitation.email.to_string(),
            organization: Quoted::name(&found.organization),
            role: Quoted::name(&role),
            members_link: tx.app().config.link(&format!("/orgs/{}/members", found.slug)),
            stop_link: way_out.link,
        };
        outbox::enqueue_notice(tx, &invitation.inviter_email, &way_out.list, &mail).await?;
    }
    tx.record(invitation.entry(MEMBER_JOINED).person(user).after(json!({ "role": role })));
    Ok(role)
}
