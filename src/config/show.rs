//! `tenantry config`: what is in force, and where it comes from.

use url::Url;

use super::Config;
use super::setting::Setting;
use super::settings::ALL;
use super::values::Values;

impl Values {
    /// A line for each setting: its value, with what is secret left out, and where it comes from.
    /// `config` is what came out right, if it did.
    pub fn lines(&self, config: Option<&Config>) -> Vec<String> {
        ALL.iter().map(|setting| self.line(setting, config)).collect()
    }

    fn line(&self, setting: &Setting, config: Option<&Config>) -> String {
        let (text, source) = self.in_force(setting);
        let source = source.map_or_else(|| "default".to_owned(), ToString::to_string);
        let text = match (text, config) {
            (Some(text), _) if setting.is_secret() => without_password(text),
            (Some(text), _) => text.to_owned(),
            (None, Some(config)) => config.derived(setting.name).unwrap_or_default(),
            (None, None) => String::new(),
        };
        // A value stays on its line, whatever stands in it.
        let text: String =
            text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
        format!("{}={text}  ({source})", setting.name)
    }
}

impl Config {
    /// What follows from other settings where a setting is not set.
    fn derived(&self, name: &str) -> Option<String> {
        match name {
            "TENANTRY_BASE_URL" => Some(self.origin()),
            "TENANTRY_MAIL_FROM" => Some(self.mail_from.to_string()),
            _ => None,
        }
    }
}

/// A URL without its password; of what is no URL, nothing but its beginning.
fn without_password(text: &str) -> String {
    if text.starts_with("sqlite:") {
        return text.to_owned();
    }
    let scheme = text.split_once("://").map_or("", |(scheme, _)| scheme);
    let hidden = || format!("{scheme}://…");
    // What comes apart at the wrong place may have the password anywhere.
    if super::check::is_torn(text) || !scheme.chars().all(|c| c.is_ascii_alphanumeric()) {
        return hidden();
    }
    let Ok(mut url) = Url::parse(text) else {
        return hidden();
    };
    if url.password().is_some() && url.set_password(Some("HIDDEN")).is_err() {
        return hidden();
    }
    let is_secret = |name: &str| name.to_ascii_lowercase().contains("password");
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    if pairs.iter().any(|(name, _)| is_secret(name)) {
        let shown = pairs
            .iter()
            .map(|(name, value)| (name, if is_secret(name) { "HIDDEN" } else { value.as_str() }));
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
            ("postgres://u@h/d?password=s3cret&x=y", "postgres://u@h/d?password=HIDDEN&x=y"),
            ("postgres://u:s3/cret@h/d", "postgres://…"),
            ("postgres://u:s3#cret@h/d", "postgres://…"),
            ("postgres://u:s3?cret@h/d", "postgres://…"),
            ("smtp://mailer@h", "smtp://mailer@h"),
            ("s3cret", "://…"),
        ] {
            assert_eq!(without_password(text), shown);
        }
    }
}
