//! Names of time zones: `browser`, `utc` and those of the IANA database.

use std::str::FromStr;

use chrono_tz::{TZ_VARIANTS, Tz};

use super::nearest::nearest;

/// The reader's own zone, as Grafana calls it.
pub(super) const BROWSER: &str = "browser";

/// Zones that a message offers where nothing is near.
pub(super) const EXAMPLES: &str = "browser, utc or a name such as Europe/Berlin";

/// The zone of a name; the inner `None` is the reader's own.
#[expect(clippy::option_option, reason = "outside: known or not, inside: a zone or the reader's own")]
pub(super) fn read(name: &str) -> Option<Option<Tz>> {
    if name == BROWSER {
        return Some(None);
    }
    let is_utc = name.eq_ignore_ascii_case("utc");
    if is_utc { Some(Some(Tz::UTC)) } else { Tz::from_str(name).ok().map(Some) }
}

/// The name that a mistyped one most likely means: `Berlin`, `europe/berlin` and `Europe/Berln` are `Europe/Berlin`.
pub(super) fn meant(name: &str) -> Option<&'static str> {
    let names = || TZ_VARIANTS.iter().map(|zone| zone.name());
    let typed = name.trim().replace(' ', "_");
    let is_city = |zone: &&str| zone.rsplit('/').next().is_some_and(|city| city.eq_ignore_ascii_case(&typed));
    let alike = || names().find(|zone| zone.eq_ignore_ascii_case(&typed));
    alike().or_else(|| names().find(is_city)).or_else(|| nearest(&typed, names().chain([BROWSER])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_read_and_mistyped_ones_have_a_neighbour() {
        assert_eq!(read("browser"), Some(None));
        assert_eq!(read("utc"), Some(Some(Tz::UTC)));
        assert_eq!(read("Asia/Tokyo"), Some(Some(Tz::Asia__Tokyo)));
        assert_eq!(read(""), None);
        for (typed, zone) in [
            ("Berlin", Some("Europe/Berlin")),
            ("europe/berlin", Some("Europe/Berlin")),
            ("Europe/Berln", Some("Europe/Berlin")),
            ("new york", Some("America/New_York")),
            ("America/Argentina/buenos aires", Some("America/Argentina/Buenos_Aires")),
            ("brwoser", Some("browser")),
            ("the moon", None),
            ("", None),
        ] {
            assert_eq!(read(typed), None, "{typed}");
            assert_eq!(meant(typed), zone, "{typed}");
        }
    }
}
