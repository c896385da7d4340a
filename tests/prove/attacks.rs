//! The attacks by the owner of one organization on another.

use std::future::Future;
use std::pin::Pin;

use crate::support::{Browser, TestApp};

/// Two organizations: Eve, who owns Elsewhere, wants what Harbour has.
pub struct Stage {
    pub app: TestApp,
    eve: Browser,
    client: String,
    member: String,
}

/// An attack, which says whether it succeeded.
pub struct Attack {
    pub name: &'static str,
    pub tries: for<'s> fn(&'s Stage) -> Pin<Box<dyn Future<Output = bool> + 's>>,
}

/// All attacks, in an order in which none interferes with the next.
pub const ATTACKS: &[Attack] = &[
    Attack { name: "read a row by its id", tries: |stage| Box::pin(stage.read()) },
    Attack { name: "list rows", tries: |stage| Box::pin(stage.list()) },
    Attack { name: "count rows", tries: |stage| Box::pin(stage.count()) },
    Attack { name: "refer to a row", tries: |stage| Box::pin(stage.refer()) },
    Attack { name: "change a row", tries: |stage| Box::pin(stage.change()) },
    Attack { name: "remove a row", tries: |stage| Box::pin(stage.remove()) },
    Attack { name: "read at its address", tries: |stage| Box::pin(stage.read_there()) },
    Attack { name: "write at its address", tries: |stage| Box::pin(stage.write_there()) },
];

impl Stage {
    pub async fn build() -> Self {
        // The data is prepared with all layers in place.
        tenantry::platform::prove::stand(true, true);
        let app = TestApp::spawn().await;
        let harbour = app.founder("Hal Harbour", "Harbour").await;
        app.member(&harbour, "harbour", "Mia Member", "member").await;
        let member = app.membership_id(&harbour, "harbour", "Mia Member").await;
        let fields = [("name", "Secret client")];
        let answer = harbour.post("/orgs/harbour/clients", &fields).await.expect(303);
        let client = answer.location().unwrap().rsplit('/').next().unwrap().to_owned();
        let eve = app.founder("Eve Elsewhere", "Elsewhere").await;
        eve.post("/orgs/elsewhere/clients", &[("name", "Own client")]).await.expect(303);
        app.work().await;
        Self { app, eve, client, member }
    }

    /// Ends without checking the invariants, which were violated on purpose.
    pub async fn leave(self) {
        let Self { app, .. } = self;
        app.app.close().await;
        app.database.remove().await;
        std::mem::forget(app);
    }

    /// A page, whatever its status; a server error counts as a refusal, too.
    async fn page(&self, path: &str) -> String {
        self.eve.send_whatever_comes(self.eve.request("GET", path)).await.body
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) {
        let request = self.eve.request("POST", path).form(fields);
        self.eve.send_whatever_comes(request).await;
    }

    async fn there_is(&self, what: &str) -> bool {
        self.app.database.number(&format!("select count(*) from {what}")).await > 0
    }

    async fn read(&self) -> bool {
        let path = format!("/orgs/elsewhere/clients/{}", self.client);
        self.page(&path).await.contains("Secret client")
    }

    async fn list(&self) -> bool {
        let page = self.page("/orgs/elsewhere/clients").await;
        assert!(page.contains("Own client"), "one's own is there: {page}");
        page.contains("Secret client")
    }

    async fn count(&self) -> bool {
        let page = self.eve.get("/orgs/elsewhere/clients").await;
        let text = page.text(".pager-text");
        assert!(text.contains(" of "), "{text}");
        !text.ends_with(" of 1")
    }

    async fn refer(&self) -> bool {
        let fields = [("name", "Bridge"), ("client", self.client.as_str())];
        self.post("/orgs/elsewhere/projects", &fields).await;
        self.there_is(
            "projects p join clients c on c.id = p.client_id
                and c.organization_id <> p.organization_id",
        )
        .await
    }

    async fn change(&self) -> bool {
        let path = format!("/orgs/elsewhere/clients/{}/edit", self.client);
        self.post(&path, &[("name", "Defaced"), ("version", "1")]).await;
        !self.there_is("clients where name = 'Secret client'").await
    }

    async fn remove(&self) -> bool {
        self.post(&format!("/orgs/elsewhere/members/{}/remove", self.member), &[]).await;
        !self
            .there_is("memberships m join users u on u.id = m.user_id and u.name = 'Mia Member'")
            .await
    }

    async fn read_there(&self) -> bool {
        self.page("/orgs/harbour/clients").await.contains("/orgs/harbour/clients/")
    }

    async fn write_there(&self) -> bool {
        self.post("/orgs/harbour/clients", &[("name", "Planted")]).await;
        self.there_is("clients where name = 'Planted'").await
    }
}
