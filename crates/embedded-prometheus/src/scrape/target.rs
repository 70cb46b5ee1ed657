//! Targets out of discovered labels: defaults, relabelling, the address that is asked. The rules are those of
//! Prometheus's `PopulateLabels` (Copyright The Prometheus Authors, Apache-2.0); as in Prometheus 3 no port is added.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::duration;
use crate::config::{Scheme, ScrapeConfig, TargetGroup};
use crate::model::{Labels, LabelsBuilder};
use crate::relabel;

const ADDRESS: &str = "__address__";
const SCHEME: &str = "__scheme__";
const METRICS_PATH: &str = "__metrics_path__";
const SCRAPE_INTERVAL: &str = "__scrape_interval__";
const SCRAPE_TIMEOUT: &str = "__scrape_timeout__";
const PARAM_PREFIX: &str = "__param_";
const META_PREFIX: &str = "__meta_";
const RESERVED_PREFIX: &str = "__";

/// Something that is scraped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    /// Its labels, those of `__` left out.
    pub(super) labels: Labels,
    /// Its labels before relabelling.
    pub(super) discovered: Labels,
    /// The address that is asked.
    pub(super) url: String,
    pub(super) interval_ms: i64,
    pub(super) timeout_ms: i64,
    /// Of its labels after relabelling and its address: two targets with the same are one.
    pub(super) hash: u64,
}

/// What becomes of an address that was discovered.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Populated {
    /// It is scraped.
    Kept(Box<Target>),
    /// Relabelling dropped it; its labels before that.
    Dropped(Labels),
}

/// The labels of the target `address` before relabelling.
fn discovered(config: &ScrapeConfig, group: &TargetGroup, address: &str) -> Labels {
    let mut builder = LabelsBuilder::default();
    for (name, value) in &group.labels {
        builder.set(name, value);
    }
    builder.set(ADDRESS, address);
    let labels = builder.clone().build();
    let scheme = match config.scheme {
        Scheme::Http => "http",
        Scheme::Https => "https",
    };
    for (name, value) in [
        ("job", config.job_name.as_str()),
        (SCRAPE_INTERVAL, &duration::format(config.scrape_interval_ms)),
        (SCRAPE_TIMEOUT, &duration::format(config.scrape_timeout_ms)),
        (METRICS_PATH, &config.metrics_path),
        (SCHEME, scheme),
    ] {
        if labels.get(name).is_empty() {
            builder.set(name, value);
        }
    }
    for (name, values) in &config.params {
        if let Some(first) = values.first() {
            builder.set(&format!("{PARAM_PREFIX}{name}"), first);
        }
    }
    builder.build()
}

/// What becomes of the address `address` of `group`, or why it can be no target.
pub(super) fn populate(
    config: &ScrapeConfig,
    group: &TargetGroup,
    address: &str,
) -> Result<Populated, String> {
    let discovered = discovered(config, group, address);
    let Some(labels) =
        relabel::apply(&discovered, &config.relabel_configs).filter(|labels| !labels.is_empty())
    else {
        return Ok(Populated::Dropped(discovered));
    };
    let address = labels.get(ADDRESS);
    if address.is_empty() {
        return Err("no address".into());
    }
    if address.contains(['/', '@', '?', '#']) {
        return Err(format!("{address:?} is not a valid hostname"));
    }
    let time = |label: &str, what: &str| match duration::parse(labels.get(label)) {
        Err(error) => Err(format!("error parsing scrape {what}: {error}")),
        Ok(0) => Err(format!("scrape {what} cannot be 0")),
        Ok(ms) => Ok(ms),
    };
    let interval_ms = time(SCRAPE_INTERVAL, "interval")?;
    let timeout_ms = time(SCRAPE_TIMEOUT, "timeout")?;
    if timeout_ms > interval_ms {
        let (timeout, interval) = (labels.get(SCRAPE_TIMEOUT), labels.get(SCRAPE_INTERVAL));
        return Err(format!(
            "scrape timeout cannot be greater than scrape interval ({timeout:?} > {interval:?})"
        ));
    }
    let mut builder = labels.filtered(|name| !name.starts_with(META_PREFIX)).builder();
    if labels.get("instance").is_empty() {
        builder.set("instance", address);
    }
    let all = builder.build();
    let url = url(&all, &config.params);
    let mut hash = Fnv::default();
    for label in all.iter() {
        hash.eat(&label.name);
        hash.eat(&label.value);
    }
    hash.eat(&url);
    Ok(Populated::Kept(Box::new(Target {
        labels: all.filtered(|name| !name.starts_with(RESERVED_PREFIX)),
        discovered,
        url,
        interval_ms,
        timeout_ms,
        hash: hash.0,
    })))
}

/// The address as Go writes it.
fn url(labels: &Labels, params: &BTreeMap<String, Vec<String>>) -> String {
    let mut params = params.clone();
    for label in labels.iter() {
        if let Some(name) = label.name.strip_prefix(PARAM_PREFIX) {
            let values = params.entry(name.to_owned()).or_default();
            match values.first_mut() {
                Some(first) => label.value.as_ref().clone_into(first),
                None => values.push(label.value.as_ref().to_owned()),
            }
        }
    }
    let path = labels.get(METRICS_PATH);
    let slash = if path.starts_with('/') || path.is_empty() { "" } else { "/" };
    let mut url = format!("{}://{}{slash}", labels.get(SCHEME), labels.get(ADDRESS));
    escape(&mut url, path, b"$&+,/:;=@");
    let mut separator = '?';
    for (name, values) in &params {
        for value in values {
            url.push(separator);
            separator = '&';
            escape(&mut url, name, b" ");
            url.push('=');
            escape(&mut url, value, b" ");
        }
    }
    url
}

/// Appends `text` with everything in percents but what never needs it and what `plain` says; a blank so allowed is a
/// plus sign.
fn escape(out: &mut String, text: &str, plain: &[u8]) {
    for byte in text.bytes() {
        match byte {
            b' ' if plain.contains(&b' ') => out.push('+'),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(byte as char),
            _ if plain.contains(&byte) => out.push(byte as char),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
}

/// FNV-1a: which target is which, and its place in the interval, must not change from one start to the next.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn eat(&mut self, text: &str) {
        for byte in text.bytes().chain([0xff]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relabel::{Action, Rule};
    use crate::scrape::test_config;
    use crate::storage::anchored_regex;

    fn kept(config: &ScrapeConfig, labels: &[(&str, &str)], address: &str) -> Target {
        match populate(config, &group(labels), address) {
            Ok(Populated::Kept(target)) => *target,
            other => panic!("{other:?}"),
        }
    }

    fn group(labels: &[(&str, &str)]) -> TargetGroup {
        let labels = labels.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        TargetGroup { labels, ..TargetGroup::default() }
    }

    #[test]
    fn defaults() {
        let target = kept(&test_config("api"), &[("zone", "a"), ("__meta_x", "y")], "host:80");
        assert_eq!(target.labels.to_string(), r#"{instance="host:80", job="api", zone="a"}"#);
        assert_eq!(target.url, "http://host:80/metrics");
        assert_eq!(
            target.discovered.to_string(),
            r#"{__address__="host:80", __meta_x="y", __metrics_path__="/metrics", __scheme__="http", __scrape_interval__="1s", __scrape_timeout__="500ms", job="api", zone="a"}"#
        );
        // Prometheus 3 adds no port.
        assert_eq!(kept(&test_config("api"), &[], "host").labels.get("instance"), "host");
    }

    #[test]
    fn labels_of_the_group_come_before_the_configuration() {
        let labels = [
            ("job", "own"),
            ("__scheme__", "https"),
            ("__metrics_path__", "a b?c"),
            ("__scrape_interval__", "1m"),
            ("__scrape_timeout__", "30s"),
            ("instance", "me"),
            ("__param_module", "x&y z"),
        ];
        let mut config = test_config("api");
        config.params.insert("target".into(), vec!["1".into(), "2".into()]);
        let target = kept(&config, &labels, "host");
        assert_eq!(target.labels.to_string(), r#"{instance="me", job="own"}"#);
        assert_eq!(target.url, "https://host/a%20b%3Fc?module=x%26y+z&target=1&target=2");
        assert_eq!((target.interval_ms, target.timeout_ms), (60_000, 30_000));
    }

    #[test]
    fn what_can_be_no_target() {
        let config = test_config("api");
        for (labels, address, expected) in [
            (&[][..], "", "no address"),
            (&[], "http://host", "\"http://host\" is not a valid hostname"),
            (&[("__scrape_interval__", "0s")], "host", "scrape interval cannot be 0"),
            (
                &[("__scrape_timeout__", "x")],
                "host",
                "error parsing scrape timeout: not a valid duration string: \"x\"",
            ),
            (
                &[("__scrape_timeout__", "2s")],
                "host",
                "scrape timeout cannot be greater than scrape interval (\"2s\" > \"1s\")",
            ),
        ] {
            assert_eq!(populate(&config, &group(labels), address), Err(expected.to_owned()));
        }
    }

    #[test]
    fn relabelling_drops_and_rewrites() {
        let mut config = test_config("api");
        config.relabel_configs = vec![Rule {
            source_labels: vec!["__address__".into()],
            separator: ";".into(),
            regex: anchored_regex("keep.*").unwrap(),
            regex_text: "keep.*".into(),
            modulus: 0,
            target_label: String::new(),
            replacement: "$1".into(),
            action: Action::Keep,
        }];
        assert!(matches!(populate(&config, &group(&[]), "other"), Ok(Populated::Dropped(_))));
        config.relabel_configs[0].action = Action::Replace;
        config.relabel_configs[0].target_label = "__address__".into();
        config.relabel_configs[0].replacement = "proxy:1".into();
        let target = kept(&config, &[], "keep-me");
        assert_eq!(target.url, "http://proxy:1/metrics");
        assert_eq!(target.labels.get("instance"), "proxy:1");
        assert_eq!(target.hash, kept(&config, &[("__meta_a", "b")], "keep-you").hash);
    }
}
