//! The clock of the machine is set back.

use tenantry::platform::App;
use tenantry::platform::clock::Clock;
use tenantry::platform::db::Db;
use tenantry::platform::{newest, secrets::Keyring};
use tenantry::server;
use time::Duration;
use tokio::net::TcpListener;

use crate::support::{Browser, TestApp};

#[tokio::test]
async fn what_has_expired_stays_expired_when_the_clock_goes_back() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let link = app.invite(&ada, "acme", "bob@example.test", "member").await;
    let guest = app.browser();
    guest.get(&link).await.expect(200);
    app.advance(Duration::days(8));
    guest.get(&link).await.expect(410);
    ada.get("/account").await.expect(303);
    app.advance(Duration::days(-8));
    guest.get(&link).await.expect(410);
    ada.get("/account").await.expect(303);
    // Nobody is locked out by it.
    let ada = app.sign_in("Ada Lovelace").await;
    ada.get("/orgs/acme").await.expect(200);
    app.work().await;
}

#[tokio::test]
async fn what_has_expired_stays_expired_when_the_service_starts_with_a_clock_that_is_behind() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let start = app.app.clock.now();
    let link = app.invite(&ada, "acme", "bob@example.test", "member").await;
    app.advance(Duration::days(8));
    app.browser().get(&link).await.expect(410);
    newest::note(&app.app).await.unwrap();

    let db = Db::connect(&app.database.url).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let config = app.app.config.clone().bound_to(address);
    let again = App::new(db, Clock::manual(start), config, Keyring::random());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let served = tokio::spawn(server::run(again, listener, async {
        let _stopped = stopped.await;
    }));
    Browser::new(&format!("http://{address}")).get(&link).await.expect(410);
    stop.send(()).unwrap();
    served.await.unwrap();
}
