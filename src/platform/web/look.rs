//! How pages look to a person, and whether single keys do something: theme, density and shortcuts.
//!
//! All are saved with the account, and read with the person on every request, at no further
//! statement. A small cookie repeats them, so that pages for nobody in particular, such as the one
//! to sign in and those of errors, look alike in the browser that was signed in last. The layouts
//! ask here, because they are drawn where no value from a handler would reach. What is drawn is
//! right from the beginning: no script has to change it.

use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::http::header::SET_COOKIE;
use axum::middleware::Next;
use axum::response::Response;

use super::cookie;
use crate::platform::App;
use crate::platform::db::row::FromRow;
use crate::platform::words::words;

/// The cookie that repeats what the account says.
pub const COOKIE: &str = "look";

/// How long the cookie lasts, in seconds: as long as browsers keep any.
const LIFETIME: u32 = 400 * 24 * 60 * 60;

/// The background of the bar in a light theme, and in a dark one: `--bg-side` of the styles.
const BAR: [&str; 2] = ["#f1efeb", "#0e1011"];

words! {
    /// The colours of pages.
    pub enum Theme, "Choose a theme." {
        /// Those that the device prefers.
        System = "system", "System";
        /// Dark on light.
        Light = "light", "Light";
        /// Light on dark.
        Dark = "dark", "Dark";
    }
}

words! {
    /// How much room pages leave between things.
    pub enum Density, "Choose a density." {
        /// The usual amount.
        Comfortable = "comfortable", "Comfortable";
        /// As little as can be read and met well.
        Compact = "compact", "Compact";
    }
}

words! {
    /// Whether single keys do something on pages.
    pub enum Shortcuts, "Choose whether single keys do something." {
        /// They do.
        On = "on", "On";
        /// They do not, for people whose speech or hands would press them by mistake.
        Off = "off", "Off";
    }
}

impl Theme {
    /// The themes that pages are prepared for, in the words of `color-scheme`: browsers draw the
    /// empty page, its controls and its scroll bars accordingly, before the styles have come.
    pub fn color_schemes(self) -> &'static str {
        match self {
            Self::System => "light dark",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The colours of the browser's own bars, each with the preference that it is for; `""` is any.
    pub fn bars(self) -> &'static [(&'static str, &'static str)] {
        const LIGHT: &str = BAR[0];
        const DARK: &str = BAR[1];
        match self {
            Self::System => &[(LIGHT, "light"), (DARK, "dark")],
            Self::Light => &[(LIGHT, "")],
            Self::Dark => &[(DARK, "")],
        }
    }
}

/// How pages look to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromRow)]
pub struct Look {
    /// The colours.
    pub theme: Theme,
    /// The room between things.
    pub density: Density,
    /// Whether single keys do something.
    pub shortcuts: Shortcuts,
}

impl Default for Look {
    fn default() -> Self {
        Self { theme: Theme::System, density: Density::Comfortable, shortcuts: Shortcuts::On }
    }
}

impl Look {
    /// Reads the cookie's text.
    fn parse(text: &str) -> Option<Self> {
        let mut words = text.splitn(3, '.');
        Some(Self {
            theme: words.next()?.parse().ok()?,
            density: words.next()?.parse().ok()?,
            shortcuts: words.next()?.parse().ok()?,
        })
    }

    fn text(self) -> String {
        format!("{}.{}.{}", self.theme, self.density, self.shortcuts)
    }

    /// How the page that is being rendered looks.
    pub fn here() -> Self {
        let place = PLACE.try_with(|place| place.own().or(place.held)).ok().flatten();
        place.unwrap_or_default()
    }

    /// Sets how pages look to the person who sends the request.
    pub fn set(self) {
        // Outside a request nothing is rendered.
        let _outside = PLACE.try_with(|place| {
            *place.own.lock().unwrap_or_else(PoisonError::into_inner) = Some(self);
        });
    }
}

/// The look of one request.
#[derive(Clone, Debug)]
struct Place {
    /// What the browser's cookie says.
    held: Option<Look>,
    /// What the account of the signed-in person says, once it was read.
    own: Arc<Mutex<Option<Look>>>,
}

impl Place {
    fn own(&self) -> Option<Look> {
        *self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

tokio::task_local! {
    static PLACE: Place;
}

/// Makes the look available to everything that the request renders, and has the browser remember
/// that of the person who is signed in.
pub async fn carry(State(app): State<App>, request: Request, next: Next) -> Response {
    let held = cookie::read(request.headers(), COOKIE, &app.config, Look::parse);
    let place = Place { held, own: Arc::default() };
    let mut response = PLACE.scope(place.clone(), next.run(request)).await;
    let Some(own) = place.own().filter(|own| *own != held.unwrap_or_default()) else {
        return response;
    };
    let cookie = match own == Look::default() {
        true => cookie::write(COOKIE, "", 0, &app.config),
        false => cookie::write(COOKIE, &own.text(), LIFETIME, &app.config),
    };
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::{BAR, Density, Look, Shortcuts, Theme};

    #[test]
    fn a_look_survives_its_text_and_anything_else_is_none() {
        let look =
            Look { theme: Theme::Dark, density: Density::Compact, shortcuts: Shortcuts::Off };
        assert_eq!(Look::parse(&look.text()), Some(look));
        for text in ["", "dark.compact", "..on", "dark.compact.on.x", "night.compact.on", "\"><b>"]
        {
            assert_eq!(Look::parse(text), None, "{text}");
        }
        assert_eq!(Look::here(), Look::default());
    }

    #[test]
    fn the_colours_of_bars_are_those_of_the_styles() {
        let styles = include_str!("../../../static/app.css");
        let [light, dark] = BAR;
        assert!(styles.contains(&format!("--bg-side: light-dark({light}, {dark});")));
    }
}
