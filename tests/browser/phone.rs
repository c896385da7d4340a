//! The pages in a window of a phone's size.

use fantoccini::key::Key;

use crate::support::{Profile, World, email_of};

const WIDTH: u32 = 390;
const HEIGHT: u32 = 844;

/// Touch targets in forms that are lower than 24 px. Links in running text may be lower.
const TOO_LOW: &str = "
    return [...document.querySelectorAll('form :is(a, button, select, input, textarea), .btn')]
        .filter((el) => el.checkVisibility() && !el.closest('p') && !el.matches('.visually-hidden'))
        .filter((el) => !el.matches('[type=checkbox], [type=radio], [type=hidden]'))
        .filter((el) => el.getBoundingClientRect().height < 24)
        .map((el) => `${el.tagName} ${el.textContent || el.name}`).join(', ')";

/// Controls that reach beyond an edge of the window.
const CUT_OFF: &str = "
    return [...document.querySelectorAll('a, button, summary, select, input, textarea')]
        .filter((el) => el.checkVisibility() && !el.matches('.visually-hidden, .skip-link'))
        .filter((el) => !el.closest('.nav')) // a strip that scrolls by itself
        .filter((el) => el.getBoundingClientRect().left < 0
            || el.getBoundingClientRect().right > document.documentElement.clientWidth)
        .map((el) => `${el.tagName} ${el.textContent || el.name}`).join(', ')";

#[tokio::test]
async fn no_page_is_wider_than_a_phone() {
    let world = World::start();
    let ada = world.profile().await;
    ada.hold_as_phone(WIDTH, HEIGHT).await;
    let organization = "The Society for the Advancement of Analytical Engines";
    ada.sign_up("Ada Lovelace", organization).await;
    let home = ada.address().await;
    ada.open(&format!("{home}/members")).await;
    ada.invite("Charles Babbage With A Name").await;

    let at_home =
        ["", "/members", "/invitations", "/audit", "/audit/verify", "/settings", "/leave"];
    let account = ["/account", "/account/password", "/account/sessions", "/orgs", "/orgs/new"];
    let pages = at_home.into_iter().map(|page| format!("{home}{page}"));
    for page in pages.chain(account.map(str::to_owned)) {
        ada.open(&page).await;
        fits(&ada, &page).await;
    }
    ada.open(&format!("{home}/members?show=invited")).await;
    ada.press(&format!("Actions for {}", email_of("Charles Babbage With A Name"))).await;
    fits(&ada, "the menu of a row").await;
    ada.key(Key::Escape).await;
    ada.ask_for_link("Charles Babbage With A Name").await;
    ada.see(".copy").await;
    fits(&ada, "the row with a link").await;

    ada.open(&format!("{home}/clients/new")).await;
    ada.fill("Name", "Harbour").await;
    ada.press("Create client").await;
    ada.press("More actions for Harbour").await;
    fits(&ada, "the menu of a page").await;

    let nobody = world.profile().await;
    nobody.hold_as_phone(WIDTH, HEIGHT).await;
    for page in ["/login", "/signup", "/password/forgot", "/dev/mailbox"] {
        nobody.open(page).await;
        fits(&nobody, page).await;
    }
}

async fn fits(person: &Profile, page: &str) {
    let width = person.script("return document.scrollingElement.scrollWidth").await;
    assert!(width.as_u64() <= Some(u64::from(WIDTH)), "{page} is {width} wide");
    let cut_off = person.script(CUT_OFF).await;
    assert_eq!(cut_off, "", "{page} has beyond its edges: {cut_off}");
    let low = person.script(TOO_LOW).await;
    assert_eq!(low, "", "{page} has what a finger misses: {low}");
}
