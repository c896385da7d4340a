//! A list as a file for spreadsheets, which is sent while it is read, page by page.

use axum::body::Body;
use axum::http::HeaderName;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures_util::{TryStreamExt, stream};

use super::{List, Request};
use crate::platform::db::Runs;
use crate::platform::error::AppError;
use crate::platform::sheet;
use crate::platform::tenant::OrgTx;
use crate::platform::tenant::current_org::Context;

/// The columns of a file: their headings, and a row's cells in the same order.
pub struct Columns<L: List> {
    /// The headings.
    pub headings: &'static [&'static str],
    /// The cells of a row.
    pub cells: fn(&L::Row) -> Vec<String>,
}

/// The file with everything that a request's filter matches, in its order; `name` is what it lists. Each
/// page is read in a transaction of its own, so that a slow reader keeps none open.
pub fn exported<L: List>(
    org: &Context,
    name: &str,
    columns: &'static Columns<L>,
    request: Request<L>,
    scope: L::Scope,
) -> Response
where
    OrgTx: Runs<L::Sql>,
    L::Scope: 'static,
{
    let file = FileHead::new(org, name, "csv", sheet::CONTENT_TYPE);
    let org = org.clone();
    let parts = stream::try_unfold(Some((request, scope, true)), move |state| {
        let org = org.clone();
        async move {
            let Some((mut request, scope, is_first)) = state else { return Ok(None) };
            let mut tx = org.read().await?;
            let (rows, has_more) = request.next(&mut tx, &scope).await?;
            tx.commit().await?;
            let mut part = match is_first {
                true => sheet::beginning(columns.headings)?,
                false => Vec::new(),
            };
            for row in &rows {
                part.extend(sheet::line((columns.cells)(row))?);
            }
            Ok(Some((part, has_more.then_some((request, scope, false)))))
        }
    })
    // The status has been sent already: for the reader, the connection ends before the file does.
    .inspect_err(|error: &AppError| tracing::error!(?error, "an export ended halfway"));
    file.answer(Body::from_stream(parts))
}

/// What the browser is told of a file that it saves: its type, and a name with the organization and the
/// day.
pub struct FileHead([(HeaderName, String); 2]);

impl FileHead {
    /// The head of a file of what is called `name`.
    pub fn new(org: &Context, name: &str, ending: &str, content_type: &str) -> Self {
        let day = &org.now.rfc3339()[..10];
        let name = format!("{}-{name}-{day}.{ending}", org.organization.slug);
        Self([
            (CONTENT_TYPE, content_type.to_owned()),
            (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        ])
    }

    /// The answer with the file.
    pub fn answer(self, body: Body) -> Response {
        (self.0, body).into_response()
    }
}
