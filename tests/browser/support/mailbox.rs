//! Reads emails in the development mailbox.

use fantoccini::Locator;

use super::profile::Profile;

impl Profile {
    /// Waits for an email in the mailbox, opens it, and returns its text.
    pub async fn read_mail(&self, subject: &str) -> String {
        let look = async || {
            self.open("/dev/mailbox").await;
            let mails = self.client.find_all(Locator::Css(".mail-link")).await.ok()?;
            for mail in mails {
                if mail.text().await.ok()?.contains(subject) {
                    return Some(mail);
                }
            }
            None
        };
        let Some(mail) = self.until(look).await else {
            self.fail(&format!("should find the mail “{subject}”")).await;
        };
        mail.click().await.unwrap();
        self.reads_in("h1", subject).await;
        self.see("pre.mail-text").await.text().await.unwrap()
    }
}

/// The first link in an email's text that contains `part`.
pub fn link_in(text: &str, part: &str) -> String {
    let mut links = text.split_whitespace().filter(|word| word.starts_with("http"));
    let link = links.find(|link| link.contains(part));
    link.unwrap_or_else(|| panic!("no link with {part} in: {text}")).to_owned()
}
