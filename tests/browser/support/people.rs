//! Steps that many tests have in common.

use fantoccini::Locator;

use super::mailbox::link_in;
use super::profile::Profile;

/// Everybody's password.
pub const PASSWORD: &str = "correct horse battery";

/// The address of the person with this name: `Ada Lovelace` is `ada.lovelace@example.test`.
pub fn email_of(name: &str) -> String {
    format!("{}@example.test", name.to_lowercase().replace(' ', "."))
}

impl Profile {
    /// Signs up with an organization, confirms the address with the link in the email, and waits
    /// for the organization's first page.
    pub async fn sign_up(&self, name: &str, organization: &str) {
        self.open("/signup").await;
        self.fill("Your name", name).await;
        self.fill("Email", &email_of(name)).await;
        self.fill("Password", PASSWORD).await;
        self.fill("Organization", organization).await;
        self.press("Create account").await;
        self.reads_in("h1", organization).await;
        let overview = self.address().await;
        let mail = self.read_mail("Confirm your email address").await;
        self.open(&link_in(&mail, "/verify/")).await;
        self.press(&format!("Confirm {}", email_of(name))).await;
        self.reads_in("h1", organization).await;
        self.open(&overview).await;
        self.reads_in("h1", organization).await;
    }

    /// Starts a project in the organization with this slug, and stays on its page.
    pub async fn start_project(&self, slug: &str, name: &str) {
        self.open(&format!("/orgs/{slug}/projects/new")).await;
        self.fill("Name", name).await;
        self.press("Create project").await;
        self.reads_in("h1", name).await;
    }

    /// Signs in.
    pub async fn sign_in(&self, name: &str) {
        self.open("/login").await;
        self.fill("Email", &email_of(name)).await;
        self.fill("Password", PASSWORD).await;
        self.press_in("form", "Sign in").await;
        self.see(".user-button").await;
    }

    /// Signs out with the menu of the account.
    pub async fn sign_out(&self) {
        self.see(".user-button").await.click().await.unwrap();
        self.press("Sign out").await;
        self.loses(".user-button").await;
    }

    /// Invites somebody on the members page, which must be open.
    pub async fn invite(&self, name: &str) {
        self.ask_in(name, "Send invitations").await;
        self.reads_in(".who", &email_of(name)).await;
    }

    /// Invites somebody where no mail is sent; returns the link, which the page shows for handing
    /// over.
    pub async fn make_link_for(&self, name: &str) -> String {
        self.ask_in(name, "Create links").await;
        self.see(".copy .input").await;
        self.value(".copy .input").await
    }

    async fn ask_in(&self, name: &str, button: &str) {
        self.press("Invite people").await;
        self.fill("Email addresses", &email_of(name)).await;
        self.press(button).await;
    }

    /// Opens the link of an invitation, and accepts as a new person.
    pub async fn accept(&self, link: &str, name: &str) {
        self.open(link).await;
        self.fill("Your name", name).await;
        self.fill("Password", PASSWORD).await;
        self.press("Accept and join").await;
        self.see(".user-button").await;
    }

    /// Invites somebody, who joins in a browser of their own. This browser must show the members
    /// page, and shows it again afterwards.
    pub async fn welcome(&self, newcomer: &Profile, name: &str) {
        let members = self.address().await;
        self.invite(name).await;
        let mail = self.read_mail("invited you to").await;
        newcomer.accept(&link_in(&mail, "/invitations/"), name).await;
        self.open(&members).await;
        self.reads_in(".who", name).await;
    }

    /// Requests the link of an invitation from the menu of its row.
    pub async fn ask_for_link(&self, name: &str) {
        self.press(&format!("Actions for {}", email_of(name))).await;
        self.press("Copy link").await;
    }

    /// A selector for a person's row in the table of members, which stays valid when the row is
    /// replaced.
    pub async fn row_of(&self, name: &str) -> String {
        let row = format!("//tbody/tr[contains(., '{name}')]");
        let row = self.client.find(Locator::XPath(&row)).await.unwrap();
        format!("#{}", row.attr("id").await.unwrap().expect("a row has an id"))
    }
}
