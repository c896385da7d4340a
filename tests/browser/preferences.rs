//! The look that a person has chosen, from the first moment on.

use crate::support::{Profile, World};

/// The text of pages in the light theme, and in the dark one.
const LIGHT: &str = "rgba(27, 31, 36, 1)";
const DARK: &str = "rgba(236, 238, 240, 1)";

/// The colour of the page's text, as it was drawn.
async fn text(person: &Profile) -> String {
    person.see("body").await.css_value("color").await.unwrap()
}

/// What no script has done is there when the page is drawn first.
#[tokio::test]
async fn a_dark_theme_on_a_light_system_is_dark_from_the_first_paint() {
    let world = World::start();
    let ada = world.profile_without_script().await;
    ada.prefer("light").await;
    ada.sign_up("Ada Lovelace", "Analytical Engines").await;
    assert_eq!(text(&ada).await, LIGHT);
    ada.open("/account/preferences").await;
    ada.see("[name=theme][value=dark]").await.click().await.unwrap();
    ada.see("[name=density][value=compact]").await.click().await.unwrap();
    ada.press("Save").await;
    ada.reads_in(".toast", "Preferences saved.").await;
    for path in ["/account", "/orgs/analytical-engines", "/nowhere"] {
        ada.open(path).await;
        assert_eq!(text(&ada).await, DARK, "{path}");
        assert_eq!(ada.attribute("html", "class").await, None, "no script has run");
    }
    ada.sign_out().await;
    for path in ["/login", "/signup", "/nowhere"] {
        ada.open(path).await;
        assert_eq!(text(&ada).await, DARK, "{path}");
    }
    let stranger = world.profile_without_script().await;
    stranger.prefer("light").await;
    stranger.open("/login").await;
    assert_eq!(text(&stranger).await, LIGHT);
}

#[tokio::test]
async fn the_theme_is_changed_in_the_account_menu_and_the_page_stays() {
    let world = World::start();
    let ada = world.profile().await;
    ada.prefer("dark").await;
    ada.sign_up("Ada Lovelace", "Analytical Engines").await;
    ada.open("/orgs/analytical-engines/members?q=ada").await;
    assert_eq!(text(&ada).await, DARK);
    ada.see(".user-button").await.click().await.unwrap();
    ada.press_in(".menu-choice", "Light").await;
    ada.arrives_at("/orgs/analytical-engines/members?q=ada").await;
    ada.see("html[data-theme=light]").await;
    assert_eq!(text(&ada).await, LIGHT);
}
