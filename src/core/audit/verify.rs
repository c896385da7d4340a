//! Verifies that the log is as it was written.

use askama::Template;
use axum::response::Response;

use super::SECTION;
use crate::core::audit::noun::ViewAudit;
use crate::platform::audit::chain::{self, Proof};
use crate::platform::error::Result;
use crate::platform::tenant::{CurrentOrg, Organization};
use crate::platform::web::{Htmx, Shell};

#[derive(Template)]
#[template(path = "core/audit/verify.html", blocks = ["proof"])]
struct VerifyPage {
    shell: Shell,
    organization: Organization,
    proof: Proof,
}

/// `GET /orgs/{slug}/audit/verify`
pub async fn verify(org: CurrentOrg<ViewAudit>, htmx: Htmx) -> Result<Response> {
    let mut tx = org.read().await?;
    let proof = chain::prove(&mut tx).await?;
    tx.commit().await?;
    let page =
        VerifyPage { shell: org.shell(SECTION), organization: org.organization.clone(), proof };
    htmx.render(&page, page.as_proof())
}
