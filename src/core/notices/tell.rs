//! Tells a member something: in the inbox, and by email if they want that.

use super::model::{Delivery, News, Notice};
use super::noun::NotificationId;
use super::sql;
use super::way_out::{Subject, WayOut, way_out};
use crate::platform::error::Result;
use crate::platform::ids::MembershipId;
use crate::platform::tenant::OrgTx;

/// Puts the news into the inbox of `member`, as they have chosen. Returns the way out to include in an
/// email that the caller sends now; `None` if they want none.
pub async fn tell(tx: &mut OrgTx, member: MembershipId, news: &News) -> Result<Option<WayOut>> {
    let notice = news.event.notice();
    let delivery = sql::choices(tx, member).await?.delivery(notice);
    if delivery != Delivery::Nothing {
        let now = tx.app().clock.now();
        let waits = delivery == Delivery::Digest;
        // Answers to an invitation do not come twice.
        if notice != Notice::Invitations {
            sql::forget_unread(tx, member, news).await?;
        }
        sql::insert(tx, NotificationId::new(), member, news, waits, now).await?;
    }
    Ok((delivery == Delivery::Email).then(|| way_out(tx, member, Subject::Notice(notice))))
}
