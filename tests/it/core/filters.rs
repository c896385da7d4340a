//! Saved filters, on all lists that can have them.

use tenantry::platform::list::saved::Saved;

use crate::support::TestApp;

#[tokio::test]
async fn a_filter_that_is_saved_is_shown_above_its_list() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    for list in Saved::lists() {
        let path = format!("/orgs/acme/{list}?q=ad");
        let page = ada.get(&path).await.expect(200);
        assert_eq!(page.attribute(".saved-filters input[name=list]", "value"), list);
        let query = page.attribute(".saved-filters input[name=query]", "value");
        let fields = [("list", list), ("name", "Those with ad"), ("query", query.as_str())];
        ada.post("/orgs/acme/filters", &fields).await.expect_redirect(&path);
        for shown in [path.clone(), format!("/orgs/acme/{list}")] {
            let page = ada.get(&shown).await.expect(200);
            assert_eq!(page.text(".chip a"), "Those with ad", "{list}");
            assert_eq!(page.attribute(".chip a", "href"), path);
        }
        let delete = ada.get(&path).await.attribute(".chip form", "action");
        ada.post(&delete, &[]).await.expect_redirect(&format!("/orgs/acme/{list}"));
        assert_eq!(ada.get(&path).await.count(".chip"), 0, "{list}");
    }
}
