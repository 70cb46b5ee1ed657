//! The HTTP API, as Prometheus gives it.
