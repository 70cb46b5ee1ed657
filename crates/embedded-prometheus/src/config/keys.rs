//! The keys of `prometheus.yml` and of rule files: those that are read, and those of Prometheus 3.5 that are not.

use super::fields::Keys;

pub(super) const TOP: Keys = Keys {
    what: "the configuration",
    known: &["global", "rule_files", "scrape_configs"],
    unsupported: &[
        "alerting",
        "otlp",
        "remote_read",
        "remote_write",
        "runtime",
        "scrape_config_files",
        "storage",
        "tracing",
    ],
};

pub(super) const GLOBAL: Keys = Keys {
    what: "`global`",
    known: &["scrape_interval", "scrape_timeout", "evaluation_interval", "external_labels"],
    unsupported: &[
        "always_scrape_classic_histograms",
        "body_size_limit",
        "convert_classic_histograms_to_nhcb",
        "extra_scrape_metrics",
        "keep_dropped_targets",
        "label_limit",
        "label_name_length_limit",
        "label_value_length_limit",
        "metric_name_escaping_scheme",
        "metric_name_validation_scheme",
        "query_log_file",
        "rule_query_offset",
        "sample_limit",
        "scrape_failure_log_file",
        "scrape_native_histograms",
        "scrape_protocols",
        "target_limit",
    ],
};

pub(super) const SCRAPE: Keys = Keys {
    what: "a scrape config",
    known: &[
        "job_name",
        "scrape_interval",
        "scrape_timeout",
        "scheme",
        "metrics_path",
        "params",
        "honor_labels",
        "honor_timestamps",
        "track_timestamps_staleness",
        "fallback_scrape_protocol",
        "basic_auth",
        "authorization",
        "bearer_token",
        "bearer_token_file",
        "tls_config",
        "follow_redirects",
        "proxy_url",
        "sample_limit",
        "body_size_limit",
        "label_limit",
        "label_name_length_limit",
        "label_value_length_limit",
        "target_limit",
        "static_configs",
        "file_sd_configs",
        "relabel_configs",
        "metric_relabel_configs",
    ],
    unsupported: &[
        "always_scrape_classic_histograms",
        "azure_sd_configs",
        "consul_sd_configs",
        "convert_classic_histograms_to_nhcb",
        "digitalocean_sd_configs",
        "dns_sd_configs",
        "docker_sd_configs",
        "dockerswarm_sd_configs",
        "ec2_sd_configs",
        "enable_compression",
        "enable_http2",
        "eureka_sd_configs",
        "extra_scrape_metrics",
        "gce_sd_configs",
        "hetzner_sd_configs",
        "http_headers",
        "http_sd_configs",
        "ionos_sd_configs",
        "keep_dropped_targets",
        "kubernetes_sd_configs",
        "kuma_sd_configs",
        "lightsail_sd_configs",
        "linode_sd_configs",
        "marathon_sd_configs",
        "metric_name_escaping_scheme",
        "metric_name_validation_scheme",
        "native_histogram_bucket_limit",
        "native_histogram_min_bucket_factor",
        "nerve_sd_configs",
        "no_proxy",
        "nomad_sd_configs",
        "oauth2",
        "openstack_sd_configs",
        "ovhcloud_sd_configs",
        "proxy_connect_header",
        "proxy_from_environment",
        "puppetdb_sd_configs",
        "scaleway_sd_configs",
        "scrape_classic_histograms",
        "scrape_failure_log_file",
        "scrape_native_histograms",
        "scrape_protocols",
        "serverset_sd_configs",
        "stackit_sd_configs",
        "triton_sd_configs",
        "uyuni_sd_configs",
        "vultr_sd_configs",
    ],
};

pub(super) const BASIC_AUTH: Keys = Keys {
    what: "`basic_auth`",
    known: &["username", "password", "password_file"],
    unsupported: &["username_file", "username_ref", "password_ref"],
};

pub(super) const AUTHORIZATION: Keys = Keys {
    what: "`authorization`",
    known: &["type", "credentials", "credentials_file"],
    unsupported: &["credentials_ref"],
};

pub(super) const TLS: Keys = Keys {
    what: "`tls_config`",
    known: &["ca_file", "cert_file", "key_file", "server_name", "insecure_skip_verify"],
    unsupported: &["ca", "cert", "key", "ca_ref", "cert_ref", "key_ref", "min_version", "max_version"],
};

pub(super) const STATIC: Keys =
    Keys { what: "a static config", known: &["targets", "labels"], unsupported: &[] };

pub(super) const FILE_SD: Keys =
    Keys { what: "a file_sd config", known: &["files", "refresh_interval"], unsupported: &[] };

pub(super) const RELABEL: Keys = Keys {
    what: "a relabel rule",
    known: &["source_labels", "separator", "regex", "modulus", "target_label", "replacement", "action"],
    unsupported: &[],
};

/// The top of a rule file.
pub(crate) const RULE_FILE: Keys = Keys { what: "a rule file", known: &["groups"], unsupported: &[] };

/// A rule group.
pub(crate) const RULE_GROUP: Keys = Keys {
    what: "a rule group",
    known: &["name", "interval", "query_offset", "limit", "rules", "labels"],
    unsupported: &[],
};

/// A rule.
pub(crate) const RULE: Keys = Keys {
    what: "a rule",
    known: &["record", "alert", "expr", "for", "keep_firing_for", "labels", "annotations"],
    unsupported: &[],
};
