//! A browser as a person uses it: reading what is shown, pressing controls by their names, and
//! typing.

use std::time::{Duration, Instant};

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::key::Key;
use fantoccini::{Client, Locator};
use serde_json::{Value, json};

use super::cdp::Cdp;

/// How long to wait for something to appear.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(40);

/// A separate browser, used by one person.
pub struct Profile {
    pub(super) client: Client,
    pub origin: String,
}

impl Profile {
    pub(super) fn new(client: Client, origin: &str) -> Self {
        Self { client, origin: origin.to_owned() }
    }

    /// Enters an address into the address bar: a path, or a complete link.
    pub async fn open(&self, address: &str) {
        let link = match address.starts_with('/') {
            true => format!("{}{address}", self.origin),
            false => address.to_owned(),
        };
        self.client.goto(&link).await.unwrap();
    }

    /// The path and query in the address bar.
    pub async fn address(&self) -> String {
        let url = self.client.current_url().await.unwrap();
        url.as_str().strip_prefix(&self.origin).unwrap_or(url.as_str()).to_owned()
    }

    /// Waits until the address bar shows `address`.
    pub async fn arrives_at(&self, address: &str) {
        let seen = self.until(async || (self.address().await == address).then_some(())).await;
        if seen.is_none() {
            self.fail(&format!("should be at {address}")).await;
        }
    }

    /// Loads the page again.
    pub async fn reload(&self) {
        self.client.refresh().await.unwrap();
    }

    /// Goes back, as the button in the browser does.
    pub async fn go_back(&self) {
        self.client.back().await.unwrap();
    }

    /// Waits for the first visible element that matches `selector`.
    pub async fn see(&self, selector: &str) -> Element {
        self.visible(Locator::Css(selector), selector).await
    }

    /// Waits until the page contains `text`.
    pub async fn reads(&self, text: &str) {
        self.reads_in("body", text).await;
    }

    /// Waits until a visible element that matches `selector` contains `text`.
    pub async fn reads_in(&self, selector: &str, text: &str) {
        let look = async || {
            let texts = self.texts(selector).await;
            texts.iter().any(|seen| seen.contains(text)).then_some(())
        };
        if self.until(look).await.is_none() {
            self.fail(&format!("should read “{text}” in {selector}")).await;
        }
    }

    /// Waits until no visible element matches `selector`.
    pub async fn loses(&self, selector: &str) {
        let look = async || self.texts(selector).await.is_empty().then_some(());
        if self.until(look).await.is_none() {
            self.fail(&format!("should not see {selector}")).await;
        }
    }

    /// The texts of all visible elements that match `selector`, at this moment.
    pub async fn texts(&self, selector: &str) -> Vec<String> {
        let mut texts = Vec::new();
        for element in self.client.find_all(Locator::Css(selector)).await.unwrap() {
            // An element that is replaced meanwhile is not visible any more.
            if element.is_displayed().await.unwrap_or(false)
                && let Ok(text) = element.text().await
            {
                texts.push(text);
            }
        }
        texts
    }

    /// The value of an attribute of the element that matches `selector`.
    pub async fn attribute(&self, selector: &str, name: &str) -> Option<String> {
        self.see(selector).await.attr(name).await.unwrap()
    }

    /// The value of the field.
    pub async fn value(&self, selector: &str) -> String {
        self.see(selector).await.prop("value").await.unwrap().unwrap_or_default()
    }

    /// Presses the button or link named `name`, by its text or its label.
    pub async fn press(&self, name: &str) {
        self.press_in("body", name).await;
    }

    /// Presses the button or link named `name` inside the element that matches `selector`.
    pub async fn press_in(&self, selector: &str, name: &str) {
        let look = async || {
            for element in self.client.find_all(Locator::Css(selector)).await.ok()? {
                for control in element.find_all(Locator::XPath(&controls(name))).await.ok()? {
                    if control.is_displayed().await.unwrap_or(false)
                        && control.click().await.is_ok()
                    {
                        return Some(());
                    }
                }
            }
            None
        };
        if self.until(look).await.is_none() {
            self.fail(&format!("should be able to press “{name}”")).await;
        }
    }

    /// Clears the field with this label, and types.
    pub async fn fill(&self, label: &str, text: &str) {
        let field = format!(
            "//*[@id=//label[normalize-space(.)='{label}']/@for]\
             |//label[normalize-space(.)='{label}']//input|//*[@aria-label='{label}']"
        );
        let field = self.visible(Locator::XPath(&field), &format!("the field “{label}”")).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Selects an option of the list with this label.
    pub async fn choose(&self, label: &str, option: &str) {
        let list = format!(
            "//select[@aria-label='{label}' or @id=//label[normalize-space(.)='{label}']/@for]"
        );
        let list = self.visible(Locator::XPath(&list), &format!("the list “{label}”")).await;
        list.select_by_label(option).await.unwrap();
    }

    /// Presses a key, wherever the focus is.
    pub async fn key(&self, key: Key) {
        let value = char::from(key);
        let keys = KeyActions::new("keyboard".to_owned())
            .then(KeyAction::Down { value })
            .then(KeyAction::Up { value });
        self.client.perform_actions(keys).await.unwrap();
    }

    /// Pastes the clipboard into the field with this label.
    pub async fn paste_into(&self, label: &str) {
        self.fill(label, "").await;
        let (hold, letter) = (char::from(Key::Control), 'v');
        let keys = KeyActions::new("keyboard".to_owned())
            .then(KeyAction::Down { value: hold })
            .then(KeyAction::Down { value: letter })
            .then(KeyAction::Up { value: letter })
            .then(KeyAction::Up { value: hold });
        self.client.perform_actions(keys).await.unwrap();
    }

    /// The label of the focused element, or its text as a screen reader reads it.
    pub async fn focused(&self) -> String {
        let script = "const at = document.activeElement, text = at.cloneNode(true);
            text.querySelectorAll('[aria-hidden=true]').forEach((part) => part.remove());
            return at.getAttribute('aria-label') || at.name
                || text.textContent.replace(/\\s+/g, ' ').trim() || at.tagName";
        self.script(script).await.as_str().unwrap_or_default().to_owned()
    }

    /// Runs a script in the page.
    pub async fn script(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    /// Runs a script in the page that passes its result to `arguments[1]`, once it has it.
    pub async fn script_to_end(&self, script: &str, argument: Value) -> Value {
        self.client.execute_async(script, vec![argument]).await.unwrap()
    }

    /// Marks the page, so that [`Self::is_same_page`] can tell whether another one was loaded.
    pub async fn mark_page(&self) {
        self.script("window.marked = true").await;
    }

    /// Whether this is still the marked page.
    pub async fn is_same_page(&self) -> bool {
        self.script("return window.marked === true").await == json!(true)
    }

    /// Gives the browser a virtual authenticator, whose owner unlocks it whenever asked.
    pub async fn plug_in_authenticator(&self) {
        let options = json!({ "options": {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": true,
            "hasUserVerification": true, "isUserVerified": true,
            "automaticPresenceSimulation": true,
        } });
        for (command, parameters) in
            [("WebAuthn.enable", json!({})), ("WebAuthn.addVirtualAuthenticator", options)]
        {
            self.command(command, parameters).await;
        }
    }

    /// Takes the network away from the browser, or gives it back.
    pub async fn be_offline(&self, is_offline: bool) {
        let network = json!({
            "offline": is_offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1,
        });
        for (command, parameters) in
            [("Network.enable", json!({})), ("Network.emulateNetworkConditions", network)]
        {
            self.client.issue_cmd(Cdp { command, parameters }).await.unwrap();
        }
    }

    /// Gives the window a phone's size.
    pub async fn hold_as_phone(&self, width: u32, height: u32) {
        self.command("Emulation.setDeviceMetricsOverride", screen(width, height, true)).await;
    }

    /// Gives the window the size of a screen on a desk.
    pub async fn put_on_desk(&self, width: u32, height: u32) {
        self.command("Emulation.setDeviceMetricsOverride", screen(width, height, false)).await;
    }

    /// Makes the system prefer a theme, `light` or `dark`.
    pub async fn prefer(&self, theme: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": theme }]);
        self.command("Emulation.setEmulatedMedia", json!({ "features": features })).await;
    }

    async fn command(&self, command: &'static str, parameters: Value) {
        self.client.issue_cmd(Cdp { command, parameters }).await.unwrap();
    }

    async fn visible(&self, locator: Locator<'_>, what: &str) -> Element {
        let look = async || {
            for element in self.client.find_all(locator).await.ok()? {
                if element.is_displayed().await.unwrap_or(false) {
                    return Some(element);
                }
            }
            None
        };
        match self.until(look).await {
            Some(element) => element,
            None => self.fail(&format!("should see {what}")).await,
        }
    }

    /// Looks until something is there, or the time is over.
    pub(super) async fn until<T>(&self, look: impl AsyncFn() -> Option<T>) -> Option<T> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let found = look().await;
            if found.is_some() || Instant::now() > deadline {
                return found;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Fails the test, and prints what is on the page instead.
    pub async fn fail(&self, what: &str) -> ! {
        let page = self.texts("body").await.join("\n");
        panic!("{what}, but at {}:\n{page}", self.address().await)
    }
}

fn screen(width: u32, height: u32, is_phone: bool) -> Value {
    json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": is_phone })
}

/// An XPath for all controls named `name`.
fn controls(name: &str) -> String {
    format!(
        ".//*[self::a or self::button or self::summary]\
         [@aria-label='{name}' or (not(@aria-label) and normalize-space(.)='{name}')]"
    )
}
