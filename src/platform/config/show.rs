//! `tenantry config`: the values in force, and their sources.

use url::Url;

use super::Config;
use super::check::{is_shown, is_torn};
use super::setting::Setting;
use super::settings::ALL;
use super::values::Values;

impl Values {
    /// One line for each setting: its value, without secrets, and its source. `config` is the valid
    /// result, if there is one.
    pub fn lines(&self, config: Option<&Config>) -> Vec<String> {
        ALL.iter().map(|setting| self.line(setting, config)).collect()
    }

    fn line(&self, setting: &Setting, config: Option<&Config>) -> String {
        let (text, source) = self.in_force(setting);
        let source = source.map_or_else(|| "default".to_owned(), ToString::to_string);
        let text = match (text, config) {
            (Some(text), _) if setting.is_secret() || may_hold_password(text) => {
                without_password(text)
            }
            (Some(text), _) => text.to_owned(),
            (None, Some(config)) => config.derived(setting.name).unwrap_or_default(),
            (None, None) => String::new(),
        };
        // A value stays on its line, whatever it contains.
        let text: String =
            text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
        format!("{}={text}  ({source})", setting.name)
    }
}

impl Config {
    /// The value derived from other settings, for a setting that is not set.
    fn derived(&self, name: &str) -> Option<String> {
        match name {
            "TENANTRY_BASE_URL" => Some(self.origin()),
            "TENANTRY_MAIL_FROM" => Some(self.mail_from.to_string()),
            _ => None,
        }
    }
}

/// Whether the text looks like a URL with a user name: only secret settings should have one.
fn may_hold_password(text: &str) -> bool {
    text.contains("://") && text.contains('@')
}

/// A URL without its password; for any other text, at most the scheme.
fn without_password(text: &str) -> String {
    if text.starts_with("sqlite:") {
        return text.to_owned();
    }
    let (scheme, rest) = text.split_once("://").unwrap_or_default();
    let is_scheme = !scheme.is_empty() && scheme.chars().all(|c| c.is_ascii_alphanumeric());
    let hidden = || if is_scheme { format!("{scheme}://…") } else { "…".to_owned() };
    // If the URL is split in the wrong place, the password may be in any part.
    if !is_scheme || rest.is_empty() || is_torn(text) {
        return hidden();
    }
    let Ok(mut url) = Url::parse(text) else {
        return hidden();
    };
    if url.password().is_some() && url.set_password(Some("HIDDEN")).is_err() {
        return hidden();
    }
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    if pairs.iter().any(|(name, _)| !is_shown(name)) {
        let shown = pairs
            .iter()
            .map(|(name, value)| (name, if is_shown(name) { value.as_str() } else { "HIDDEN" }));
        url.query_pairs_mut().clear().extend_pairs(shown);
    }
    url.to_string()
}

#[cfg(test)]
mod tests {
    use super::without_password;

    #[test]
    fn a_url_is_shown_without_its_password_wherever_that_stands() {
        for (text, shown) in [
            ("sqlite:data/tenantry.db", "sqlite:data/tenantry.db"),
            (
                "postgres://u:s3cret@h:5/d?sslmode=disable",
                "postgres://u:HIDDEN@h:5/d?sslmode=disable",
            ),
            ("postgres://u:s3cr@t@h/d", "postgres://u:HIDDEN@h/d"),
            ("postgres://u@h/d?password=s3cret&x=y", "postgres://u@h/d?password=HIDDEN&x=HIDDEN"),
            ("postgres://u:s3/cret@h/d", "postgres://…"),
            ("postgres://u:s3#cret@h/d", "postgres://…"),
            ("postgres://u:s3?cret@h/d", "postgres://…"),
            ("smtp://mailer@h", "smtp://mailer@h"),
            ("s3cret", "…"),
            ("smtp:u:s3cret@h", "…"),
            ("u:s3cret@h:25", "…"),
            ("postgres:/u:s3cret@h/d", "…"),
            ("s3cret@h://x", "…"),
            (
                "postgres://h/d?user=u&passwd=s3cret&options=-cx=s3cret",
                "postgres://h/d?user=u&passwd=HIDDEN&options=HIDDEN",
            ),
            ("https://u:s3cret@h", "https://u:HIDDEN@h/"),
        ] {
            assert_eq!(without_password(text), shown);
        }
    }
}
