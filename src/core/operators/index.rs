//! The page of a list that operators see, outside organizations; `core/operators/_index.html` draws
//! it.

use super::Tab;
use crate::platform::clock::Timestamp;
use crate::platform::db::Runs;
use crate::platform::error::Result;
use crate::platform::list::{List, Request, View};
use crate::platform::session::CurrentOperator;
use crate::platform::tenant::UnscopedTx;

/// The contents of such a page, whatever it lists.
pub(super) struct OperatorIndex<L: List> {
    /// The page's place in the operators' navigation.
    pub tab: Tab,
    /// The heading: `People`.
    pub title: &'static str,
    /// The page of the list.
    pub list: View<L>,
    /// When the page was made.
    pub now: Timestamp,
}

impl<L: List> OperatorIndex<L> {
    /// Loads the list of `tab`.
    ///
    /// # Errors
    /// Those of [`Request::load`].
    pub async fn load(
        tx: &mut UnscopedTx,
        operator: &CurrentOperator,
        tab: Tab,
        request: Request<L>,
        scope: &L::Scope,
    ) -> Result<Self>
    where
        UnscopedTx: Runs<L::Sql>,
    {
        let list = request.load(tx, scope).await?;
        Ok(Self { tab, title: tab.label(), list, now: operator.now })
    }
}
