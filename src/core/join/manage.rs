//! The page on which members who may invite make, show and end the join link.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use super::commands::{self, PAGE, Terms};
use super::model::{self, Lifetime, Standing, is_offered};
use super::noun::JoinLinkId;
use super::sql::{self, JoinLink};
use crate::core::members;
use crate::core::members::noun::InviteMembers;
use crate::platform::App;
use crate::platform::error::{AppError, Result};
use crate::platform::qr;
use crate::platform::sealed::Column;
use crate::platform::secrets::Token;
use crate::platform::tenant::current_org::Context;
use crate::platform::tenant::{CurrentOrg, Organization, Role, RoleKey, role};
use crate::platform::web::flash::Received;
use crate::platform::web::form::Fields;
use crate::platform::web::{FieldErrors, Flash, Form, Id, Shell, page_again, page_with_secret};

/// The fields of the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct JoinLinkForm {
    role: String,
    domains: String,
    max_uses: String,
    lifetime: String,
}

impl Fields for JoinLinkForm {}

impl JoinLinkForm {
    /// The form for a link like `link`, or for the first one.
    fn like(link: Option<&JoinLink>) -> Self {
        Self {
            role: link.map_or("member", |link| link.role.key.as_str()).to_owned(),
            domains: link.map(|link| link.domains.to_string()).unwrap_or_default(),
            max_uses: link
                .and_then(|link| link.max_uses)
                .map(|n| n.to_string())
                .unwrap_or_default(),
            lifetime: Lifetime::Week.word().to_owned(),
        }
    }

    fn check(&self) -> Result<Terms, FieldErrors> {
        let mut errors = FieldErrors::default();
        let domains = errors.take("domains", model::parse_domains(&self.domains));
        let max_uses = errors.take("max_uses", model::parse_uses(&self.max_uses));
        let lifetime = errors.take("lifetime", self.lifetime.parse());
        match (domains, max_uses, lifetime) {
            (Some(domains), Some(max_uses), Some(lifetime)) => {
                let role = RoleKey::from(self.role.clone());
                Ok(Terms { role, domains, max_uses, lifetime })
            }
            _ => Err(errors),
        }
    }
}

/// The link as the page shows it.
struct Shown {
    link: JoinLink,
    standing: Standing,
    /// The URL, if it works and the person may give its role.
    url: Option<String>,
    /// Why the URL is not shown although the link works.
    hidden: &'static str,
}

#[derive(Template)]
#[template(path = "core/join/manage.html")]
struct ManagePage {
    shell: Shell,
    organization: Organization,
    /// The newest link, unless it was turned off.
    shown: Option<Shown>,
    /// The roles that a link can give, highest first.
    roles: Vec<Role>,
    /// Whether the person has to confirm their own address first.
    awaits_proof: bool,
    form: JoinLinkForm,
    errors: FieldErrors,
}

impl ManagePage {
    /// The page, with what was typed into its form if it was refused.
    async fn load(org: &Context, typed: Option<(JoinLinkForm, FieldErrors)>) -> Result<Self> {
        let mut tx = org.read().await?;
        let newest = sql::newest(&mut tx).await?;
        let shown = match newest.clone() {
            Some(link) => {
                let (standing, ..) = commands::standing(&mut tx, &link, org.now).await?;
                Some(Shown::new(org, link, standing))
            }
            None => None,
        };
        let roles = role::list(&mut tx).await?;
        tx.commit().await?;
        let reaches = |role: &Role| org.membership.role.reaches(role.rank) && is_offered(role);
        let (form, errors) =
            typed.unwrap_or_else(|| (JoinLinkForm::like(newest.as_ref()), FieldErrors::default()));
        Ok(Self {
            shell: org.shell(members::SECTION),
            organization: org.organization.clone(),
            shown: shown.filter(|shown| shown.standing != Standing::TurnedOff),
            roles: roles.into_iter().filter(reaches).collect(),
            awaits_proof: org.user.require_verified(&org.app).is_err(),
            form,
            errors,
        })
    }

    /// Whether there is a link that a new one would end.
    fn has_link(&self) -> bool {
        self.shown.as_ref().is_some_and(|shown| shown.standing == Standing::Open)
    }
}

impl Shown {
    fn new(org: &Context, link: JoinLink, standing: Standing) -> Self {
        let may_see = org.membership.role.reaches(link.role.rank);
        let url = match standing == Standing::Open && may_see {
            true => unsealed(&org.app, &link).map(|token| url(&org.app, &token)),
            false => None,
        };
        let hidden = match may_see {
            true => {
                "This link can't be shown anymore, because the server has lost its key. Create a \
                 new one."
            }
            false => "This role is above yours.",
        };
        Self { link, standing, url, hidden }
    }
}

/// The link with this token.
fn url(app: &App, token: &Token) -> String {
    app.config.link(&format!("/join/{}", token.expose()))
}

/// The token of a link; `None` if its key is lost.
fn unsealed(app: &App, link: &JoinLink) -> Option<Token> {
    let token = app.keyring.open(&Column::JoinLink.context(link.id), &link.sealed_token).ok()?;
    Token::parse(str::from_utf8(&token).ok()?)
}

/// `GET /orgs/{slug}/join-link`
pub async fn show(org: CurrentOrg<InviteMembers>, received: Received) -> Result<Response> {
    let mut view = ManagePage::load(&org, None).await?;
    view.shell = view.shell.with(received);
    page_with_secret(&view)
}

/// `GET /orgs/{slug}/join-link/qr`
pub async fn picture(org: CurrentOrg<InviteMembers>) -> Result<Response> {
    let mut tx = org.read().await?;
    let link = sql::current(&mut tx).await?.ok_or(AppError::NotFound)?;
    let (standing, ..) = commands::standing(&mut tx, &link, org.now).await?;
    tx.commit().await?;
    let url = Shown::new(&org, link, standing).url.ok_or(AppError::NotFound)?;
    qr::picture(&url)
}

/// `POST /orgs/{slug}/join-link`: makes a link, which replaces the current one.
pub async fn create(
    org: CurrentOrg<InviteMembers>,
    Form(form): Form<JoinLinkForm>,
) -> Result<Response> {
    let errors = match form.check() {
        Err(errors) => errors,
        Ok(terms) => match commands::create(&org, &terms).await {
            Ok(()) => {
                return Ok(Flash::redirect(&org.organization.path(PAGE), "Join link created."));
            }
            Err(refusal) => refusal.fields()?,
        },
    };
    page_again(&ManagePage::load(&org, Some((form, errors))).await?)
}

/// `POST /orgs/{slug}/join-link/{id}/end`
pub async fn turn_off(org: CurrentOrg<InviteMembers>, Id(id): Id<JoinLinkId>) -> Result<Response> {
    commands::turn_off(&org, id).await?;
    Ok(Flash::redirect(&org.organization.path(PAGE), "Join link turned off."))
}
