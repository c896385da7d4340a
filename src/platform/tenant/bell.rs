//! The number on the bell: what waits for the member in the organization around a page.

use std::pin::Pin;

use axum::http::Method;
use axum::http::request::Parts;

use super::current_org::Context;
use super::org_tx::OrgTx;
use crate::platform::error::Result;
use crate::platform::web::htmx::wants_page;

/// Counts what a member has not read. The feature that has the inbox submits it to `inventory`; every
/// whole page of an organization runs it once, in the transaction that has found the organization, with
/// the path of the page.
pub struct Bell(pub for<'a> fn(&'a mut OrgTx, &'a Context, &'a str) -> Counting<'a>);

inventory::collect!(Bell);

/// A count that is being made.
pub type Counting<'a> = Pin<Box<dyn Future<Output = Result<i64>> + Send + 'a>>;

/// The number for the sender of the request, if a member asks for a whole page.
pub(super) async fn count(tx: &mut OrgTx, context: &Context, parts: &Parts) -> Result<Option<i64>> {
    if parts.method != Method::GET || context.visit.is_some() || !wants_page(&parts.headers) {
        return Ok(None);
    }
    match inventory::iter::<Bell>.into_iter().next() {
        Some(Bell(count)) => count(tx, context, parts.uri.path()).await.map(Some),
        None => Ok(None),
    }
}
