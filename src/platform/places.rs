//! The location of an IP address, as far as it is known without asking anybody. The operator can
//! provide a file in the MaxMind DB format; without it, only the address itself is evaluated.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use maxminddb::Reader;
use serde::Deserialize;

use crate::platform::clock::Timestamp;

/// The operator's file, read into memory once.
#[derive(Clone)]
pub struct Places {
    path: PathBuf,
    reader: Arc<Reader<Vec<u8>>>,
}

/// The fields of a record that we use.
#[derive(Deserialize)]
struct Record {
    city: Option<Place>,
    country: Option<Place>,
}

#[derive(Deserialize)]
struct Place {
    names: Option<BTreeMap<String, String>>,
}

impl Place {
    fn name(self) -> Option<String> {
        self.names?.remove("en").filter(|name| !name.is_empty())
    }
}

impl Places {
    /// Reads the file at `path`.
    ///
    /// # Errors
    /// A message when the file cannot be read or has another format.
    pub fn open(path: &Path) -> Result<Self, String> {
        let bytes = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let reader = Reader::from_source(bytes).map_err(|_| {
            format!("{}: this is not a file in the MaxMind DB format", path.display())
        })?;
        Ok(Self { path: path.to_owned(), reader: Arc::new(reader) })
    }

    /// City and country of an address, or only one of them.
    fn find(&self, address: IpAddr) -> Option<String> {
        let record: Record = self.reader.lookup(address).ok()?.decode().ok()??;
        let names = [record.city, record.country].into_iter().flatten();
        let names: Vec<String> = names.filter_map(Place::name).collect();
        (!names.is_empty()).then(|| names.join(", "))
    }
}

/// Describes the file for `tenantry doctor`.
impl fmt::Display for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = i64::try_from(self.reader.metadata().build_epoch).unwrap_or_default();
        let built = Timestamp::from_micros(seconds.saturating_mul(1_000_000));
        let kind = &self.reader.metadata().database_type;
        write!(f, "{} ({kind}, built on {})", self.path.display(), built.day())
    }
}

/// The address, with its location in words if that is known.
pub fn describe(places: Option<&Places>, address: &str) -> String {
    let Ok(parsed) = address.parse::<IpAddr>() else {
        return address.to_owned();
    };
    let place = match known_of(parsed.to_canonical()) {
        Some(place) => Some(place.to_owned()),
        None => places.and_then(|places| places.find(parsed.to_canonical())),
    };
    match place {
        Some(place) => format!("{address} ({place})"),
        None => address.to_owned(),
    }
}

/// What the address itself reveals.
fn known_of(address: IpAddr) -> Option<&'static str> {
    let is_private = match address {
        IpAddr::V4(address) => address.is_private() || address.is_link_local(),
        IpAddr::V6(address) => address.is_unique_local() || address.is_unicast_link_local(),
    };
    if address.is_loopback() {
        Some("this machine")
    } else if is_private {
        Some("a private network")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::describe;

    #[test]
    fn without_a_file_an_address_tells_what_it_tells_by_itself() {
        for (address, words) in [
            ("127.0.0.1", "127.0.0.1 (this machine)"),
            ("::1", "::1 (this machine)"),
            ("::ffff:10.1.2.3", "::ffff:10.1.2.3 (a private network)"),
            ("192.168.1.7", "192.168.1.7 (a private network)"),
            ("fd00::7", "fd00::7 (a private network)"),
            ("fe80::7", "fe80::7 (a private network)"),
            ("203.0.113.7", "203.0.113.7"),
            ("2001:db8::7", "2001:db8::7"),
            ("nonsense", "nonsense"),
        ] {
            assert_eq!(describe(None, address), words);
        }
    }
}
