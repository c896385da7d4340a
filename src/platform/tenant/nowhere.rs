//! The frame around the page of an address that leads nowhere: that of the organization in the
//! address, if the person can open it.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::switcher::{self, Before, SwitcherEntry};
use crate::platform::App;
use crate::platform::error::Result;
use crate::platform::session::{CurrentUser, MaybeUser};
use crate::platform::web::Shell;
use crate::platform::web::frame::Frame;
use crate::platform::web::htmx::wants_page;

/// Sets the frame, if somebody is signed in and the answer is shown as a page.
///
/// # Errors
/// When the database cannot be read.
pub async fn set_frame(parts: &mut Parts, app: &App) -> Result<()> {
    if !wants_page(&parts.headers) {
        return Ok(());
    }
    let MaybeUser(Some(mut user)) = MaybeUser::from_request_parts(parts, app).await? else {
        return Ok(());
    };
    let slug = parts.uri.path().strip_prefix("/orgs/").and_then(|rest| rest.split('/').next());
    let before = slug.map_or(Before::Id(user.last_organization_id), Before::Slug);
    let now = app.clock.now();
    let mut tx = user.read(app).await?;
    let switcher = Arc::new(switcher::load(&mut tx, &user, before, now).await?);
    tx.commit().await?;
    let here = switcher.organizations.first().filter(|entry| slug == Some(entry.slug.as_str()));
    let shell = match here.filter(|entry| is_open(entry, &user)) {
        Some(entry) => Shell::lost_in(&user, entry, &switcher, now),
        None => {
            user.switcher = switcher;
            Shell::signed_in(&user)
        }
    };
    Frame::set(&parts.extensions, shell);
    Ok(())
}

fn is_open(entry: &SwitcherEntry, user: &CurrentUser) -> bool {
    !entry.is_closed() && (user.has_factor || !entry.requires_factor)
}
