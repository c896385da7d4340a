//! What is done with join links, by those who invite and by those who join.

use serde_json::{Value, json};
use time::Duration;

use super::model::{self, Ended, LINKS_PER_DAY, Lifetime, Standing, View, is_offered};
use super::noun::{JOIN_LINK_CREATED, JOIN_LINK_TURNED_OFF, JOIN_LINK_USED, JoinLinkId};
use super::sql::{self, Draft, JoinLink};
use crate::core::invitations::{self, Arrival};
use crate::core::members::noun::InviteMembers;
use crate::core::members::{self, Target};
use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::domains::Domains;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::OrganizationId;
use crate::platform::mail::outbox;
use crate::platform::noun::Refusal;
use crate::platform::sealed::Column;
use crate::platform::secrets::Token;
use crate::platform::session::CurrentUser;
use crate::platform::tenant::{CurrentOrg, Grant, OrgTx, Role, RoleKey, role};
use crate::platform::web::FieldErrors;

/// The page on which the link is shown, below the organization's path.
pub(super) const PAGE: &str = "/join-link";

/// What somebody wants a link to allow.
pub(super) struct Terms {
    pub role: RoleKey,
    pub domains: Domains,
    pub max_uses: Option<i64>,
    pub lifetime: Lifetime,
}

/// Makes a link, which replaces the current one.
///
/// # Errors
/// [`Refusal::Fields`] for a role that the actor may not give with a link, and while their address
/// is not confirmed; [`AppError::TooMany`] above the organization's limit; [`AppError::Refused`]
/// when the current link gives a role above the actor's.
pub(super) async fn create(
    org: &CurrentOrg<InviteMembers>,
    terms: &Terms,
) -> Result<(), Refusal<JoinLink>> {
    let (mut tx, actor) = org.write_locked().await?;
    let mut errors = FieldErrors::default();
    if org.user.require_verified(&org.app).is_err() {
        errors.add("", "Confirm your email address first. We've sent you a link.");
    }
    let grant = role::grant(&mut tx, &actor.role, &terms.role).await?;
    let Some(grant) = grant.filter(|grant| is_offered(grant.role())) else {
        errors.add("role", "Choose a role.");
        return Err(Refusal::Fields(errors));
    };
    if !errors.is_empty() {
        return Err(Refusal::Fields(errors));
    }
    if sql::made_since(&mut tx, org.now.plus(-Duration::days(1))).await? >= LINKS_PER_DAY {
        let words = format!("You can create up to {LINKS_PER_DAY} join links a day.");
        return Err(AppError::over_limit(words).into());
    }
    let current = sql::current(&mut tx).await?;
    if let Some(current) = &current {
        must_reach(&actor.role, current)?;
        sql::end(&mut tx, current.id, Ended::Replaced, org.now).await?;
    }
    let token = Token::random();
    let id = JoinLinkId::new();
    let expires_at = org.now.plus(terms.lifetime.duration());
    let draft = Draft {
        id,
        token_hash: token.digest(),
        sealed_token: org
            .app
            .keyring
            .seal(&Column::JoinLink.context(id), token.expose().as_bytes()),
        role: &terms.role,
        domains: &terms.domains,
        max_uses: terms.max_uses,
        made_by: actor.user_id,
        now: org.now,
        expires_at,
    };
    sql::insert(&mut tx, draft).await?;
    let mut entry = sql::entry(JOIN_LINK_CREATED, id, &grant.role().name);
    if let Some(old) = current {
        let old = allowed(&old.role.key, &old.domains, old.max_uses, old.expires_at);
        entry = entry.before(old);
    }
    let new = allowed(&terms.role, &terms.domains, terms.max_uses, expires_at);
    tx.record(entry.after(new));
    tx.leads_to(&org.organization.path(PAGE)).await?;
    tx.commit().await?;
    Ok(())
}

/// Turns the link `id` off, unless it has ended already.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such link; [`AppError::Refused`] when it gives a role
/// above the actor's.
pub(super) async fn turn_off(org: &CurrentOrg<InviteMembers>, id: JoinLinkId) -> Result<()> {
    let (mut tx, actor) = org.write_locked().await?;
    let link = sql::find(&mut tx, id).await?.ok_or(AppError::NotFound)?;
    must_reach(&actor.role, &link)?;
    if sql::end(&mut tx, id, Ended::TurnedOff, org.now).await? {
        tx.record(link.entry(JOIN_LINK_TURNED_OFF));
    }
    tx.commit().await
}

fn must_reach(actor: &Role, link: &JoinLink) -> Result<()> {
    match actor.reaches(link.role.rank) {
        true => Ok(()),
        false => Err(AppError::Refused("This role is above yours.".into())),
    }
}

/// What a link allows, for the audit log.
fn allowed(
    role: &RoleKey,
    domains: &Domains,
    max_uses: Option<i64>,
    expires_at: Timestamp,
) -> Value {
    json!({
        "role": role,
        "domains": domains.to_string(),
        "max_uses": max_uses,
        "expires_at": expires_at.rfc3339(),
    })
}

/// A link, as somebody sees it now.
pub(super) struct Seen {
    pub link: JoinLink,
    pub view: View,
    /// Its maker, if they may still invite people.
    maker: Option<Target>,
    /// The role that it gives, if its maker may still give it.
    grant: Option<Grant>,
}

impl Seen {
    /// The link with `token`, as `user` sees it at `now`.
    pub async fn by_token(
        tx: &mut OrgTx,
        token: &Token,
        user: Option<&CurrentUser>,
        now: Timestamp,
    ) -> Result<Option<Self>, sqlx::Error> {
        let Some(link) = sql::find_by_token(tx, token).await? else { return Ok(None) };
        let (standing, maker, grant) = standing(tx, &link, now).await?;
        let member = match user {
            Some(user) => members::find_by_user(tx, user.id).await?,
            None => None,
        };
        let is_mail_sent = outbox::is_sent(tx.app());
        let view = model::view(&link, standing, user, member.as_ref(), is_mail_sent);
        Ok(Some(Self { link, view, maker, grant }))
    }

    /// The name of somebody who can help: the maker, or an owner if the maker cannot invite people
    /// any more. Empty for an organization that was deleted.
    pub async fn helper(&self, tx: &mut OrgTx) -> Result<String, sqlx::Error> {
        match &self.maker {
            Some(maker) => Ok(maker.name.clone()),
            None if self.link.organization_deleted => Ok(String::new()),
            None => Ok(members::any_owner(tx).await?.1),
        }
    }
}

/// The state of `link` at `now`, its maker if they may still invite people, and the role that they
/// may still give with it.
pub(super) async fn standing(
    tx: &mut OrgTx,
    link: &JoinLink,
    now: Timestamp,
) -> Result<(Standing, Option<Target>, Option<Grant>), sqlx::Error> {
    let maker = members::find_by_user(tx, link.made_by).await?;
    let may_invite = |maker: &Target| maker.can_act() && maker.role.can(InviteMembers::PERMISSION);
    let maker = maker.filter(may_invite);
    let grant = match &maker {
        Some(maker) => role::grant(tx, &maker.role, &link.role.key).await?,
        None => None,
    };
    let grant = grant.filter(|grant| is_offered(grant.role()));
    Ok((model::standing(link, grant.is_some(), now), maker, grant))
}

/// Makes `user` a member with the link that has this token; returns the name of their role, or
/// `None` if it is not possible in the link's present state.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such link.
pub(super) async fn join(
    app: &App,
    user: &CurrentUser,
    organization: OrganizationId,
    token: &Token,
) -> Result<Option<String>> {
    let now = app.clock.now();
    let mut tx = user.write(app).await?.enter(organization).await?;
    tx.lock_organization().await?;
    let seen = Seen::by_token(&mut tx, token, Some(user), now).await?.ok_or(AppError::NotFound)?;
    let (View::Join, Some(maker), Some(grant)) = (seen.view, seen.maker, seen.grant) else {
        return Ok(None);
    };
    let link = seen.link;
    if !sql::use_up(&mut tx, link.id, now).await? {
        return Ok(None);
    }
    let mut grant = grant;
    if user.is_verified() {
        let invited = invitations::take_along(&mut tx, &user.email, user.id, now).await?;
        // An invitation to a higher role still counts.
        let higher = invited.filter(|invited| invited.role().rank > grant.role().rank);
        grant = higher.unwrap_or(grant);
    }
    members::add(&mut tx, user.id, &grant, now).await?;
    let role = grant.role();
    let arrival = Arrival {
        name: &user.name,
        email: &user.email,
        role: &role.name,
        organization: &link.organization,
        slug: &link.slug,
        with_link: true,
        user: user.id,
        by: sql::object(link.id, &link.role.name),
    };
    invitations::joined(&mut tx, &maker, &link.maker_email, &arrival).await?;
    let entry = link.entry(JOIN_LINK_USED).person(user.id);
    tx.record(entry.after(json!({ "role": role.key })));
    tx.commit().await?;
    Ok(Some(role.name.clone()))
}
